/** ElevenLabs' `/v1/history`: one item per generated speech, most of them with the id of their request. It knows no money. */
import { z } from 'zod';
import { billFault, type BillFormat } from '../bill-format.ts';
import { NO_USAGE } from '../usage.ts';
import { firstProblem } from './bucket-pages.ts';

const Page = z.object({ history: z.array(z.unknown()), has_more: z.boolean().optional() });
const Item = z.object({
  request_id: z.string().min(1).nullish(),
  model_id: z.string().min(1),
  date_unix: z.number().int().min(0),
  character_count_change_from: z.number().int(),
  character_count_change_to: z.number().int(),
});

export const elevenlabsHistory: BillFormat = {
  provider: 'elevenlabs',
  recognises: (content) => content.kind === 'json' && z.object({ history: z.array(z.unknown()) }).safeParse(content.pages[0]).success,
  read(content) {
    const pages = content.kind === 'json' ? content.pages : [];
    const lines = pages.flatMap((value, number) => {
      const prefix = pages.length === 1 ? '' : `page ${number + 1} `;
      const page = Page.safeParse(value);
      if (!page.success) throw billFault(`${prefix}the page`, firstProblem(page.error));
      if (number === pages.length - 1 && page.data.has_more === true) {
        throw billFault(`${prefix}has_more`, 'further pages exist; fetch them all and put the pages into one JSON list');
      }
      return page.data.history.map((entry, index) => {
        const place = `${prefix}history[${index}]`;
        const item = Item.safeParse(entry);
        if (!item.success) throw billFault(place, firstProblem(item.error));
        const { request_id: requestId = null, model_id: model, date_unix: at } = item.data;
        const characters = item.data.character_count_change_to - item.data.character_count_change_from;
        if (characters < 0) throw billFault(place, 'the count of characters went down');
        const day = new Date(at * 1000).toISOString().slice(0, 10);
        return { place, day, model, requestId, costNanoUsd: null, decimals: null, calls: 1, usage: { ...NO_USAGE, characters } };
      });
    });
    return { timeZone: 'UTC', lines, ignored: 0, days: [] };
  },
};
