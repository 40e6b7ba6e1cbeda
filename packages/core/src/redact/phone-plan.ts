/**
 * Which digits can be a telephone number, by the numbering plans of the world (Google's metadata as libphonenumber-js ships
 * it). Only the plans are read: their one file loads in 4 ms and a check takes less than a microsecond, while the parser of
 * the same package takes 50 ms to load and 10 µs a number.
 */
import metadata from 'libphonenumber-js/metadata.min.json';

/** The parts of a plan that decide validity. Positions: version 4 of the metadata format. */
interface Plan {
  readonly lengths: ReadonlySet<number>;
  readonly pattern: RegExp;
  /** Digits dialled before the national number at home; empty when there are none. */
  readonly trunk: string;
}

const VERSION = 4;
const PATTERN_AT = 2;
const LENGTHS_AT = 3;
const TRUNK_AT = 5;
const TYPES_AT = 11;

const countries: Readonly<Record<string, unknown>> = metadata.countries;
const countriesOfCode: Readonly<Record<string, readonly string[]>> = metadata.country_calling_codes;
const worldwide: Readonly<Record<string, unknown>> = metadata.nonGeographic;
const plans = new Map<string, Plan | null>();

/** Countries that share a calling code list a pattern for each type of number; those are stricter than the general one. */
function readPatterns(plan: readonly unknown[]): string {
  const types: unknown = plan[TYPES_AT];
  const patterns = Array.isArray(types) ? types.flatMap((type: unknown) => (Array.isArray(type) ? [String(type[0])] : [])) : [];
  return patterns.length > 0 ? patterns.join('|') : String(plan[PATTERN_AT]);
}

function readPlan(source: unknown): Plan | null {
  if (metadata.version !== VERSION || !Array.isArray(source)) return null;
  const plan: readonly unknown[] = source;
  const lengths: unknown = plan[LENGTHS_AT];
  return {
    lengths: new Set(Array.isArray(lengths) ? lengths.map(Number) : []),
    pattern: new RegExp(`^(?:${readPatterns(plan)})$`),
    trunk: typeof plan[TRUNK_AT] === 'string' ? plan[TRUNK_AT] : '',
  };
}

function planOf(region: string): Plan | null {
  let plan = plans.get(region);
  if (plan === undefined) {
    plan = readPlan(Object.hasOwn(countries, region) ? countries[region] : worldwide[region]);
    plans.set(region, plan);
  }
  return plan;
}

const fits = (plan: Plan, national: string): boolean => plan.lengths.has(national.length) && plan.pattern.test(national);

/**
 * @param digits as dialled inside the country, with or without its trunk prefix
 * @param region ISO 3166 code, for example JP
 */
export function isNationalNumber(digits: string, region: string): boolean {
  const plan = planOf(region);
  if (plan === null) return false;
  if (plan.trunk !== '' && digits.startsWith(plan.trunk) && fits(plan, digits.slice(plan.trunk.length))) return true;
  return plan.trunk !== '0' || !digits.startsWith('0') ? fits(plan, digits) : false;
}

/** @returns true when numbers of the region are dialled with a leading 0 at home, so that one without it needs a context */
export function hasTrunkPrefix(region: string): boolean {
  return planOf(region)?.trunk === '0';
}

/** @returns the calling code of a region, for example `81`; undefined when the region is unknown */
export function callingCodeOf(region: string): string | undefined {
  const plan = Object.hasOwn(countries, region) ? countries[region] : undefined;
  return Array.isArray(plan) ? String(plan[0]) : undefined;
}

/** Mobile prefixes that people still write between the calling code and the number. */
const OBSOLETE_PREFIXES: Readonly<Record<string, string>> = { '52': '1' };

type Check = (national: string, region: string) => boolean;

function checkRegions(code: string, national: string, check: Check): boolean {
  const regions = Object.hasOwn(countriesOfCode, code) ? (countriesOfCode[code] ?? []) : [code];
  const obsolete = OBSOLETE_PREFIXES[code];
  if (obsolete !== undefined && national.startsWith(obsolete) && checkRegions(code, national.slice(obsolete.length), check)) return true;
  return regions.some((region) => check(national, region));
}

/** Calling codes are prefix-free, so at most one fits. */
function checkInternational(digits: string, check: Check): boolean {
  for (let length = 1; length <= 3; length++) {
    const code = digits.slice(0, length);
    if (Object.hasOwn(countriesOfCode, code) || Object.hasOwn(worldwide, code)) return checkRegions(code, digits.slice(length), check);
  }
  return false;
}

/** @param digits everything after the +, calling code first; a trunk prefix in parentheses, as in +44 (0)20, may be among them */
export function isInternationalNumber(digits: string): boolean {
  return checkInternational(digits, isNationalNumber);
}

/** @returns true when the calling code exists and the rest is as long as its numbers are, given out or not */
export function hasInternationalLength(digits: string): boolean {
  return digits.length >= 9 && checkInternational(digits, (national, region) => planOf(region)?.lengths.has(national.length) ?? false);
}
