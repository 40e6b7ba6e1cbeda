import { ERROR_CODES, ERRORS } from '@ai-core/core';
import { expect, it } from 'vitest';
import { describeRoutes } from './open-api.ts';
import { ROUTES } from './routes.ts';

type Operation = {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content: object }>>;
  readonly requestBody?: object;
};

const document = describeRoutes(ROUTES, '1.2.3') as {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};
const operations = Object.values(document.paths).flatMap((path) => Object.values(path));

it('describes every route of the table once, with an id of its own', () => {
  expect(document.openapi).toBe('3.1.1');
  expect(operations).toHaveLength(ROUTES.length);
  expect(new Set(operations.map((operation) => operation.operationId)).size).toBe(ROUTES.length);
});

it('names every parameter that stands in a path', () => {
  for (const [path, methods] of Object.entries(document.paths)) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
    for (const operation of Object.values(methods)) {
      const described = operation.parameters.filter((parameter) => parameter.in === 'path').map((parameter) => parameter.name);
      expect(described.toSorted()).toEqual(inPath.toSorted());
    }
  }
});

it('lists every error code under its status on every route that needs a key', () => {
  const described = ROUTES.filter((route) => route.need !== 'nothing').map((route) => route.responses);
  for (const responses of described) for (const code of ERROR_CODES) expect(responses[ERRORS[code].http]?.about).toContain(code);
});

it('refuses unknown fields in every body and query', () => {
  const text = JSON.stringify(document);
  expect(text).not.toContain('"undefined"');
  for (const route of ROUTES) {
    if (route.query === undefined) continue;
    expect(route.query.safeParse({ surely_unknown: '1' }).success, `${route.method} ${route.path}`).toBe(false);
  }
});
