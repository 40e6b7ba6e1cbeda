/** The numbering of one request: which placeholder stands for which value. */
import { readPlaceholders } from './placeholder.ts';
import type { Placeholder, PlaceholderKind } from './placeholder.ts';
import { foldText } from './fold-text.ts';
import { callingCodeOf } from './phone-plan.ts';

/** A number with its calling code, so that 090-… and +81 90-… are the same number. */
function phoneIdentity(folded: string, region: string): string {
  const digits = folded.replace(/\(0\)/, '').replace(/\D/g, '');
  if (folded.includes('+')) return digits;
  if (digits.startsWith('00')) return digits.slice(2);
  if (digits.startsWith('0')) return `${callingCodeOf(region) ?? ''}${digits.slice(1)}`;
  return digits.length === 10 ? `1${digits}` : digits;
}

const lowerLetters = (folded: string): string => folded.toLowerCase().replace(/[\s\-._+・·]+/g, '');
const letters = (folded: string): string => folded.replace(/[^\p{L}\p{N}]/gu, '').toUpperCase();

/** What two spellings of the same value have in common. */
const IDENTITIES = {
  EMAIL: (folded) =>
    folded
      .toLowerCase()
      .replace(/ |%40|[([] ?(?:at|@) ?[)\]]/g, '@')
      .replace(/@+/g, '@'),
  PHONE: phoneIdentity,
  CARD: letters,
  IBAN: letters,
  IP: (folded) => folded.toLowerCase(),
  SSN: letters,
  KEY: (folded) => folded,
  NAME: lowerLetters,
  LEFT: (folded) => folded,
  RIGHT: (folded) => folded,
} as const satisfies Record<PlaceholderKind, (folded: string, region: string) => string>;

/** One value: its number, and how many spellings of it there are. */
interface Entry {
  readonly number: number;
  spellings: number;
}

export class PlaceholderBook {
  readonly #region: string;
  readonly #values = new Map<string, Placeholder>();
  readonly #entries = new Map<string, Entry>();
  /** Tokens by kind and exact spelling. */
  readonly #tokens = new Map<string, string>();
  /** Numbers that are taken, as `EMAIL_1`. */
  readonly #taken = new Set<string>();
  readonly #lastNumbers = new Map<PlaceholderKind, number>();

  /** @param values placeholders that the request already has, whose numbering goes on */
  constructor(values: readonly Placeholder[], region: string) {
    this.#region = region;
    for (const value of values) this.#keep(value);
  }

  get values(): Placeholder[] {
    return [...this.#values.values()];
  }

  /**
   * Reserves a placeholder that the text itself holds, so that it stands for itself.
   * @returns false when that placeholder already stands for something else
   */
  reserve(token: string, kind: PlaceholderKind): boolean {
    const known = this.#values.get(token);
    if (known !== undefined) return known.value === token;
    this.#keep({ token, kind, value: token });
    return true;
  }

  /** The placeholder of a value: the same number for every spelling of it, the same token for the same spelling. */
  tokenFor(kind: PlaceholderKind, value: string): string {
    const known = this.#tokens.get(`${kind} ${value}`);
    if (known !== undefined) return known;
    const entry = this.#entries.get(this.#keyOf(kind, value));
    const number = entry?.number ?? this.#nextNumber(kind);
    const token = this.#freeToken(kind, number, (entry?.spellings ?? 0) + 1);
    this.#keep({ token, kind, value });
    return token;
  }

  #keyOf(kind: PlaceholderKind, value: string): string {
    return `${kind} ${IDENTITIES[kind](foldText(value).text, this.#region)}`;
  }

  #nextNumber(kind: PlaceholderKind): number {
    let number = (this.#lastNumbers.get(kind) ?? 0) + 1;
    while (this.#taken.has(`${kind}_${number}`)) number++;
    this.#lastNumbers.set(kind, number);
    return number;
  }

  #freeToken(kind: PlaceholderKind, number: number, spelling: number): string {
    for (let next = spelling; ; next++) {
      const token = `⟦${kind}_${number}${next === 1 ? '' : `.${next}`}⟧`;
      if (!this.#values.has(token)) return token;
    }
  }

  #keep(placeholder: Placeholder): void {
    const { token, kind, value } = placeholder;
    const number = readPlaceholders(token)[0]?.number ?? 0;
    this.#values.set(token, placeholder);
    this.#taken.add(`${kind}_${number}`);
    if (value === token) return;
    const key = this.#keyOf(kind, value);
    const entry = this.#entries.get(key) ?? { number, spellings: 0 };
    entry.spellings++;
    this.#entries.set(key, entry);
    this.#tokens.set(`${kind} ${value}`, token);
  }
}
