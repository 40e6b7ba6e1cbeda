/** The one model a manual request names. */
import { CATALOGUE, configOf, findCatalogueModel, isGone, listCatalogue } from './catalogue.ts';
import { AiCoreError } from './errors.ts';
import type { ProviderConfig } from './model.ts';
import { isProviderName, PROVIDER_NAMES, queueOf } from './provider-facts.ts';
import type { Kind } from './provider-facts.ts';

export interface PinQuestion {
  readonly kind: Kind;
  readonly provider: string;
  /** null of speech = the provider's default engine. */
  readonly model: string | null;
  readonly configs: readonly ProviderConfig[];
  /** UTC day YYYY-MM-DD. */
  readonly today: string;
}

type Config = Omit<ProviderConfig, 'id'>;

/** Longest piece of a model name that is repeated in a message. */
const MAX_NAME = 80;

/** A model without a configuration row, which a pinned model does not need. */
function withoutRow(config: Config): ProviderConfig {
  return { id: `catalogue:${config.provider}/${config.modelName}`, ...config };
}

function byDefaultThenCost(one: Config, two: Config): number {
  const cost = (config: Config): number => config.costPerMillionTokens ?? Number.POSITIVE_INFINITY;
  return Number(two.isDefault) - Number(one.isDefault) || cost(one) - cost(two) || one.modelName.localeCompare(two.modelName, 'en');
}

function usableOf<Found extends Config>({ kind, provider, today }: PinQuestion, configs: readonly Found[]): Found[] {
  return configs.filter((config) => config.provider === provider && config.kind === kind && config.isActive && !isGone(config, today));
}

/** An active row's engine, else the one of the current set, else any the catalogue knows. */
function findDefaultEngine(question: PinQuestion): ProviderConfig | undefined {
  const configured = usableOf(question, question.configs).toSorted(byDefaultThenCost)[0];
  if (configured !== undefined) return configured;
  const current = listCatalogue('current', question.today).map(({ config }) => config);
  const all = CATALOGUE.map((model) => configOf(model, question.today));
  const engine = usableOf(question, current).toSorted(byDefaultThenCost)[0] ?? usableOf(question, all).toSorted(byDefaultThenCost)[0];
  return engine === undefined ? undefined : withoutRow(engine);
}

function findModel({ kind, provider, model, configs, today }: PinQuestion): ProviderConfig | undefined {
  const row = configs.find((config) => config.provider === provider && config.modelName === model && config.kind === kind);
  if (row !== undefined) return row;
  const known = model === null ? undefined : findCatalogueModel(provider, model);
  return known?.kind === kind ? withoutRow(configOf(known, today)) : undefined;
}

function describeKnown(question: PinQuestion): string {
  const configured = usableOf(question, question.configs);
  const known = usableOf(
    question,
    CATALOGUE.map((model) => configOf(model, question.today)),
  );
  const names = [...new Set([...configured, ...known].map(({ modelName }) => modelName))];
  return names.length === 0 ? '' : ` It has ${names.slice(0, 12).join(', ')}.`;
}

/**
 * Finds the model a manual request names: a configuration row, or any catalogue model without one.
 * Called before hashing, because the pin is part of a request's identity.
 * @throws AiCoreError REQUEST_INVALID for an unknown provider, one that does not do this kind of work, or text without a model;
 *   MODEL_UNKNOWN for a model that is in neither place, or that is retired, naming its successor where one is known
 */
export function resolvePin(question: PinQuestion): ProviderConfig {
  const { kind, provider, model, today } = question;
  if (!isProviderName(provider)) throw new AiCoreError('REQUEST_INVALID', `provider must be one of ${PROVIDER_NAMES.join(', ')}.`);
  if (queueOf(provider, kind) === undefined) throw new AiCoreError('REQUEST_INVALID', `${provider} has no ${kind} models.`);
  if (model === null && kind === 'text') throw new AiCoreError('REQUEST_INVALID', 'manual selection needs both provider and model.');

  const found = model === null ? findDefaultEngine(question) : findModel(question);
  if (found === undefined) {
    const wanted = model === null ? 'speech engine that can still be used' : `${kind} model named ${model.slice(0, MAX_NAME)}`;
    throw new AiCoreError('MODEL_UNKNOWN', `${provider} has no ${wanted}.${describeKnown(question)}`);
  }
  if (isGone(found, today)) {
    const since = found.shutdownDate === null ? '' : ` since ${found.shutdownDate}`;
    const successor = found.successor === null ? '' : ` Its successor is ${found.successor}.`;
    throw new AiCoreError('MODEL_UNKNOWN', `${provider}/${found.modelName} is retired${since}.${successor}`);
  }
  return found;
}
