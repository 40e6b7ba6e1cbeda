/** Putting a model that ends out of service in favour of its successor, in one act. */
import { AiCoreError } from '@ai-core/core';
import { perform, type Act } from './act.ts';
import { loadCatalogueSnapshot } from './catalogue-snapshot.ts';
import { findSuccessor } from './lifecycle.ts';
import { insertConfig, nameOf, writeEdit, type ProviderKey } from './provider-configs.ts';

export interface Replacement {
  /** `provider/model` that is not chosen any more. */
  readonly replaced: string;
  /** `provider/model` that may be chosen instead. */
  readonly successor: string;
  /** True when the successor was not configured before. */
  readonly isNew: boolean;
}

/**
 * Turns a model off and its successor on: the vendor's own where it names one, else the cheapest of the same kind and tier that stays.
 * The successor takes over tier and default. Both stay configured, so that it can be turned round again.
 * @throws NOT_FOUND when there is no such configuration or nothing that could take its place
 */
export async function replaceBySuccessor(act: Act, key: ProviderKey): Promise<Replacement> {
  const { configs, today } = await loadCatalogueSnapshot(act.database);
  const isSame = (one: ProviderKey, two: ProviderKey): boolean =>
    one.provider === two.provider && one.modelName === two.modelName && one.kind === two.kind;
  const ending = configs.find((config) => isSame(config, key));
  if (ending === undefined) throw new AiCoreError('NOT_FOUND', `there is no ${key.kind} configuration ${nameOf(key)}`);
  const successor = findSuccessor(ending, configs, today);
  if (successor === undefined)
    throw new AiCoreError('NOT_FOUND', `nothing could take the place of ${nameOf(key)}; add a model of the tier ${ending.tier} first`);
  const known = configs.find((config) => isSame(config, successor));
  return perform(act, async (transaction) => {
    const { client, record } = transaction;
    const id = known?.id ?? (await insertConfig(transaction, successor));
    await writeEdit(client, ending.id, { isActive: false, isDefault: false });
    await writeEdit(client, id, { isActive: true, tier: ending.tier, ...(ending.isDefault ? { isDefault: true } : {}) });
    await record({
      action: 'provider.replaced',
      subject: nameOf(key),
      before: { is_active: ending.isActive, is_default: ending.isDefault },
      after: { is_active: false, is_default: false, successor: nameOf(successor) },
    });
    await record({
      action: known === undefined ? 'provider.added' : 'provider.edited',
      subject: nameOf(successor),
      before: known === undefined ? undefined : { is_active: known.isActive, is_default: known.isDefault, tier: known.tier },
      after: { is_active: true, is_default: ending.isDefault || known?.isDefault === true, tier: ending.tier },
    });
    return { replaced: nameOf(key), successor: nameOf(successor), isNew: known === undefined };
  });
}
