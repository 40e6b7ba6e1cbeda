import { describe, expect, it } from 'vitest';
import { parseBulkLine } from './bulk-line.ts';

const text = { request_type: 'quiz_generation', prompt: 'Write a quiz' };
const audio = { text: 'Hello', language: 'en' };

describe('parseBulkLine', () => {
  it('tells text from speech, named or not', () => {
    expect(parseBulkLine(JSON.stringify(text), 1)).toMatchObject({ kind: 'text', request: { prompt: 'Write a quiz' } });
    expect(parseBulkLine(JSON.stringify(audio), 1)).toMatchObject({ kind: 'audio', request: { text: 'Hello' } });
    expect(parseBulkLine(JSON.stringify({ ...audio, kind: 'audio' }), 1).kind).toBe('audio');
  });

  it('names the line in every refusal and quotes nothing of it', () => {
    expect(() => parseBulkLine('{"secret', 7)).toThrow('REQUEST_INVALID: line 7: the line is not JSON.');
    expect(() => parseBulkLine('[1]', 8)).toThrow('REQUEST_INVALID: line 8: the line is not a JSON object.');
    expect(() => parseBulkLine('{"kind":"image"}', 9)).toThrow('REQUEST_INVALID: line 9: kind must be text or audio.');
    expect(() => parseBulkLine('{"request_type":"x"}', 10)).toThrow('REQUEST_INVALID: line 10: prompt is missing.');
    expect(() => parseBulkLine(`"${'x'.repeat(1_000_000)}"`, 11)).toThrow(
      'TOO_LARGE: line 11: the line has 1000002 characters; at most 1000000 are allowed.',
    );
  });
});
