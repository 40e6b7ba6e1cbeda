import type { Act } from './nemesis.ts';
import type { WireName } from './services.ts';
import type { Wire } from './wire.ts';

/** Of a slow network, in each direction. */
const DELAY_MS = 150;

/** What happens to one wire. */
const FAULTS = {
  dark:
    (wire: Wire): Act =>
    (_, lastsMs) =>
      wire.goDark(lastsMs),
  cut:
    (wire: Wire): Act =>
    () =>
      wire.cut(),
  slow:
    (wire: Wire): Act =>
    (_, lastsMs) =>
      wire.slowDown(DELAY_MS, lastsMs),
} as const;

type NetworkActName = `${WireName}_${keyof typeof FAULTS}`;

/** Every fault of every wire, as acts: `redis_dark`, `objects_cut` and so on. */
export function networkActs(wires: Readonly<Record<WireName, Wire>>): Record<NetworkActName, Act> {
  const acts = Object.entries(wires).flatMap(([name, wire]) =>
    Object.entries(FAULTS).map(([fault, act]) => [`${name}_${fault}`, act(wire)]),
  );
  return Object.fromEntries(acts) as Record<NetworkActName, Act>;
}
