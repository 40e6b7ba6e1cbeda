/** ElevenLabs' `/v1/usage/character-stats` with breakdown_type=model: characters per model and day of UTC. It knows no money. */
import { z } from 'zod';
import { billFault, type BillFormat } from '../bill-format.ts';
import { NO_USAGE } from '../usage.ts';
import { firstProblem } from './bucket-pages.ts';

const Stats = z.object({
  time: z.array(z.number().int().min(0)),
  usage: z.record(z.string(), z.array(z.number().int().min(0))),
});

const DAY_MS = 86_400_000;

export const elevenlabsStats: BillFormat = {
  provider: 'elevenlabs',
  recognises: (content) =>
    content.kind === 'json' && z.object({ time: z.array(z.unknown()), usage: z.object({}) }).safeParse(content.pages[0]).success,
  read(content) {
    const pages = content.kind === 'json' ? content.pages : [];
    const days: string[] = [];
    const lines = pages.flatMap((page, number) => {
      const stats = Stats.safeParse(page);
      if (!stats.success) throw billFault(pages.length === 1 ? 'the document' : `page ${number + 1}`, firstProblem(stats.error));
      const { time, usage } = stats.data;
      if (time.some((at, index) => index > 0 && at - (time[index - 1] ?? 0) > DAY_MS)) {
        throw billFault('time', 'the steps are longer than a day; fetch with aggregation_interval=day');
      }
      const pageDays = time.map((at) => new Date(at).toISOString().slice(0, 10));
      days.push(...pageDays);
      return Object.entries(usage).flatMap(([model, counts]) => {
        if (counts.length !== time.length) throw billFault(`usage.${model}`, `${counts.length} figures for ${time.length} times`);
        return counts.flatMap((characters, index) => {
          const line = { place: `usage.${model}[${index}]`, day: pageDays[index] ?? '', model, requestId: null };
          return characters === 0 ? [] : [{ ...line, costNanoUsd: null, decimals: null, calls: null, usage: { ...NO_USAGE, characters } }];
        });
      });
    });
    return { timeZone: 'UTC', lines, ignored: 0, days };
  },
};
