/** The forms that speech comes in. */
export const SPEECH_FORMATS = ['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm'] as const;
/** opus: in Ogg. aac: a stream of ADTS frames. pcm: signed 16-bit little-endian samples at 24 kHz, one channel, no header; wav has one. */
export type SpeechFormat = (typeof SPEECH_FORMATS)[number];

interface FormatFacts {
  readonly contentType: string;
  /** True when files of the same engine can be put together to one without encoding them again. */
  readonly isJoinable: boolean;
}

/** A file's name ends as its format is called. */
export const FORMAT_FACTS = {
  mp3: { contentType: 'audio/mpeg', isJoinable: true },
  opus: { contentType: 'audio/ogg', isJoinable: false },
  aac: { contentType: 'audio/aac', isJoinable: true },
  flac: { contentType: 'audio/flac', isJoinable: false },
  wav: { contentType: 'audio/wav', isJoinable: true },
  pcm: { contentType: 'audio/pcm', isJoinable: true },
} as const satisfies Record<SpeechFormat, FormatFacts>;

/** Samples a second of headerless sound. */
export const PCM_RATE = 24_000;
export const PCM_SAMPLE_BYTES = 2;

/** @returns the format of a file by the end of its name; mp3 where it tells none */
export function formatOfFile(file: string): SpeechFormat {
  return SPEECH_FORMATS.find((format) => file.endsWith(`.${format}`)) ?? 'mp3';
}
