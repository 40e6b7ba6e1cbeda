import type { z } from 'zod';

/** The first thing that is wrong with a line, with its place; null = it has the shape. */
export function findShapeFault(schema: z.ZodType, line: unknown): string | null {
  const issue = schema.safeParse(line).error?.issues[0];
  if (issue === undefined) return null;
  return `${issue.path.length === 0 ? 'the line' : issue.path.join('.')}: ${issue.message}`;
}
