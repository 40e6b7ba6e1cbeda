import { describe, expect, it } from 'vitest';
import { readBill } from './read-bill.ts';

const bucket = (results: readonly object[], start = 1_793_491_200): object => ({
  object: 'bucket',
  start_time: start,
  end_time: start + 86_400,
  results,
});
const page = (...data: object[]): object => ({ object: 'page', data, has_more: false, next_page: null });
const cost = (value: number, lineItem: string | null, currency = 'usd'): object => ({
  object: 'organization.costs.result',
  amount: { value, currency },
  line_item: lineItem,
  project_id: null,
});
const json = (value: unknown): string => JSON.stringify(value);

describe('exports of OpenAI', () => {
  it('costs: one amount for each line item, whose first word is the model; days without use are covered', () => {
    const text = json(page(bucket([cost(0.06, 'gpt-5-mini-2025-08-07, cached input'), cost(1e-7, 'tts-1')]), bucket([], 1_793_577_600)));
    expect(readBill(text)).toMatchObject({
      provider: 'openai',
      timeZone: 'UTC',
      from: '2026-11-01',
      to: '2026-11-02',
      lines: [
        {
          place: 'data[0].results[0]',
          day: '2026-11-01',
          model: 'gpt-5-mini-2025-08-07',
          costNanoUsd: 60_000_000n,
          decimals: 2,
          calls: null,
        },
        { model: 'tts-1', costNanoUsd: 100n, decimals: 7 },
      ],
    });
  });

  it('usage: calls, tokens and characters for each model, costs and usage together as pages of one list', () => {
    const use = {
      object: 'organization.usage.completions.result',
      model: 'gpt-5',
      num_model_requests: 5,
      input_tokens: 1000,
      output_tokens: 500,
      input_cached_tokens: 800,
      batch: false,
    };
    const speech = { object: 'organization.usage.audio_speeches.result', model: 'tts-1', num_model_requests: 2, characters: 45 };
    const { lines } = readBill(json([page(bucket([use, speech])), page(bucket([cost(0.5, 'gpt-5, output')]))]));
    expect(lines).toMatchObject([
      {
        place: 'page 1 data[0].results[0]',
        calls: 5,
        costNanoUsd: null,
        usage: { inputTokens: 1000, cacheReadTokens: 800, outputTokens: 500 },
      },
      { calls: 2, usage: { characters: 45 } },
      { calls: null, costNanoUsd: 500_000_000n, usage: null },
    ]);
  });

  it('CSV: costs, and activity with request ids where there are some', () => {
    const costs =
      'start_time,start_time_iso,amount_value,amount_currency,line_item\n1793491200,2026-11-01T00:00:00+00:00,0.1234567891,usd,"gpt-5, input"\n1793577600,2026-11-02T00:00:00+00:00,,,\n';
    expect(readBill(costs)).toMatchObject({
      provider: 'openai',
      to: '2026-11-02',
      lines: [{ place: 'line 2', model: 'gpt-5', costNanoUsd: 123_456_789n }],
    });
    const activity = '\uFEFFstart_time,model,num_model_requests,input_tokens,output_tokens,request_id\r\n1793491200,gpt-5,1,10,5,req_1\r\n';
    expect(readBill(activity).lines).toMatchObject([
      { day: '2026-11-01', calls: 1, requestId: 'req_1', usage: { inputTokens: 10, outputTokens: 5 } },
    ]);
  });
});

describe('exports of Anthropic', () => {
  const claude = (results: readonly object[]): string =>
    json({ data: [{ starting_at: '2026-11-01T00:00:00Z', ending_at: '2026-11-02T00:00:00Z', results }], has_more: false });

  it('costs are cents with fractions; what has no model goes by its description', () => {
    const text = claude([
      { amount: '123.78912', currency: 'USD', model: 'claude-sonnet-4-20250514', cost_type: 'tokens', token_type: 'output_tokens' },
      { amount: '2', currency: 'USD', model: null, description: 'Web Search Usage' },
    ]);
    expect(readBill(text)).toMatchObject({
      provider: 'claude',
      from: '2026-11-01',
      to: '2026-11-01',
      lines: [
        { model: 'claude-sonnet-4-20250514', costNanoUsd: 1_237_891_200n, decimals: 7 },
        { model: 'Web Search Usage', costNanoUsd: 20_000_000n },
      ],
    });
  });

  it('usage adds what was written to and read from the cache to the input', () => {
    const text = claude([
      {
        uncached_input_tokens: 100,
        cache_creation: { ephemeral_1h_input_tokens: 10, ephemeral_5m_input_tokens: 20 },
        cache_read_input_tokens: 200,
        output_tokens: 50,
        model: 'claude-opus-4',
        service_tier: 'batch',
      },
    ]);
    expect(readBill(text).lines).toMatchObject([
      {
        calls: null,
        costNanoUsd: null,
        usage: { inputTokens: 330, cacheReadTokens: 200, cacheWriteTokens: 20, cacheWriteLongTokens: 10, outputTokens: 50, batch: true },
      },
    ]);
  });
});

