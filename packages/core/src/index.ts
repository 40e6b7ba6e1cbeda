/** Everything other packages may use from core. One block per file. */
export type { AnswerBase, AudioAnswer, TextAnswer } from './answer.ts';
export { answerToWire } from './answer-to-wire.ts';
export type { WireAnswer } from './answer-to-wire.ts';
export { BATCH_DEADLINE_S, batchTermsOf, limitBatch, shouldClose } from './batch-lane.ts';
export type { BatchLimits, BatchTerms, ClosingRule, Collection } from './batch-lane.ts';
export { blendCost } from './blend-cost.ts';
export { boundSpeechCost } from './bound-speech-cost.ts';
export type { BoundedSpeech } from './bound-speech-cost.ts';
export { BULK_LIMITS, parseBulkLine } from './bulk-line.ts';
export type { BulkRequest } from './bulk-line.ts';
export { CatalogueModelSchema } from './catalogue-schema.ts';
export type { CatalogueModel, CatalogueSet } from './catalogue-schema.ts';
export { CATALOGUE, CATALOGUE_SETS, configOf, findCatalogueModel, isGone, listCatalogue, pricesOf } from './catalogue.ts';
export type { CatalogueEntry } from './catalogue.ts';
export { cleanOptions, IDENTITY_KEYS } from './clean-options.ts';
export { compareCost, findIncumbent } from './compare-cost.ts';
export type { ComparedCost, IncumbentQuestion } from './compare-cost.ts';
export { computeCost, COST_UNITS, findUsageFaults } from './compute-cost.ts';
export type { Cost, CostLine, CostUnit } from './compute-cost.ts';
export { checkContext, contextsOf, findContextNames, toContextName, writeContexts } from './contexts.ts';
export { countTokens } from './count-tokens.ts';
export { decideHashOptions, isShareable, RESERVED_OPTIONS } from './decide-hash-options.ts';
export type { AnswerDeciders } from './decide-hash-options.ts';
export { describeProblems } from './describe-problems.ts';
export type { Dispatch } from './dispatch.ts';
export { AiCoreError, ERROR_CODES, ERRORS, isErrorCode } from './errors.ts';
export type { ErrorCode, ErrorDetails, ErrorFacts, Fault, Retry } from './errors.ts';
export { boundTokens, estimateTokens } from './estimate-tokens.ts';
export { formatMoney, parseMoney } from './format-money.ts';
export { ATTEMPT_STATES, FINISHED_JOB_STATES, isFinished, JOB_STATES, UNFINISHED_JOB_STATES } from './job-states.ts';
export type { AttemptState, JobState } from './job-states.ts';
export { maxCost } from './max-cost.ts';
export type { UsageBound } from './max-cost.ts';
export { LIFECYCLES, TIERS } from './model.ts';
export type { Candidate, Capabilities, Lifecycle, Limits, ProviderConfig, Tier } from './model.ts';
export { summariseMp3 } from './mp3.ts';
export { checkMp3 } from './mp3/check-mp3.ts';
export { checkSound } from './sound/check-sound.ts';
export type { CheckedSound } from './sound/check-sound.ts';
export { crc8, crc16 } from './sound/flac.ts';
export { readWav, wavHeader } from './sound/wav.ts';
export { FORMAT_FACTS, formatOfFile, PCM_RATE, PCM_SAMPLE_BYTES, SPEECH_FORMATS } from './speech-format.ts';
export type { SpeechFormat } from './speech-format.ts';
export type { Mp3Problem, SpokenText } from './mp3/check-mp3.ts';
export { joinMp3, joinMp3Stream, planMp3Join } from './mp3/join-mp3.ts';
export type { Mp3JoinPlan } from './mp3/join-mp3.ts';
export type { Mp3Summary } from './mp3/tally.ts';
export { isModelAllowed, narrowingOf, UNNARROWED } from './narrowing.ts';
export type { Narrowing, UserCategoryPolicy } from './narrowing.ts';
export { normalize } from './normalize.ts';
export { planSpeech } from './plan-speech.ts';
export { priceUnits } from './price-units.ts';
export { priceAt } from './price-at.ts';
export { priceOfCall } from './price-of-call.ts';
export type { BilledCall } from './price-of-call.ts';
export type { PriceQuestion } from './price-at.ts';
export type { PriceOffer } from './price-offer.ts';
export { NO_RATES } from './price.ts';
export type { Price, Rates } from './price.ts';
export { BILL_PROVIDERS } from './provider-bill.ts';
export type { BilledLine, BillProvider, ProviderBill } from './provider-bill.ts';
export { readBill } from './read-bill.ts';
export { BILL_CLASSES, reconcileBill } from './reconcile-bill.ts';
export type { BillClass, BillComparison, OurCharge } from './reconcile-bill.ts';
export { proposePrices } from './propose-prices.ts';
export type { PriceFlag, PriceListQuestion, PriceProposal, PriceProposals, RateChange } from './propose-prices.ts';
export { isGenaiPrices, readGenaiPrices } from './read-genai-prices.ts';
export { proposeTier, USUAL_FLOOR } from './propose-tier.ts';
export type { JudgedTier, MeasuredModel, TierProposal, TierQuestion, TierRefusal } from './propose-tier.ts';
export { attributeSavings, itemiseCall } from './receipt.ts';
export type { Itemised, PaidCall, ReceiptLine, Saving, SavingReason, SavingsQuestion } from './receipt.ts';
export { isLitellmPrices, readLitellmPrices } from './read-litellm-prices.ts';
export { fingerprintRequest } from './fingerprint-request.ts';
export { AUDIO_REQUEST_TYPE, DEFAULT_MAX_PROMPT_CHARACTERS, promptHash } from './prompt-hash.ts';
export type { PromptHash, PromptLimits } from './prompt-hash.ts';
export { checkProviderEdit } from './provider-edit.ts';
export type { ProviderEdit } from './provider-edit.ts';
export {
  isProviderName,
  MAINTENANCE_QUEUE,
  PROVIDER_NAMES,
  PROVIDER_QUEUES,
  PROVIDERS,
  queueOf,
  queueOfConfig,
  ROLES,
  speaksFormat,
} from './provider-facts.ts';
export type { Kind, ProviderFacts, ProviderName, ProviderQueue } from './provider-facts.ts';
export { AudioOptionsSchema, REASONING_EFFORTS, TextOptionsSchema, wantsJson } from './request-options.ts';
export type { ReasoningEffort } from './request-options.ts';
export {
  AudioRequestSchema,
  DEFAULT_PRIORITY,
  DEFAULT_WAIT_SECONDS,
  LOWEST_PRIORITY,
  parseAudioRequest,
  parseTextRequest,
  TextRequestSchema,
} from './request-schema.ts';
export type { AudioRequest, TextRequest } from './request-schema.ts';
export { BUILT_IN_REQUEST_TYPES, resolvePolicy } from './request-type-policy.ts';
export type { RequestTypePolicy, RequestTypePolicyRow } from './request-type-policy.ts';
export { CACHE_MODES, LANES, SELECTION_MODES } from './request.ts';
export type { CacheMode, HashableRequest, JobRequest, Json, Lane, Normalization, Pin, SelectionMode } from './request.ts';
export { resolvePin } from './resolve-pin.ts';
export type { PinQuestion } from './resolve-pin.ts';
export { resolveVoice } from './resolve-voice.ts';
export type { ResolvedVoice, VoiceRequest } from './resolve-voice.ts';
export { decideRetry, FAILURE_ANSWERS_FOR_MS, FAILURES_THAT_ANSWER } from './retry-policy.ts';
export type { FailedAttempt, RetryDecision } from './retry-policy.ts';
export { judgeHealth } from './judge-health.ts';
export type { ProviderHealth } from './judge-health.ts';
export { decideTier, selectModel } from './select-model.ts';
export type { Explanation, Selection, SelectionReason } from './select-model.ts';
export { defaultVoice, selectVoice } from './select-voice.ts';
export type { KnownVoice, VoiceQuestion } from './select-voice.ts';
export { outputTokensOf } from './selection-rules.ts';
export type { RequestFacts, SelectionInput } from './selection-rules.ts';
export { speechDuration } from './speech-duration.ts';
export type { SpeechDuration } from './speech-duration.ts';
export { splitSpeech } from './split-speech.ts';
export type { InputLimit, SplitSpeechOptions } from './split-speech.ts';
export { ANSWER_SOURCES, isBought, NO_USAGE, USAGE_COUNTS, USAGE_ROW_KINDS } from './usage.ts';
export type { AnswerSource, Usage, UsageRowKind } from './usage.ts';
export { createStreamFiller } from './redact/stream-filler.ts';
export type { StreamFiller } from './redact/stream-filler.ts';
export { fillBack } from './redact/fill-back.ts';
export type { FilledText } from './redact/fill-back.ts';
export { hasPersonalData, readPlaceholders } from './redact/placeholder.ts';
export type { Placeholder, PlaceholderKind } from './redact/placeholder.ts';
export { redact, redactJson } from './redact.ts';
export type { RedactedJson, RedactedText, RedactOptions } from './redact.ts';
export { webhookSecret } from './webhook-secret.ts';
export { createSealKey, openValues, parseSealKey, sealValues } from './seal.ts';
export type { SealContext } from './seal.ts';
export { DIFFICULTIES, labelExample, toTag } from './label-example.ts';
export type { Difficulty, ExampleLabels } from './label-example.ts';
export { createNearDuplicateFilter } from './near-duplicates.ts';
export type { NearDuplicateFilter } from './near-duplicates.ts';
export { isDoneBefore, sayContentOptions } from './say-content-options.ts';
export type { SaidOptions } from './say-content-options.ts';
export {
  copiesOf,
  skeleton,
  splitOf,
  toTrainingQuestion,
  TRAINING_RULES_VERSION,
  TRAINING_SPLITS,
  trainingKeys,
} from './training-example.ts';
export type {
  RememberedQuestion,
  TrainingExample,
  TrainingKeys,
  TrainingMessage,
  TrainingQuestion,
  TrainingSplit,
} from './training-example.ts';
export { isTrainingFormat, toJsonLine, TRAINING_FORMAT_NAMES, TRAINING_FORMATS } from './training-format.ts';
export type { TrainingFormat } from './training-format.ts';
export type { TrainingFormatRules, TrainingLimits } from './training-format-rules.ts';
export { checkAnswer } from './check-answer.ts';
export type { AnswerCheck, AnswerToCheck, CheckedAnswer } from './check-answer.ts';
export { CANARY_SHARES, decideCanary, nextShare, scoresOf } from './decide-canary.ts';
export type { CanaryDecision, CanaryState, ServedRequest } from './decide-canary.ts';
export { meanInterval, percentile, shareInterval, summariseScores } from './intervals.ts';
export type { Interval, ScoreSummary } from './intervals.ts';
export { combineChoices, PAIR_CHOICES } from './combine-choices.ts';
export type { ChosenPair, CombinedChoices, PairChoice, PeopleFigures } from './combine-choices.ts';
export { combineVerdicts, JUDGE_OPTIONS, JUDGE_REQUEST_TYPE, judgePrompt, readVerdict } from './judge-answers.ts';
export type { JudgeChoice, JudgedPair } from './judge-answers.ts';
export { ANY_REQUEST_TYPE, decideGate, resolveThresholds } from './quality-gate.ts';
export type { EvaluationFigures, GateDecision, ModelFigures, QualityGateRow, QualityThresholds } from './quality-gate.ts';
export { BOUNDARIES, LOOKS, STATED_ERROR } from './sequential-test.ts';
export type { Boundary, Look, SequentialPlan, SequentialVerdict } from './sequential-test.ts';
export { armOf, findExperiment } from './experiment.ts';
export type { Experiment } from './experiment.ts';
export { callsTools, fillToolCalls, hasToolMessages, plainToolTexts, wantsTools } from './tool-call.ts';
export type { ToolCall } from './tool-call.ts';
