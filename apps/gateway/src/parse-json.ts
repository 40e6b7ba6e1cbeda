import { isUtf8 } from 'node:buffer';
import { AiCoreError } from '@ai-core/core';

/** Nesting of arrays and objects a body may have. */
const MAX_JSON_DEPTH = 32;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = new Set([0x5b, 0x7b]);
const CLOSE = new Set([0x5d, 0x7d]);

/** Whether a JSON text has enough opening brackets to be nested too deep: most have not, and need not be read byte by byte. */
function hasManyBrackets(bytes: Buffer): boolean {
  let left = MAX_JSON_DEPTH;
  for (const open of OPEN) {
    for (let at = bytes.indexOf(open); at !== -1; at = bytes.indexOf(open, at + 1)) if ((left -= 1) < 0) return true;
  }
  return false;
}

/** How deep the brackets of a JSON text are nested, without parsing it. */
function depthOf(bytes: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    if (inString) {
      if (byte === BACKSLASH) index += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (OPEN.has(byte)) deepest = Math.max(deepest, (depth += 1));
    else if (CLOSE.has(byte)) depth -= 1;
  }
  return deepest;
}

/**
 * Reads a JSON body.
 * @throws REQUEST_INVALID for what is not UTF-8, not JSON, or nested too deep; never with what was sent
 */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) throw new AiCoreError('REQUEST_INVALID', 'the body is empty; send a JSON object');
  if (!isUtf8(bytes)) throw new AiCoreError('REQUEST_INVALID', 'the body is not UTF-8');
  if (hasManyBrackets(bytes) && depthOf(bytes) > MAX_JSON_DEPTH)
    throw new AiCoreError('REQUEST_INVALID', `the body is nested deeper than ${MAX_JSON_DEPTH} levels`);
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    // The parser's own message quotes the body.
    throw new AiCoreError('REQUEST_INVALID', 'the body is not valid JSON');
  }
}

/**
 * Reads a body of JSON lines, as text; whoever reads the lines parses them.
 * @throws REQUEST_INVALID for what is not UTF-8
 */
export function parseLines(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new AiCoreError('REQUEST_INVALID', 'the body is not UTF-8');
  return bytes.toString('utf8');
}
