/**
 * When groups of digits are a telephone number. What looks like a date, a decimal, a counter or a number of another kind is
 * none; without a + or a leading 0 the words before must say so.
 */
import { hasInternationalLength, hasTrunkPrefix, isInternationalNumber, isNationalNumber } from './phone-plan.ts';

/** Groups of digits that may be a number. */
export interface PhoneAttempt {
  readonly digits: string;
  /** Digits of each group; one group for a number that is spelled digit by digit. */
  readonly sizes: readonly number[];
  /** What stands between the groups. */
  readonly separators: readonly string[];
  readonly hasPlus: boolean;
  /** Another group of digits stands directly before, a single space between. */
  readonly isTail: boolean;
  /** The words before it on the same line, lower case. */
  readonly words: string;
  /** ISO 3166 code of the caller's country. */
  readonly region: string;
}

/** Countries whose national numbers are recognised without being the caller's region. */
const OTHER_REGIONS = ['JP', 'US', 'DE', 'ES', 'GB', 'FR', 'IT', 'KR', 'CN', 'MX', 'AR', 'AT', 'CH'] as const;

const LATIN_PHONE_WORDS =
  'tel(?:[.:]|\\b|é?fon|ephon|ef)|tfno|tlf|phone|mobile?\\b|móvil|movil|celular|cel\\.|cell\\b|handy|fax|whatsapp|call\\b|dial\\b|sms\\b|anruf|ruf|erreich|ll[aá]m|' +
  '(?:my|meine|mi|home|work|office) (?:number|nummer|número|numero)';
const PHONE_WORDS = new RegExp(
  `(?<![a-zà-ÿ])(?:${LATIN_PHONE_WORDS})|smartphone|電話|携帯|でんわ|ケータイ|スマホ|連絡先|ファックス|ファクス`,
);
const OTHER_NUMBER_WORDS = new RegExp(
  '(?:isbn|issn|\\bean\\b|\\bjan\\b|\\bupc\\b|\\bdoi\\b|arxiv|\\border\\b|invoice|\\bid\\b|version|rechnung|bestell|pedido|factura|' +
    '注文|会員|学籍|学生証|受験|登録|管理|整理|口座|品番|型番)\\p{L}{0,8}[^\\p{L}\\d]{0,4}(?:(?:no|nr|num|number|nummer|número)\\b)?[^\\p{L}\\d]{0,6}$|[#$¥€£]$',
  'u',
);

const isNamed = ({ words }: Pick<PhoneAttempt, 'words'>): boolean => PHONE_WORDS.test(words);

function readGroups({ digits, sizes }: PhoneAttempt): string[] {
  let end = 0;
  return sizes.map((size) => digits.slice(end, (end += size)));
}

/** Equal digits, binary digits, counting up or down, codes that all begin with 0: an example, a list or a counter. */
function isSequence(attempt: PhoneAttempt): boolean {
  const { digits } = attempt;
  if (/^(?:(\d)\1+|[01]+)$/.test(digits) || '01234567890123456789'.includes(digits) || '98765432109876543210'.includes(digits)) return true;
  const groups = readGroups(attempt);
  if (groups.length > 2 && attempt.separators[0] === ' ' && groups.every((group) => group.startsWith('0'))) return true;
  const numbers = groups.map(Number);
  return numbers.length > 2 && numbers.every((number, index) => index === 0 || number === (numbers[index - 1] ?? 0) + 1);
}

/** "8 045 311 447": the end of a number whose thousands are apart. */
function isThousands({ isTail, sizes, separators }: PhoneAttempt): boolean {
  return isTail && sizes.every((size) => size === 3) && separators.every((separator) => separator === ' ');
}

function isYears({ sizes, digits }: PhoneAttempt): boolean {
  return sizes.join('-') === '4-4' && /^(?:1\d|20)\d\d(?:1\d|20)\d\d$/.test(digits);
}

const isDecimal = ({ separators }: PhoneAttempt): boolean => separators.length === 1 && separators[0] === '.';

function fitsSomePlan({ digits, region }: PhoneAttempt): boolean {
  return isNationalNumber(digits, region) || OTHER_REGIONS.some((other) => other !== region && isNationalNumber(digits, other));
}

function isNorthAmerican({ digits, sizes, separators }: PhoneAttempt): boolean {
  if (!/^(?:1-)?3-3-4$/.test(sizes.join('-')) || separators.includes('/')) return false;
  return sizes.length === 3 ? isInternationalNumber(`1${digits}`) : digits.startsWith('1') && isInternationalNumber(digits);
}

/** Written as numbers are printed at home: the trunk prefix first, then groups of a sensible size. */
function isTrunkNumber(attempt: PhoneAttempt): boolean {
  const { digits, sizes, region } = attempt;
  if (!digits.startsWith('0') || digits.length < 9 || digits.length > 12) return false;
  if (sizes.length === 1) return hasTrunkPrefix(region) && isNationalNumber(digits, region);
  // A single digit may only be an extension at the end: 0711 123456-0.
  const isPrinted =
    (sizes[0] ?? 0) >= 2 && (sizes[0] ?? 0) <= 6 && !sizes.slice(0, attempt.separators.at(-1) === '-' ? -1 : undefined).includes(1);
  return isPrinted && fitsSomePlan(attempt);
}

/** In a country without trunk prefix the printed groups are all there is. */
function isPlainNational({ digits, sizes, region }: PhoneAttempt): boolean {
  return !hasTrunkPrefix(region) && /^(?:3-3-3|3-2-2-2|2-3-2-2)$/.test(sizes.join('-')) && isNationalNumber(digits, region);
}

/** With a word like "phone" before it, any number of a plan will do, and so will a local one. */
function isNamedNumber(attempt: PhoneAttempt): boolean {
  if (!isNamed(attempt)) return false;
  return (/^[2-4]-4$/.test(attempt.sizes.join('-')) && attempt.separators[0] === '-') || fitsSomePlan(attempt);
}

/** What looks like a number of another kind. */
function isOtherNumber(attempt: PhoneAttempt): boolean {
  if (isSequence(attempt) || isDecimal(attempt) || isThousands(attempt) || isYears(attempt)) return true;
  return OTHER_NUMBER_WORDS.test(attempt.words) && !isNamed(attempt);
}

/** How a number could begin, known before its end is. */
export interface PhoneBeginning {
  readonly firstGroup: string;
  readonly words: string;
  readonly region: string;
}

/** @returns false when no number without a + can begin so; cheap, where `isPhone` is not */
export function mayBeginPhone({ firstGroup, words, region }: PhoneBeginning): boolean {
  return firstGroup.startsWith('0') || firstGroup === '1' || firstGroup.length === 3 || !hasTrunkPrefix(region) || isNamed({ words });
}

/** @returns true when the groups are a telephone number */
export function isPhone(attempt: PhoneAttempt): boolean {
  const { digits, hasPlus } = attempt;
  if (hasPlus) return isInternationalNumber(digits) || (attempt.separators.length > 0 && hasInternationalLength(digits));
  if (isOtherNumber(attempt)) return false;
  const isAbroad = digits.startsWith('00') && digits.length >= 11 && isInternationalNumber(digits.slice(2));
  return isAbroad || isNorthAmerican(attempt) || isTrunkNumber(attempt) || isPlainNational(attempt) || isNamedNumber(attempt);
}
