import type { IncomingHttpHeaders } from 'node:http';
import type { Json, Usage } from '@ai-core/core';
import type { Packing } from './pack-sound.ts';
import type { Utterance } from './speech.ts';
import type { Vendor } from './vendor.ts';
import type { World } from './world.ts';

/** A request as a wire format sees it. */
export interface WireRequest {
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
  /** What the groups of the route's path matched. */
  readonly groups: readonly string[];
  /** Parsed JSON, or null where there is no body or another kind of body. */
  readonly body: unknown;
  /** The body as it came. */
  readonly bytes: Buffer;
}

/** One HTTP answer, complete. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  /** The work is done and the answer never arrives: the connection is reset instead. */
  readonly lost?: boolean;
}

export type Effort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

/** A text that a client wants written. */
export interface TextOrder {
  readonly model: string;
  /** The last thing the user said. */
  readonly prompt: string;
  /** Everything the model reads. */
  readonly input: string;
  readonly maxOutputTokens: number | undefined;
  readonly stream: boolean;
  readonly effort: Effort | undefined;
  /** False for vendors that bill no writing to their prompt cache. */
  readonly billsCacheWrites: boolean;
  /** The answer must be JSON; `schema` says which. */
  readonly json: { readonly schema: unknown } | undefined;
  /** Functions the model may call now; empty = none. */
  readonly tools: readonly OfferedTool[];
}

/** A function the model is offered. */
export interface OfferedTool {
  readonly name: string;
  /** JSON schema of its arguments. */
  readonly parameters: unknown;
}

/** A function the model calls. */
export interface CalledTool {
  readonly id: string;
  readonly name: string;
  readonly args: Json;
}

/** How the writing ended. nothing: there is no answer in the list of answers. */
export type Outcome = 'complete' | 'length' | 'refusal' | 'safety' | 'context-window' | 'nothing';

export interface TextProduct {
  readonly id: string;
  readonly requestId: string;
  readonly model: string;
  readonly text: string | null;
  readonly calls: readonly CalledTool[];
  readonly outcome: Outcome;
  /** What the vendor tells the client; the bill has the truth. undefined = it tells nothing. */
  readonly usage: Usage | undefined;
  /** Unix time in seconds. */
  readonly createdAtS: number;
}

/** A paid call, read from a request, and how this wire format renders its answer. */
export interface TextWork {
  readonly kind: 'text';
  readonly order: TextOrder;
  reply(product: TextProduct): Reply;
  /** Server-sent events, complete frames. */
  frames(product: TextProduct): string[];
}

/** A speech that a client wants made. */
export interface SpeechOrder {
  readonly model: string;
  /** The text to speak. */
  readonly prompt: string;
  readonly input: string;
  readonly stream: false;
  readonly utterance: Utterance;
  /** The form the sound is packed in; absent = as the utterance's encoding has it. */
  readonly packing?: Packing | undefined;
  /** How the vendor bills it. */
  readonly billedBy: 'characters' | 'tokens';
}

export interface SpeechProduct {
  readonly id: string;
  readonly requestId: string;
  readonly model: string;
  readonly audio: Uint8Array;
  readonly outcome: Outcome;
  /** What the vendor tells the client; the bill has the truth. */
  readonly usage: Usage | undefined;
}

export interface SpeechWork {
  readonly kind: 'speech';
  readonly order: SpeechOrder;
  reply(product: SpeechProduct): Reply;
}

export type Work = TextWork | SpeechWork;

interface RouteBase {
  readonly vendor: Vendor;
  readonly method: 'GET' | 'POST';
  /** Matched against the path below the vendor's prefix. */
  readonly path: RegExp;
}

/** A way to buy something. Named on the bill by `wire`. */
export interface PaidRoute extends RouteBase {
  readonly kind: 'paid';
  readonly wire: string;
  /** @throws Error when the body is not what the vendor takes; the vendor's 400 says so */
  read(request: WireRequest): Work;
}

/** A way to ask for what costs nothing: lists of models and the like. */
export interface FreeRoute extends RouteBase {
  readonly kind: 'free';
  /** @throws Error when the body is not what the vendor takes; the vendor's 400 says so */
  answer(request: WireRequest, world: World): Reply | Promise<Reply>;
}

export type Route = PaidRoute | FreeRoute;

/** A JSON answer with status 200, or another one. */
export function jsonReply(
  body: unknown,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): Reply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}
