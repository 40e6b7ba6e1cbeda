/** ElevenLabs' usage as CSV: a day or moment, a model, characters; with request ids where the rows are single calls. */
import type { BillFormat } from '../bill-format.ts';
import { NO_USAGE } from '../usage.ts';
import { cellOf, countOf, dayOf, hasColumns, placeOf, textOf } from './csv-cells.ts';

const TIME = ['date', 'time', 'date_unix', 'timestamp'];
const MODEL = ['model', 'model_id'];
const CHARACTERS = ['characters', 'character_count', 'character count'];
const REQUEST = ['request_id', 'request id'];

export const elevenlabsCsv: BillFormat = {
  provider: 'elevenlabs',
  recognises: (content) => hasColumns(content, TIME, MODEL, CHARACTERS),
  read(content) {
    const rows = content.kind === 'csv' ? content.rows : [];
    const lines = rows.map((row) => {
      const requestId = cellOf(row, REQUEST) || null;
      const usage = { ...NO_USAGE, characters: countOf(row, CHARACTERS) };
      const line = { place: placeOf(row), day: dayOf(row, TIME), model: textOf(row, MODEL), requestId };
      return { ...line, costNanoUsd: null, decimals: null, calls: requestId === null ? null : 1, usage };
    });
    return { timeZone: 'UTC', lines, ignored: 0, days: [] };
  },
};
