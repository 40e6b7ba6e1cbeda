import { AiCoreError, formatMoney } from '@ai-core/core';
import { CALLER_USAGE_GROUPS, reportCallerUsage, reportUsage, USAGE_GROUPS, type CallerUsageGroup } from '@ai-core/store';
import { z } from 'zod';
import { ERROR_RESPONSES, LOOK_TIMEOUT_MS } from '../route-parts.ts';
import { declareRoute } from '../route.ts';

const LineSchema = z.object({
  key: z.string(),
  requests: z.int(),
  cache_hits: z.int().describe('answered from memory or by work that was in flight'),
  cost_usd: z.string(),
  saved_usd: z.string(),
});

interface Line {
  readonly key: string;
  readonly requests: number;
  readonly cacheHits: number;
  readonly costNanoUsd: bigint;
  readonly savedNanoUsd: bigint;
}

function toLine(line: Line): z.infer<typeof LineSchema> {
  return {
    key: line.key,
    requests: line.requests,
    cache_hits: line.cacheHits,
    cost_usd: formatMoney(line.costNanoUsd),
    saved_usd: formatMoney(line.savedNanoUsd),
  };
}

function isCallerGroup(by: string): by is CallerUsageGroup {
  return (CALLER_USAGE_GROUPS as readonly string[]).includes(by);
}

export const getUsage = declareRoute({
  method: 'GET',
  path: '/v1/usage',
  need: 'app',
  scope: 'account',
  tag: 'accounts',
  about: 'What has been asked and what it cost, up to about a minute ago; a key of the role app sees its own requests',
  errors: 'problem',
  query: z.strictObject({
    days: z.coerce.number().int().min(1).max(400).default(30).describe('UTC days, today included'),
    by: z
      .enum(USAGE_GROUPS)
      .default('day')
      .describe(`a key of the role app may say ${CALLER_USAGE_GROUPS.join(', ')}`),
  }),
  responses: {
    200: {
      about: 'the accounts',
      schema: z.object({
        days: z.int(),
        by: z.string(),
        simulated: z.boolean(),
        of: z.string().describe('whose requests: the name of the key, or "everyone"'),
        lines: z.array(LineSchema),
      }),
    },
    ...ERROR_RESPONSES,
  },
  timeoutMs: LOOK_TIMEOUT_MS,
  async handle({ services, caller, query }) {
    const { database, simulated } = services;
    const { days, by } = query;
    // A key that is limited to scopes is no administrator of all of them.
    if (caller.key.role === 'admin' && caller.key.scopes === null) {
      const report = await reportUsage(database, { days, by, simulated });
      return { days, by, simulated, of: 'everyone', lines: report.groups.map(toLine) };
    }
    if (!isCallerGroup(by)) throw new AiCoreError('REQUEST_INVALID', `a key of the role app may ask by ${CALLER_USAGE_GROUPS.join(', ')}`);
    const lines = await reportCallerUsage(database, { caller: caller.key.name, days, by, simulated });
    return { days, by, simulated, of: caller.key.name, lines: lines.map(toLine) };
  },
});
