/** Whether a request leaves the choice of a model to AI Core or makes it itself, and whether it can. */
import { AiCoreError } from './errors.ts';
import { isProviderName, PROVIDER_NAMES, queueOf } from './provider-facts.ts';
import type { Kind, ProviderName } from './provider-facts.ts';
import type { SelectionMode } from './request.ts';

export interface NamedSelection {
  readonly kind: Kind;
  readonly mode: SelectionMode | null | undefined;
  readonly provider: string | null | undefined;
  readonly model: string | null | undefined;
}

export interface CheckedSelection {
  readonly selection_mode: SelectionMode;
  readonly provider?: ProviderName | undefined;
  readonly model?: string | undefined;
}

const WORK = { text: 'generate text', audio: 'generate speech' } as const satisfies Record<Kind, string>;

function refuse(reason: string): AiCoreError {
  return new AiCoreError('REQUEST_INVALID', reason);
}

function checkProvider(provider: string, kind: Kind): ProviderName {
  if (!isProviderName(provider)) throw refuse(`provider must be one of ${PROVIDER_NAMES.join(', ')}.`);
  if (queueOf(provider, kind) === undefined) {
    const able = PROVIDER_NAMES.filter((name) => queueOf(name, kind) !== undefined);
    throw refuse(`${provider} does not ${WORK[kind]}; name one of ${able.join(', ')}.`);
  }
  return provider;
}

/**
 * Without a mode, naming provider and model (of speech: a provider) means manual. A text model cannot be left out in manual
 * mode; a speech engine can, and is then the provider's default one.
 * @throws AiCoreError REQUEST_INVALID for halves, contradictions, unknown providers and providers of another kind
 */
export function checkSelection({ kind, mode, provider, model }: NamedSelection): CheckedSelection {
  const hasProvider = provider !== null && provider !== undefined;
  const hasModel = model !== null && model !== undefined;
  if (!hasProvider && !hasModel && mode !== 'manual') return { selection_mode: 'auto' };
  if (mode === 'auto') throw refuse('selection_mode auto leaves the choice to AI Core; leave out provider and model, or use manual.');
  if (!hasProvider) {
    if (hasModel) throw refuse('a model needs its provider; name both, or neither for automatic selection.');
    throw refuse(`manual selection needs a provider${kind === 'text' ? ' and a model' : ''}.`);
  }
  if (kind === 'text' && !hasModel) throw refuse('a provider needs a model; name both, or neither for automatic selection.');
  return { selection_mode: 'manual', provider: checkProvider(provider, kind), ...(hasModel ? { model } : {}) };
}