describe('exports of Google', () => {
  it('the billing export in moments of UTC: models out of SKUs, other services are left out and counted', () => {
    const text = [
      'service.description,sku.description,usage_start_time,cost,currency',
      'Gemini API,"Generate content output token count Gemini 2.5 Flash Lite, text",2026-11-01 23:00:00 UTC,0.0123,USD',
      'Gemini API,generate_content input token count gemini 2.5 pro short,2026-11-02 01:00:00 UTC,1.2e-05,USD',
      'Gemini API,Grounding with search,2026-11-02 01:00:00 UTC,0.5,USD',
      'Compute Engine,N1 core,2026-11-02 01:00:00 UTC,12.5,USD',
    ].join('\n');
    expect(readBill(text)).toMatchObject({
      provider: 'gemini',
      timeZone: 'UTC',
      ignored: 1,
      lines: [
        { place: 'line 2', day: '2026-11-01', model: 'gemini-2.5-flash-lite', costNanoUsd: 12_300_000n },
        { day: '2026-11-02', model: 'gemini-2.5-pro', costNanoUsd: 12_000n },
        { model: 'Grounding with search', costNanoUsd: 500_000_000n },
      ],
    });
  });

  it('the downloaded reports page in days of Pacific time, without its totals', () => {
    const text =
      'Usage start date,Service description,SKU description,Cost ($)\n2026-11-01,Gemini API,Gemini 2.5 Pro input,"$1,234.50"\n,,,"$1,234.50"\n';
    expect(readBill(text)).toMatchObject({
      timeZone: 'America/Los_Angeles',
      lines: [{ day: '2026-11-01', costNanoUsd: 1_234_500_000_000n, decimals: 2 }],
    });
  });
});

describe('exports of ElevenLabs', () => {
  it('characters for each model and day', () => {
    const text = json({ time: [1_793_491_200_000, 1_793_577_600_000], usage: { eleven_v3: [0, 120], eleven_flash_v2_5: [7, 0] } });
    expect(readBill(text)).toMatchObject({
      provider: 'elevenlabs',
      from: '2026-11-01',
      to: '2026-11-02',
      lines: [
        { place: 'usage.eleven_v3[1]', day: '2026-11-02', usage: { characters: 120 } },
        { model: 'eleven_flash_v2_5', day: '2026-11-01', usage: { characters: 7 } },
      ],
    });
  });

  it('the history has each call with the id of its request', () => {
    const item = {
      request_id: 'r1',
      model_id: 'eleven_v3',
      date_unix: 1_793_491_205,
      character_count_change_from: 100,
      character_count_change_to: 129,
    };
    expect(readBill(json({ history: [item], has_more: false })).lines).toMatchObject([
      { requestId: 'r1', calls: 1, day: '2026-11-01', usage: { characters: 29 } },
    ]);
  });

  it('CSV', () => {
    const text = 'date,model,characters,request_id\n2026-11-01,eleven_v3,"1,200",r1\n1793491200,eleven_v3,3,\n';
    expect(readBill(text)).toMatchObject({
      provider: 'elevenlabs',
      lines: [
        { requestId: 'r1', calls: 1, usage: { characters: 1200 } },
        { requestId: null, calls: null, day: '2026-11-01' },
      ],
    });
  });
});

