import type { KnownVoice } from '@ai-core/core';
import type { Database, Statement } from './database.ts';

const REPLACE: Statement = {
  name: 'voices_replace',
  text: `with wanted as (
      select distinct on (voice_id) * from jsonb_to_recordset($2::jsonb) as x (voice_id text, name text, languages text[]) order by voice_id),
    gone as (delete from ai_voice v where v.provider = $1 and v.voice_id not in (select voice_id from wanted))
    insert into ai_voice (provider, voice_id, name, languages) select $1, voice_id, name, languages from wanted
    on conflict (provider, voice_id) do update set name = excluded.name, languages = excluded.languages, updated_at = clock_timestamp()
      where (ai_voice.name, ai_voice.languages) is distinct from (excluded.name, excluded.languages)`,
};

/** Makes the rows of one provider's voices what its account has now. Producers know them within a second. */
export async function replaceVoices(database: Database, provider: string, voices: readonly Omit<KnownVoice, 'provider'>[]): Promise<void> {
  const rows = voices.map(({ voiceId, name, languages }) => ({ voice_id: voiceId, name, languages }));
  await database.query(REPLACE, [provider, JSON.stringify(rows)]);
}
