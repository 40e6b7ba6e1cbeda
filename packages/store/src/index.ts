/** Everything other packages may use of the store. One block per file. */
export type { Act } from './act.ts';
export { countBacklog } from './backlog.ts';
export { createAdmission, promoteJob, streamJob } from './admission.ts';
export type { Admission, AdmissionRequest } from './admission.ts';
export {
  API_KEY_ROLES,
  createApiKey,
  ensureFirstApiKey,
  findApiKey,
  hashApiKey,
  listApiKeys,
  noteKeyUse,
  revokeApiKey,
  takeRequests,
} from './api-keys.ts';
export type { ApiKey, ApiKeyRole, NewApiKey, RequestAllowance } from './api-keys.ts';
export { failBatched, listBatchLines, returnBatch, settleBatched } from './batch-lines.ts';
export type { BatchLine } from './batch-lines.ts';
export { finishBatch, handOverBatch, listKnownBatches, putBatch, takeBatch } from './batches.ts';
export type { HeldBatch } from './batches.ts';
export { closeBatch, leaveBatchLane, listCollected } from './collect-batches.ts';
export { recordChange } from './audit-log.ts';
export type { AuditEntry } from './audit-log.ts';
export { CALLER_USAGE_GROUPS, reportCallerUsage } from './caller-usage.ts';
export type { CallerUsageGroup, CallerUsageQuestion, CallerUsageRow } from './caller-usage.ts';
export {
  BUDGET_ACTIONS,
  BUDGET_PERIODS,
  BUDGET_SCOPES,
  followCategoryLimits,
  listBudgets,
  raiseBudgetAlerts,
  setBudget,
  summariseBudgets,
  unparkJobs,
} from './budgets.ts';
export type { Budget, BudgetAction, BudgetKey, BudgetPeriod, BudgetScope, BudgetSetting, BudgetSummary } from './budgets.ts';
export { addBulkItems, bulkProgress, createBulkGroup, listBulkItems } from './bulk-groups.ts';
export type { BulkItem, BulkItemState, BulkProgress } from './bulk-groups.ts';
export { findCallerRequest } from './caller-request.ts';
export type { CallerRequest } from './caller-request.ts';
export { cancel, retryJobs } from './cancel.ts';
export type { Cancellation, RetriedJob } from './cancel.ts';
export { createSnapshotCache, loadCatalogueSnapshot } from './catalogue-snapshot.ts';
export type { CatalogueSnapshot, RequestTypePolicyRow, SnapshotCache } from './catalogue-snapshot.ts';
export { createClaims, ledgerTimeMs } from './claim.ts';
export type { Claim, ClaimedJob, ClaimRequest } from './claim.ts';
export { collectObjects, expireSpeech } from './collect-objects.ts';
export { compareObjects } from './compare-objects.ts';
export type { ObjectDifference } from './compare-objects.ts';
export { closeSession, findSession, openSession, SESSION_LIMITS } from './console-sessions.ts';
export type { ConsoleSession, OpenedSession } from './console-sessions.ts';
export {
  CONSOLE_ROLES,
  createConsoleUser,
  ensureFirstAdmin,
  findConsoleUser,
  findPasswordFault,
  resetPassword,
  setPassword,
  toUserName,
} from './console-users.ts';
export type { ConsoleRole, ConsoleUser, OneTimeLogin } from './console-users.ts';
export { findContexts, getContext, listContexts, putContext, readContexts } from './contexts.ts';
export type { ContextText, ContextVersion } from './contexts.ts';
export { claimCron, finishCron } from './cron.ts';
export type { CronQuestion, CronRun } from './cron.ts';
export { markMemoryStale, rejectMemory, unverifyMemory, VERDICTS, verifyMemory } from './curation.ts';
export type { CuratedMemory, Verdict } from './curation.ts';
export { measureClockOffsetMs, openDatabase } from './database.ts';
export type { Database, DatabaseOptions, Statement } from './database.ts';
export { claimKey, releaseKey, takeKey } from './idempotency.ts';
export type { KeyClaim, KeyHolder } from './idempotency.ts';
export { checkInvariants, INVARIANTS } from './invariants.ts';
export type { Invariant, InvariantResult } from './invariants.ts';
export { JOB_STATES, listJobs, showJob } from './jobs.ts';
export type { AttemptSummary, JobDetail, JobState, JobSummary } from './jobs.ts';
export { listEndingModels, noteVendorModels, retireEnded } from './lifecycle.ts';
export type { EndingModel, VendorListing, VendorModel } from './lifecycle.ts';
export { listLivingWorkers } from './living-workers.ts';
export type { LivingWorker } from './living-workers.ts';
export { BACK_OFF, beginAttempt, forgiveAttempt } from './login-attempts.ts';
export type { AttemptDecision, LoginAttempt } from './login-attempts.ts';
export { beginRefresh, createMemoryLookup, getMemory, noteAudioSeen, retireAudio } from './memory.ts';
export type { Memory, MemoryHit, MemoryKey, RememberedAudio } from './memory.ts';
export { forgetMemory } from './forget.ts';
export type { Forgotten, ForgetTarget } from './forget.ts';
export { findLookedThrough, listMemory, showMemory } from './memory-list.ts';
export type { MemoryDetail, MemoryQuestion, MemorySummary } from './memory-list.ts';
export { findMemoryFacts } from './memory-facts.ts';
export type { MemoryFacts } from './memory-facts.ts';
export type { MigrateOptions, MigrateResult } from './migrate.ts';
export { listWaitingQueues } from './waiting-queues.ts';
export { openNamedLocks } from './named-locks.ts';
export type { NamedLocks } from './named-locks.ts';
export { objectKey, objectPrefix } from './objects.ts';
export type { ByteRange, ListedObject, ObjectFacts, ObjectInfo, Objects, OpenedObject, PresignOptions } from './objects.ts';
export { openObjects } from './objects/s3.ts';
export type { ObjectsOptions } from './objects/s3-client.ts';
export { makePartitions } from './partitions.ts';
export { beginPart, failPart, findPart, settlePart, toPartJson } from './parts.ts';
export { setMostAtOnce } from './most-at-once.ts';
export type { BegunPart, FailedPart, PartQuestion, RememberedPart, SettledPart } from './parts.ts';
export { addPrices, listPrices, refreshOrder } from './prices.ts';
export type { ListedPrice, PriceFilter } from './prices.ts';
export { addProvider, disableProvider, editProvider } from './provider-configs.ts';
export type { ProviderKey } from './provider-configs.ts';
export { replaceBySuccessor } from './replace-by-successor.ts';
export type { Replacement } from './replace-by-successor.ts';
export { correctPrices, findMispriced } from './reprice.ts';
export type { Corrections, Mispriced, RepriceRange, Repricing } from './reprice.ts';
export { getReceipt } from './receipt.ts';
export { parseIncumbent, receiptToWire } from './receipt-to-wire.ts';
export type { Incumbent, Receipt, ReceiptCall, ReceiptRow } from './receipt.ts';
export { restoreMemory } from './restore-memory.ts';
export { findResults } from './results.ts';
export type { JobResult } from './results.ts';
export { rateMemory } from './rate-memory.ts';
export type { MemoryRating, NewRating } from './rate-memory.ts';
export { forecastCost } from './forecast-cost.ts';
export type { CostForecast, ForecastQuestion } from './forecast-cost.ts';
export { listOldestWaiting, readLiveMarks } from './live-marks.ts';
export type { LiveMarks, OldestWaiting } from './live-marks.ts';
export { listCharges } from './list-charges.ts';
export type { Charge, ChargeQuestion } from './list-charges.ts';
export { listUnknownAttempts, resolveUnknownAttempt } from './reconcile.ts';
export type { Resolution, UnknownAttempt } from './reconcile.ts';
export { applyRetention } from './retention.ts';
export type { RetentionResult } from './retention.ts';
export { checkRollUp, rollUp, rollUpLagMs, rollUpRange } from './roll-up.ts';
export type { RollUpCheck, RollUpDifference, RollUpRange, RollUpResult } from './roll-up.ts';
export { accountCallers, createSettle, failAttempt, toSettleJson } from './settle.ts';
export type { AttemptResult, FailedAttempt, FailureSettlement, SettledAnswer, Settlement, StoredAudio } from './settle.ts';
export { migrate, setUpProviders } from './with-orm.ts';
export type { SetUpConfiguration, SetUpProvidersOptions } from './setup-providers.ts';
export { isUnavailable, toStoreError } from './store-error.ts';
export {
  accountUnknown,
  bringForward,
  completeCallers,
  fillWindows,
  listOverdue,
  redispatch,
  releaseUnheld,
  sweepRunning,
  sweepWorkers,
} from './sweep.ts';
export { createHitWriter } from './usage-log.ts';
export type { HitRow, HitWriter } from './usage-log.ts';
export { countUsageRows, listDailyCost, reportUsage, USAGE_GROUPS } from './usage-report.ts';
export type { DailyCostRow, UsageGroup, UsageGroupRow, UsageQuestion, UsageReport, UsageTotals } from './usage-report.ts';
export { listUserCategories, removeUserCategory, setUserCategory } from './user-categories.ts';
export { replaceVoices } from './voices.ts';
export { finishWebhook, postponeWebhook, promiseWebhook, retryWebhook, takeDueWebhooks } from './webhook-deliveries.ts';
export type { BudgetAlert, DueWebhook, PromisedWebhook, WebhookOutcome } from './webhook-deliveries.ts';
export { registerWorker } from './worker-registry.ts';
export type { WorkerRegistry } from './worker-registry.ts';
export { collectTrainingData, DEFAULT_VALIDATION_SHARE } from './collect-training-data.ts';
export type { CollectOptions } from './collect-training-data.ts';
export { exportTrainingData } from './export-training.ts';
export type { TrainingExport, TrainingExportOptions, TrainingLeftOut, TrainingLine, TrainingManifest } from './export-training.ts';
export { countTrainingData, editTrainingData, listTrainingData, TRAINING_LISTS } from './training-data.ts';
export type { TrainingCounts, TrainingDataRow, TrainingEdit, TrainingList, TrainingListQuestion } from './training-data.ts';
export { listTrainingReview } from './training-review.ts';
export type { TrainingSuggestion } from './training-review.ts';
export { besideOf, storeTraining, storeTrainingFile, writeTrainingFiles } from './training-files.ts';
export type { StoredTraining, TrainingFile, TrainingFilesManifest, TrainingFilesOptions, WrittenTraining } from './training-files.ts';
export {
  claimTrainingRun,
  createTrainingRun,
  findTrainingRun,
  listTrainingRuns,
  markIncluded,
  TRAINING_PROVIDERS,
  writeTrainingStep,
} from './training-runs.ts';
export type {
  NewTrainingRun,
  RunClaim,
  TrainingChanges,
  TrainingEvent,
  TrainingPhase,
  TrainingProvider,
  TrainingRun,
  TrainingStatus,
  TrainingStep,
} from './training-runs.ts';
export {
  beginEvaluation,
  endEvaluation,
  listEvaluations,
  listQualityGates,
  listRecentPrompts,
  listValidationPrompts,
  writeEvaluationItem,
} from './evaluations.ts';
export type { TrainingPoint } from './training-runs.ts';
export type {
  EvaluatedAnswer,
  EvaluationItem,
  EvaluationOutcome,
  EvaluationSummary,
  NamedModel,
  NewEvaluation,
  ReplayPrompt,
} from './evaluations.ts';
export { BLIND_CHOICES, chooseBlind, countBlindPairs, listBlindPairs } from './blind-pairs.ts';
export type { BlindChoice, BlindPair, BlindProgress } from './blind-pairs.ts';
export { claimEvaluation, extendEvaluation, requestEvaluation } from './evaluation-requests.ts';
export type { ClaimedEvaluation, EvaluationRequest } from './evaluation-requests.ts';
export { deployOwnModel, markModelAnswersStale, OWN_PROVIDER, registerOwnModel, rollBackOwnModel } from './own-models.ts';
export type { Deployment, OwnModel, RolledBack } from './own-models.ts';
export { listCanaries, listUnjudged, readServed, scoreAnswer, writeCanaryStep } from './canaries.ts';
export type { Canary, CanarySettings, CanaryStep, UnjudgedAnswer } from './canaries.ts';
export { listExperiments } from './experiment-list.ts';
export type { ExperimentQuestion, ExperimentSummary } from './experiment-list.ts';
export { reportExperiment, startExperiment, stopExperiment } from './experiments.ts';
export type { ArmReport, ExperimentReport, NewExperiment } from './experiments.ts';
export { listChanges } from './change-list.ts';
export type { Change, ChangeQuestion } from './change-list.ts';
export { editConsoleUser, listConsoleUsers } from './console-user-list.ts';
export type { ListedUser, UserEdit } from './console-user-list.ts';
export { listRequestTypes, setRequestType } from './request-types.ts';
export type { RequestType, RequestTypeSettings } from './request-types.ts';
export { readSavings } from './savings.ts';
export { applyTierProposal, listTierChoices, undoTierChoice } from './tier-choices.ts';
export type { TierChoice } from './tier-choices.ts';
export { listTierProposals } from './tier-proposals.ts';
export type { TierProposalLine } from './tier-proposals.ts';
export type { SavedBy } from './savings.ts';
export { readDashboard, readTopUsers } from './dashboard.ts';
export type { Dashboard, DashboardGroup, DayFigures, PeriodFigures, TopRow } from './dashboard.ts';
export { listJobPage } from './job-list.ts';
export type { JobListQuestion, ListedJob } from './job-list.ts';
export { listProviders } from './provider-list.ts';
export type { ListedProvider } from './provider-list.ts';
export { listUsage } from './usage-list.ts';
export type { UsageListQuestion, UsageRow } from './usage-list.ts';