describe('an export that cannot be read is refused with the place of its fault', () => {
  const csv = (...lines: string[]): string => lines.join('\n');
  const HEAD = 'start_time_iso,amount_value,amount_currency,line_item';
  const claude = (result: object): string =>
    json({ data: [{ starting_at: '2026-11-01T00:00:00Z', ending_at: '2026-11-02T00:00:00Z', results: [result] }] });
  it.each([
    ['an empty file', '', 'line 1 of the export: this is no known export of any provider'],
    ['cut JSON', '{"object": "page",\n"data": [\n{"object"', 'line 3 of the export: it is not JSON'],
    ['a wrong JSON token', '{"object": "page",\n"data": oops,\n"x": 1}', 'line 2 of the export: it is not JSON'],
    [
      'a wrong JSON token far in',
      `[\n{"object": "page",\n${'"x": 1,\n'.repeat(50)}"y": tru,\n"z": {}}]\n`,
      'line 53 of the export: it is not JSON',
    ],
    ['other JSON', '{"hello": []}', 'no known export'],
    ['unknown columns', 'a,b\n1,2\n', 'no known export'],
    ['a further page', json({ ...page(bucket([])), has_more: true }), 'has_more of the export: further pages exist'],
    [
      'costs without line items',
      json(page(bucket([cost(1, null)]))),
      'data[0].results[0] of the export: the costs must be grouped by line_item',
    ],
    ['another currency', json(page(bucket([cost(1, 'gpt-5', 'eur')]))), 'the currency is eur'],
    ['an unknown result', json(page(bucket([cost(1, 'gpt-5')]), bucket([{ object: 'x' }]))), 'data[1] of the export: results.0.object'],
    [
      'a month in a bucket',
      json(page({ ...bucket([cost(1, 'x')]), end_time: 1_796_083_200 })),
      'data[0] of the export: a bucket must be a day',
    ],
    ['no day at all', json({ time: [], usage: {} }), 'the export covers no day'],
    ['an unknown result of Anthropic', claude({ tokens: 1 }), 'data[0].results[0] of the export: it is neither'],
    ['cents that are none', claude({ amount: 'much', currency: 'USD', model: 'm' }), 'amount is not a decimal number of cents'],
    ['usage by no model', claude({ uncached_input_tokens: 1, output_tokens: 1 }), 'the usage must be grouped by model'],
    [
      'a wrong amount',
      csv(HEAD, '2026-11-01,0.5,usd,gpt-5', '2026-11-02,half,usd,gpt-5'),
      'line 3 of the export: amount_value is not an amount',
    ],
    ['a wrong day', csv(HEAD, '01/11/2026,0.5,usd,gpt-5'), 'line 2 of the export: start_time_iso is not a day'],
    ['a missing cell', csv(HEAD, '2026-11-01,0.5,usd,'), 'line 2 of the export: line_item is missing'],
    ['too many cells', csv(HEAD, '', '2026-11-01,0.5,usd,gpt-5,x'), 'line 3 of the export: it has 5 cells under 4 headings'],
    ['an open quote', csv(HEAD, '2026-11-01,0.5,usd,"gpt-5'), 'line 2 of the export: a quoted cell is not closed'],
    ['words after a quote', csv(HEAD, '2026-11-01,0.5,usd,"gpt"-5'), 'line 2 of the export: something follows a quoted cell'],
    ['a negative count', 'date,model,characters\n2026-11-01,v3,-4\n', 'line 2 of the export: characters is not a count'],
    [
      'euros of Google',
      'usage_start_time,sku.description,cost,currency\n2026-11-01,Gemini 2.5 Pro,1,EUR\n',
      'line 2 of the export: the currency is EUR',
    ],
    [
      'figures that do not fit',
      json({ time: [1_793_491_200_000], usage: { v3: [1, 2] } }),
      'usage.v3 of the export: 2 figures for 1 times',
    ],
    ['months', json({ time: [1_793_491_200_000, 1_796_083_200_000], usage: { v3: [1, 2] } }), 'the steps are longer than a day'],
    ['a history item without a model', json({ history: [{ date_unix: 1 }] }), 'history[0] of the export: model_id'],
  ])('%s', (_, text, words) => {
    expect(() => readBill(text)).toThrow(
      expect.objectContaining({ code: 'REQUEST_INVALID', message: expect.stringContaining(words) as string }) as Error,
    );
  });

  it('an export of somebody else than the provider that was named', () => {
    expect(() => readBill(json(page(bucket([]))), 'claude')).toThrow('no known export of claude');
  });
});
