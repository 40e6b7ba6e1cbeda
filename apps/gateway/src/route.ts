import type { AiCoreError } from '@ai-core/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { GatewayServices } from './gateway-services.ts';
import type { Caller } from './authenticate.ts';

/** Who may call a route: anyone, any key, or keys of admins only. */
export type Need = 'nothing' | 'app' | 'admin';

/**
 * How a key's scopes limit what the route shows. request: the request names a scope, which must be one of the key's. own: only what
 * was asked for with this very key. account: the same, and everybody's for an admin whose key is not limited. memory: the remembered answer's scope must be one of the key's. all: keys that are limited to
 * scopes are refused, since the route knows no scopes. nothing: nobody's data.
 */
export type ScopeRule = 'request' | 'own' | 'account' | 'memory' | 'all' | 'nothing';

/** An answer as the documentation tells it. */
export interface DescribedResponse {
  readonly about: string;
  readonly schema?: z.ZodType | undefined;
  /** Default application/json. */
  readonly contentTypes?: readonly string[] | undefined;
}

/** What a handler gets. Body, query and parameters have been checked by the schemas of the route. */
export interface Call<Body = unknown, Query = unknown, Params = unknown> {
  readonly services: GatewayServices;
  readonly caller: Caller;
  readonly body: Body;
  readonly query: Query;
  readonly params: Params;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** A signal that aborts when the client is gone or the gateway stops. The work goes on all the same. */
  readonly whenLeft: () => AbortSignal;
}

/** One route: what the server, the documentation and the authorization matrix are made of. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Fastify's form, such as /v1/jobs/:id */
  readonly path: string;
  readonly need: Need;
  readonly scope: ScopeRule;
  readonly tag: string;
  readonly about: string;
  /** Shape of errors: RFC 9457, or OpenAI's on the routes that speak its API. */
  readonly errors: 'problem' | 'openai';
  readonly query?: z.ZodType | undefined;
  readonly params?: z.ZodType | undefined;
  readonly body?: z.ZodType | undefined;
  /** True where the handler checks the body itself, with the schema that is documented. */
  readonly checksBody?: boolean | undefined;
  readonly bodyType?: 'application/json' | 'application/x-ndjson' | undefined;
  /** Default 1 MB. */
  readonly bodyLimit?: number | undefined;
  /** Request headers that mean something here. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly responses: Readonly<Record<number, DescribedResponse>>;
  /** How long the handler may take until it has something to say, in milliseconds. */
  readonly timeoutMs: number;
  handle(call: Call<never, never, never>): Promise<unknown>;
}

/** What a route is declared by: its handler knows the types of its own schemas. */
export interface RouteDeclaration<Body extends z.ZodType, Query extends z.ZodType, Params extends z.ZodType> extends Omit<
  Route,
  'body' | 'query' | 'params' | 'handle'
> {
  readonly body?: Body;
  readonly query?: Query;
  readonly params?: Params;
  readonly handle: (call: Call<z.output<Body>, z.output<Query>, z.output<Params>>) => Promise<unknown>;
}

/** Declares a route; the types of body, query and parameters follow from its schemas. */
export function declareRoute<Body extends z.ZodType, Query extends z.ZodType, Params extends z.ZodType>(
  declaration: RouteDeclaration<Body, Query, Params>,
): Route {
  return declaration;
}

/** Turns a failure into the body of one shape of errors. */
export type ErrorShape = (error: AiCoreError, requestId: string) => { readonly contentType: string; readonly body: object };
