import type { ProviderName } from './provider-facts.ts';

/** Names of speech engines whose voices are called by their names. */
function byName(names: string): Readonly<Record<string, string>> {
  return Object.fromEntries(names.split(' ').map((name) => [name, name]));
}

/**
 * Voices that every account of a provider has: name to id. Voices of one account are rows of ai_voice, which win over these.
 * ElevenLabs: its 21 default voices as `GET /v1/voices` listed them in July 2026 (until 2025 "Bella" was the voice now called Sarah).
 * OpenAI: the voices of its client library. Gemini: the 30 prebuilt voices of its speech guide. Google Cloud's are too many: its
 * voices are called by ids such as ja-JP-Neural2-B.
 */
export const PUBLIC_VOICES: Readonly<Partial<Record<ProviderName, Readonly<Record<string, string>>>>> = {
  elevenlabs: {
    Adam: 'pNInz6obpgDQGcFmaJgB',
    Alice: 'Xb7hH8MSUJpSbSDYk0k2',
    Bella: 'hpp4J3VqNfWAUOO0d1Us',
    Bill: 'pqHfZKP75CvOlQylNhV4',
    Brian: 'nPczCjzI2devNBz1zQrb',
    Callum: 'N2lVS1w4EtoT3dr4eOWO',
    Charlie: 'IKne3meq5aSn9XLyUdCD',
    Chris: 'iP95p4xoKVk53GoZ742B',
    Daniel: 'onwK4e9ZLuTAKqWW03F9',
    Eric: 'cjVigY5qzO86Huf0OWal',
    George: 'JBFqnCBsd6RMkjVDRZzb',
    Harry: 'SOYHLrjzK2X1ezoPC6cr',
    Jessica: 'cgSgspJ2msm6clMCkdW9',
    Laura: 'FGY2WhTYpPnrIDTdsKH5',
    Liam: 'TX3LPaxmHKxFdv7VOQHJ',
    Lily: 'pFZP5JQG7iQjIQuC4Bku',
    Matilda: 'XrExE9yKIg1WjnnlVkGX',
    River: 'SAz9YHcvj6GT2YYXdXww',
    Roger: 'CwhRBWXzGAHq8TQ4Fs17',
    Sarah: 'EXAVITQu4vr4xnSDxMaL',
    Will: 'bIHbv24MWmeRgasZH58o',
  },
  openai: byName('alloy ash ballad coral echo fable onyx nova sage shimmer verse marin cedar'),
  gemini: byName(
    'Zephyr Puck Charon Kore Fenrir Leda Orus Aoede Callirrhoe Autonoe Enceladus Iapetus Umbriel Algieba Despina Erinome Algenib ' +
      'Rasalgethi Laomedeia Achernar Alnilam Schedar Gacrux Pulcherrima Achird Zubenelgenubi Vindemiatrix Sadachbia Sadaltager Sulafat',
  ),
};

/** What a voice id of a provider looks like; such a voice is taken as it is, for accounts have voices that nobody else knows. */
export const VOICE_IDS: Readonly<Partial<Record<ProviderName, RegExp>>> = {
  google_tts: /^[a-z]{2,3}-[A-Za-z]{2,4}(?:-[A-Za-z]{2})?-[\w-]+$/,
};
