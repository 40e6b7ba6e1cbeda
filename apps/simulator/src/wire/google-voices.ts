import { GOOGLE_VOICES } from '../speech-voices.ts';
import { googleTts } from '../vendors/google.ts';
import { type FreeRoute, jsonReply } from '../wire.ts';

/** GET /v1/voices?languageCode= */
export const googleVoices: FreeRoute = {
  kind: 'free',
  vendor: googleTts,
  method: 'GET',
  path: /^\/v1\/voices$/,
  answer({ query }) {
    const language = (query.get('languageCode') ?? '').toLowerCase();
    const voices = GOOGLE_VOICES.filter((voice) => voice.languageCodes.some((code) => code.toLowerCase().startsWith(language)));
    return jsonReply({ voices: voices.map((voice) => ({ ...voice, naturalSampleRateHertz: 24_000 })) });
  },
};
