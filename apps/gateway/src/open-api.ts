import { z } from 'zod';
import type { DescribedResponse, Route } from './route.ts';

/** An OpenAPI 3.1 document, whose schemas are JSON Schema 2020-12. */
export type OpenApi = Readonly<Record<string, unknown>>;

type JsonSchema = Record<string, unknown>;

function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any' }) as JsonSchema;
  return rest;
}

/** Fastify writes :id, OpenAPI {id}. */
function toTemplate(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}');
}

function toParameters(schema: z.ZodType | undefined, place: 'query' | 'path'): object[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = toJsonSchema(schema, 'input') as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...property }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: property,
  }));
}

function toContent({ schema, contentTypes = ['application/json'] }: DescribedResponse): object {
  const body = schema === undefined ? {} : { schema: toJsonSchema(schema, 'output') };
  return Object.fromEntries(contentTypes.map((type) => [type, type.startsWith('audio/') ? {} : body]));
}

function toOperation(route: Route): object {
  const headers = Object.entries(route.headers ?? {}).map(([name, description]) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  }));
  const body =
    route.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { [route.bodyType ?? 'application/json']: { schema: toJsonSchema(route.body, 'input') } },
          },
        };
  return {
    operationId: `${route.method.toLowerCase()}${route.path.replaceAll(/[^\w]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
    tags: [route.tag],
    summary: route.about,
    ...(route.need === 'nothing'
      ? { security: [] }
      : { description: `Needs a key of the role ${route.need === 'admin' ? 'admin' : 'app or admin'}.` }),
    parameters: [...toParameters(route.params, 'path'), ...toParameters(route.query, 'query'), ...headers],
    ...body,
    responses: Object.fromEntries(
      Object.entries(route.responses).map(([status, response]) => [status, { description: response.about, content: toContent(response) }]),
    ),
  };
}

/** Describes a route table. The same table makes the server, so the document cannot differ from it. */
export function describeRoutes(routes: readonly Route[], version: string): OpenApi {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = (paths[toTemplate(route.path)] ??= {});
    path[route.method.toLowerCase()] = toOperation(route);
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'AI Core',
      version,
      description: 'Text and speech from remembered answers and the cheapest good model, with exact costs.',
    },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }],
    components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } },
    tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name })),
    paths,
  };
}
