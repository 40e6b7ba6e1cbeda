import type { Capabilities } from '@ai-core/core';

/** Technical options that one model takes and another does not. */
export type Ability =
  | 'temperature'
  | 'top_p'
  | 'seed'
  | 'stop'
  | 'frequency_penalty'
  | 'presence_penalty'
  | 'reasoning'
  /** Answers in JSON when told to by parameter. */
  | 'json'
  /** Answers in JSON by a schema. */
  | 'json_schema'
  /** Calls functions. */
  | 'tools'
  /** Can be told to call one function at a time. */
  | 'parallel_tool_calls';

export type Abilities = ReadonlySet<Ability>;

export const NO_ABILITIES: Abilities = new Set();

/** Which abilities a field of Capabilities decides. */
const DECIDES = {
  temperature: ['temperature', 'top_p'],
  reasoning: ['reasoning'],
  json: ['json', 'json_schema'],
  tools: ['tools', 'parallel_tool_calls'],
} as const satisfies Partial<Record<keyof Capabilities, readonly Ability[]>>;

/**
 * What a model can do: what its name suggests, corrected by what the configuration says.
 * @param byName the adapter's rule for the model's name
 * @param wire every ability that the adapter's wire format has a field for
 */
export function abilitiesOf(capabilities: Capabilities | undefined, { byName, wire }: { byName: Abilities; wire: Abilities }): Abilities {
  const abilities = new Set(byName);
  for (const [field, decided] of Object.entries(DECIDES)) {
    const said = capabilities?.[field as keyof typeof DECIDES];
    if (said === undefined) continue;
    for (const ability of decided) {
      if (said && wire.has(ability)) abilities.add(ability);
      else abilities.delete(ability);
    }
  }
  return abilities;
}
