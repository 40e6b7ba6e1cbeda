/** Google's names where they differ from what CLDR makes likely. */
const GOOGLE_LOCALES: Readonly<Record<string, string>> = { zh: 'cmn-CN', ar: 'ar-XA', no: 'nb-NO' };

/** @returns the primary tag of a language, lower case: "ja" of "ja-JP" */
export function primaryTag(language: string): string {
  return (language.split('-')[0] ?? '').toLowerCase();
}

/**
 * A language with its region, as speech engines want it: "ja" becomes "ja-JP", "en-gb" becomes "en-GB".
 * @param language BCP 47
 * @returns the region most likely for the language where none is named; the language as it is when it is no tag
 */
export function toLocale(language: string): string {
  const special = GOOGLE_LOCALES[language.toLowerCase()];
  if (special) return special;
  try {
    const { language: primary, region } = new Intl.Locale(language).maximize();
    return region ? `${primary}-${region}` : primary;
  } catch {
    return language;
  }
}
