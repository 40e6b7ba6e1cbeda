import { ELEVENLABS_VOICES } from '../speech-voices.ts';
import { elevenlabs } from '../vendors/elevenlabs.ts';
import { type FreeRoute, jsonReply } from '../wire.ts';

/** GET /v2/voices?search= */
export const elevenlabsVoices: FreeRoute = {
  kind: 'free',
  vendor: elevenlabs,
  method: 'GET',
  path: /^\/v2\/voices$/,
  answer({ query }) {
    const search = (query.get('search') ?? '').toLowerCase();
    const voices = ELEVENLABS_VOICES.filter((voice) => voice.name.toLowerCase().includes(search));
    return jsonReply({
      voices: voices.map((voice) => ({ ...voice, category: 'premade', labels: {} })),
      has_more: false,
      total_count: voices.length,
      next_page_token: null,
    });
  },
};
