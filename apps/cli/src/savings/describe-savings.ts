/** The replayed month for people and for programs, and what its figures rest on. */
import { AUDIO_REQUEST_TYPE, formatMoney } from '@ai-core/core';
import { formatUsd } from '../format-usd.ts';
import { formatTable } from '../output.ts';
import { GUIDE, type ScenarioRow } from './compare-scenarios.ts';
import { WITHOUT_CHOICE } from './price-calls.ts';
import { CLASS_SIZE, CLASS_SPAN_MS, DAYS, LEARNERS, REQUEST_MIX, RESPELLED_SHARE, ZIPF_EXPONENT } from './request-mix.ts';
import { OWN_MODEL_SHARE, type Savings } from './simulate-savings.ts';

const CENT_NANO_USD = 10_000_000n;

function percent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)} %`;
}

/** Dollars to the cent, rounded half up. */
function cents(nanoUsd: bigint): string {
  const rounded = (nanoUsd + CENT_NANO_USD / 2n) / CENT_NANO_USD;
  return `$${String(rounded / 100n)}.${String(rounded % 100n).padStart(2, '0')}`;
}

const PATIENT = REQUEST_MIX.filter(({ patient }) => patient === true).map(({ requestType }) => requestType);

/** What --help says of the month. */
export const MONTH_HELP = [
  `The month: ${DAYS} days, ${LEARNERS} learners, hours as of a school. Of each type so many percent of the requests; median length; personal`,
  'requests, which nobody asks twice; moments in which a whole class asks the same:',
  ...REQUEST_MIX.map(
    ({ requestType, share, length, personalShare, classShare }) =>
      `  ${requestType.padEnd(14)} ${percent(share).padStart(6)}  ${String(length.median).padStart(3)} ${requestType === AUDIO_REQUEST_TYPE ? 'characters' : 'words     '}` +
      `  personal ${percent(personalShare, 0).padStart(4)}  class ${percent(classShare, 0)}`,
  ),
  `Which prompt of its type is asked for follows Zipf's law with the exponent ${ZIPF_EXPONENT}: the n-th is asked n^-${ZIPF_EXPONENT} times as often as the first,`,
  'over as many prompts as the type has requests. With --distinct-share exactly that share of the requests is new, each type at least',
  `one, and nothing is personal. A class is ${CLASS_SIZE.least} to ${CLASS_SIZE.most} learners within ${CLASS_SPAN_MS / 1_000} s. ${percent(RESPELLED_SHARE, 0)} of the texts are typed with other capitals or spaces.`,
  'The month is asked in its order and without its pauses, through queue, worker and ledger on services of its own; providers are',
  `emulated and answer at once, prices are real. Without AI Core every request is bought from ${nameOf('text')} or ${nameOf('audio')}, with the`,
  `same counts of tokens and characters. The own model takes ${OWN_MODEL_SHARE} % of the prompts of the cheap tier. Exit 1 when a repeated request`,
  'was neither a hit nor shared, a key was bought twice, or accounts and bill differ. With the batch lane, texts nobody sits in front of',
  `(${PATIENT.join(', ')}) are collected and bought at half the price.`,
].join('\n');

function nameOf(kind: keyof typeof WITHOUT_CHOICE): string {
  return `${WITHOUT_CHOICE[kind].provider}/${WITHOUT_CHOICE[kind].model}`;
}

function toCells(row: ScenarioRow, guide: ScenarioRow | undefined): string[] {
  return [
    row.name,
    String(row.requests),
    String(row.apiCalls),
    percent(row.hitRate),
    cents(row.costNanoUsd),
    percent(row.savedShare),
    guide === undefined ? '' : `${cents(guide.costNanoUsd)}, ${percent(guide.hitRate, 0)} hits, ${percent(guide.savedShare, 0)} saved`,
  ];
}

