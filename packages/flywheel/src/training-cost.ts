/** What providers take for training, in nano-USD per million trained tokens, by base model (their price lists, 2026-11). */
const RATES: readonly (readonly [RegExp, bigint])[] = [
  [/^gpt-4o-mini/, 3_000_000_000n],
  [/^gpt-4\.1-mini/, 5_000_000_000n],
  [/^gpt-4\.1-nano/, 1_500_000_000n],
  [/^gpt-(4o|4\.1)/, 25_000_000_000n],
  [/^gemini-.*flash-lite/, 1_500_000_000n],
  [/^gemini-.*flash/, 5_000_000_000n],
  [/^gemini-.*pro/, 25_000_000_000n],
];
const MILLION = 1_000_000n;

/** @returns null when the number of tokens or the price is not known */
export function trainingCost(baseModel: string, trainedTokens: number | null): bigint | null {
  const rate = RATES.find(([pattern]) => pattern.test(baseModel))?.[1];
  if (rate === undefined || trainedTokens === null) return null;
  return (BigInt(trainedTokens) * rate + MILLION / 2n) / MILLION;
}
