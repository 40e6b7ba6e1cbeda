/** A worker whose wall clock is wrong. Arguments: those of worker-process.ts, then by how many milliseconds. */
const shiftMs = Number(process.argv[3]);
globalThis.Date = new Proxy(Date, {
  construct: (real, values: unknown[], target) =>
    Reflect.construct(real, values.length === 0 ? [real.now() + shiftMs] : values, target) as object,
  get: (real, name) => (name === 'now' ? () => real.now() + shiftMs : Reflect.get(real, name)),
});
await import('./worker-process.ts');