/** What the figures rest on, in sentences with this run's own numbers. */
function tellAssumptions({ rows, month, split, ownModelCalls, batchedCalls, cheapKeys }: Savings): string[] {
  const [without, memory, own, batches] = rows.map(({ costNanoUsd }) => costNanoUsd);
  const perRequest = (without ?? 0n) / BigInt(month.requests.length);
  return [
    `80 % hits need prompts that are this popular: in a first month of 10,000 requests a Zipf exponent of about ${ZIPF_EXPONENT}. Here a memory that forgets nothing can give ${percent(month.idealHitRate)}. Fewer requests repeat less, and identity in the options would end it.`,
    `The guide's $200 are $0.02 a request; here a request costs ${formatUsd(perRequest)}, and ${percent(split.speechShare)} of it is speech at $100 per million characters (a gateway lists $40). Longer clips cost more on every line, shorter ones less.`,
    `Memory alone, with ${nameOf('text')} for every text, saves ${percent(split.memoryAlone)}. Choosing by tier makes text cheap and leaves speech as it is: of text ${percent(split.ofText)} are saved, of speech ${percent(split.ofSpeech)}.`,
    `The own model answered ${ownModelCalls} of ${cheapKeys} prompts of the cheap tier and of ${month.distinctKeys} in all; the guide has it answer 1,500 of 2,000. Cheap text costs next to nothing by now, so it saves another ${cents((memory ?? 0n) - (own ?? 0n))}, and ${percent(split.ofTextWithOwnModel)} of text. 93 % of everything need little speech, or more hits on it.`,
    `In batches, at half the price, went ${batchedCalls} of ${month.distinctKeys} calls: ${PATIENT.join(', ')}. Against memory and selection alone that saves another ${cents((memory ?? 0n) - (batches ?? 0n))}; speech has no batches.`,
    'Not counted: the hardware of the own model, its training, and answers bought again because they expired or were rejected. Emulated answers have 60 to 380 tokens; longer ones make text a larger part.',
  ];
}

export function describeSavings(savings: Savings): string[] {
  const { rows, month, inFlightHits, faults } = savings;
  return [
    ...formatTable(
      ['scenario', 'requests', 'API calls', 'hit rate', 'cost', 'saved', 'the guide, for 10,000 requests'],
      rows.map((row, index) => toCells(row, GUIDE[index])),
    ),
    '',
    `ideal hit rate ${percent(month.idealHitRate)}: ${month.distinctKeys} distinct of ${month.requests.length}; ${inFlightHits} requests shared work under way`,
    faults.length === 0 ? 'measured = ideal, API calls = distinct keys, accounts = bill' : 'The figures are not to be believed:',
    ...faults.map((fault) => `  ${fault}`),
    '',
    ...tellAssumptions(savings).map((sentence) => `- ${sentence}`),
  ];
}

function toWire(row: ScenarioRow): object {
  return {
    name: row.name,
    requests: row.requests,
    api_calls: row.apiCalls,
    hit_rate: row.hitRate,
    cost_usd: formatMoney(row.costNanoUsd),
    saved_share: row.savedShare,
  };
}

export function toDocument(savings: Savings, seed: number): object {
  const { rows, month } = savings;
  return {
    requests: month.requests.length,
    seed,
    distinct_share: month.distinctKeys / month.requests.length,
    ideal_hit_rate: month.idealHitRate,
    simulated: true,
    scenarios: rows.map(toWire),
    guide: GUIDE.map(toWire),
    own_model_calls: savings.ownModelCalls,
    batched_calls: savings.batchedCalls,
    cheap_keys: savings.cheapKeys,
    in_flight_hits: savings.inFlightHits,
    speech_share: savings.split.speechShare,
    memory_alone_saved_share: savings.split.memoryAlone,
    text_saved_share: savings.split.ofText,
    text_saved_share_with_own_model: savings.split.ofTextWithOwnModel,
    assumptions: tellAssumptions(savings),
    faults: savings.faults,
  };
}
