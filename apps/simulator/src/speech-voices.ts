/** The voices that the emulated vendors have. */
export interface ElevenLabsVoice {
  readonly voice_id: string;
  readonly name: string;
}

export const ELEVENLABS_VOICES: readonly ElevenLabsVoice[] = [
  { voice_id: 'pFZP5JQG7iQjIQuC4Bku', name: 'Lily' },
  { voice_id: 'nPczCjzI2devNBz1zQrb', name: 'Brian' },
  { voice_id: 'EXAVITQu4vr4xnSDxMaL', name: 'Sarah' },
  { voice_id: 'JBFqnCBsd6RMkjVDRZzb', name: 'George' },
];

export const OPENAI_VOICES: ReadonlySet<string> = new Set(
  'alloy ash ballad coral echo fable onyx nova sage shimmer verse marin cedar'.split(' '),
);

/** Google names a voice by its language, its family and a letter or a name. */
export const GOOGLE_VOICE = /^([a-z]{2,3}-[A-Z]{2})-(Standard|Wavenet|Neural2|Studio|Chirp3-HD)-[A-Z][a-zA-Z]*$/;

export const GOOGLE_VOICES: readonly { readonly name: string; readonly languageCodes: readonly string[]; readonly ssmlGender: string }[] = [
  { name: 'en-US-Neural2-F', languageCodes: ['en-US'], ssmlGender: 'FEMALE' },
  { name: 'en-US-Neural2-D', languageCodes: ['en-US'], ssmlGender: 'MALE' },
  { name: 'ja-JP-Neural2-B', languageCodes: ['ja-JP'], ssmlGender: 'FEMALE' },
  { name: 'ja-JP-Neural2-C', languageCodes: ['ja-JP'], ssmlGender: 'MALE' },
  { name: 'de-DE-Neural2-F', languageCodes: ['de-DE'], ssmlGender: 'FEMALE' },
];

export const GEMINI_VOICES: ReadonlySet<string> = new Set('Kore Puck Zephyr Charon Fenrir Leda Orus Aoede'.split(' '));
