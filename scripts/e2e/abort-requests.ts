/** Clients that ask, leave in the middle and ask again on connections they keep; every answer that arrives is checked. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fleet } from './fleet.ts';
import { callHttp } from './http-client.ts';
import { openRawConnection, type RawAnswer } from './raw-connection.ts';

/** Callers with a key and remembered answers of their own each. */
const CALLERS = 4;
const REMEMBERED_EACH = 25;
const LANES = 24;
/** Requests that are written at once on one connection. */
const MOST_PIPELINED = 8;
const MOST_TURNS = 4;
/** One request in so many is for an answer that has to be made first; one in so many streams. */
const FRESH_EVERY = 40;
const STREAM_EVERY = 10;

export interface AbortFigures {
  /** Requests whose client had gone before it had the whole answer. */
  readonly aborted: number;
  /** Answers that came whole and were checked. */
  readonly answered: number;
  /** Those of them that were refused because the machine was too busy. */
  readonly refused: number;
  /** What was wrong with answers; empty = nothing. */
  readonly wrong: readonly string[];
}

interface Caller {
  readonly key: string;
  readonly name: string;
}

interface Asked {
  readonly id: string;
  readonly mark: string;
  readonly bytes: string;
}

/** A number as a word of its own that the emulated models repeat. */
function markOf(caller: Caller, number: number | string): string {
  return `mark${caller.name}x${number}x`;
}

function bodyOf(mark: string, stream: boolean): object {
  const prompt = `Tell ${mark}`;
  return stream ? { model: 'auto', messages: [{ role: 'user', content: prompt }], stream } : { request_type: 'summary', prompt };
}

function write(caller: Caller, mark: string, stream: boolean): Asked {
  const id = randomUUID();
  const body = JSON.stringify(bodyOf(mark, stream));
  const head = [
    `POST ${stream ? '/v1/chat/completions' : '/v1/text'} HTTP/1.1`,
    'Host: localhost',
    `Authorization: Bearer ${caller.key}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${id}`,
  ];
  return { id, mark, bytes: `${head.join('\r\n')}\r\n\r\n${body}` };
}

/** The text of an answer, streamed or whole. */
function textOf({ body, headers }: RawAnswer): string {
  if (headers.get('content-type')?.startsWith('text/event-stream') !== true) return body;
  const pieces = [...body.matchAll(/^data: (\{.*\})$/gm)].map(([, data = '{}']) => {
    const chunk = JSON.parse(data) as { choices?: { delta?: { content?: string } }[] };
    return chunk.choices?.[0]?.delta?.content ?? '';
  });
  return pieces.join('');
}

/** A machine that is too busy for so many clients says so: nobody is given a wrong answer by that. */
function isRefusal({ status }: RawAnswer): boolean {
  return status === 503 || status === 429;
}

/** The n-th answer of a connection is that of its n-th request, and nobody else's. */
function judge(asked: Asked, answer: RawAnswer): string | undefined {
  const id = answer.headers.get('x-request-id');
  const marks = new Set(textOf(answer).match(/mark\w+x/g));
  // A stream has begun before its headers could be told.
  if (id !== undefined && id !== asked.id) return 'the request id of another request';
  if (isRefusal(answer)) return marks.size === 0 ? undefined : `refused, and told ${[...marks].join(', ')}`;
  if (answer.status !== 200) return `status ${answer.status}`;
  if (!marks.has(asked.mark) || marks.size !== 1) return `asked for ${asked.mark}, got ${[...marks].join(', ')}`;
  return undefined;
}

/**
 * Aborts so many requests of several callers: while they are written, waited for, answered, alone and pipelined.
 * @param port of a gateway of the fleet
 */
export async function abortRequests(
  fleet: Fleet,
  { port, count }: { readonly port: number; readonly count: number },
): Promise<AbortFigures> {
  const callers = await Promise.all(
    Array.from({ length: CALLERS }, async (_, index): Promise<Caller> => ({
      name: `c${index}`,
      key: await fleet.makeKey(`aborter-${index}`),
    })),
  );
  for (const caller of callers) {
    const marks = Array.from({ length: REMEMBERED_EACH }, (_, number) => markOf(caller, number));
    await Promise.all(
      marks.flatMap((mark) => [
        callHttp(`http://127.0.0.1:${port}/v1/text`, { key: caller.key, body: bodyOf(mark, false) }),
        callHttp(`http://127.0.0.1:${port}/v1/chat/completions`, { key: caller.key, body: { ...bodyOf(mark, true), stream: false } }),
      ]),
    );
  }
  const figures = { aborted: 0, answered: 0, refused: 0, wrong: new Array<string>() };
  const pick = (below: number): number => Math.floor(Math.random() * below);

  function ask(): Asked {
    const caller = callers[pick(CALLERS)] ?? callers[0];
    if (caller === undefined) throw new Error('There are no callers.');
    const mark = markOf(caller, pick(FRESH_EVERY) === 0 ? `${pick(1_000_000)}f` : pick(REMEMBERED_EACH));
    return write(caller, mark, pick(STREAM_EVERY) === 0);
  }

  /** One connection: some turns that are answered in full, and one that is broken off. */
  async function connectOnce(): Promise<void> {
    const connection = await openRawConnection(port);
    const asked: Asked[] = [];
    const turns = 1 + pick(MOST_TURNS);
    for (let turn = 1; turn <= turns; turn++) {
      const batch = Array.from({ length: 1 + pick(MOST_PIPELINED) }, ask);
      asked.push(...batch);
      const bytes = batch.map((one) => one.bytes).join('');
      if (turn < turns) {
        connection.write(bytes);
        await connection.received(asked.length);
        continue;
      }
      // Half of the time within the last request, half of the time after it, at once, soon, or after some of the answers.
      connection.write(pick(2) === 0 ? bytes.slice(0, bytes.length - 1 - pick(200)) : bytes);
      const before = asked.length - batch.length;
      const moment = pick(4);
      if (moment === 1) await sleep(pick(4));
      else if (moment > 1 && batch.length > 1) await Promise.race([connection.received(before + 1 + pick(batch.length - 1)), sleep(1_000)]);
    }
    connection.cut();
    for (const [index, answer] of connection.answers.entries()) {
      const one = asked[index];
      const problem = one === undefined ? 'more answers than requests' : judge(one, answer);
      if (problem !== undefined) figures.wrong.push(problem);
    }
    figures.answered += connection.answers.length;
    figures.refused += connection.answers.filter(isRefusal).length;
    figures.aborted += asked.length - connection.answers.length;
  }

  await Promise.all(
    Array.from({ length: LANES }, async () => {
      while (figures.aborted < count && figures.wrong.length === 0) await connectOnce();
    }),
  );
  return figures;
}
