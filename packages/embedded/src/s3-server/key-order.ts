/**
 * S3 lists keys in the order of their UTF-8 bytes. JavaScript compares UTF-16 units, which differs for characters beyond U+FFFF:
 * their surrogates (U+D800 to U+DFFF) must rank above U+E000 to U+FFFF.
 */
function rankOf(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

/** Compares two keys by their UTF-8 bytes, for sorting. */
export function compareKeys(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const [leftUnit, rightUnit] = [left.charCodeAt(index), right.charCodeAt(index)];
    if (leftUnit !== rightUnit) return rankOf(leftUnit) - rankOf(rightUnit);
  }
  return left.length - right.length;
}
