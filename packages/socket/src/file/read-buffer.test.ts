import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReadBuffer } from './read-buffer.ts';

const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : new TextDecoder().decode(bytes);

/** Puts all of `bytes` in, in pieces of the buffer's own choice. */
function fill(buffer: ReadBuffer, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    const space = buffer.space();
    expect(space.length).toBeGreaterThan(0);
    const part = bytes.subarray(at, at + space.length);
    space.set(part);
    buffer.filled(part.length);
    at += part.length;
  }
}

const put = (buffer: ReadBuffer, words: string): void =>
  fill(buffer, new TextEncoder().encode(words));

test('lines, as they become complete', () => {
  const buffer = new ReadBuffer(4);
  put(buffer, 'on');
  expect(buffer.maybeTakeLine(100)).toBeUndefined();
  put(buffer, 'e\ntwo\n\nthr');
  expect(text(buffer.maybeTakeLine(100))).toBe('one\n');
  expect(text(buffer.maybeTakeLine(100))).toBe('two\n');
  expect(text(buffer.maybeTakeLine(100))).toBe('\n');
  expect(buffer.maybeTakeLine(100)).toBeUndefined();
  expect(text(buffer.take(100))).toBe('thr');
  expect(buffer.length).toBe(0);
});

test('a line end beyond the limit is none, and nothing is lost', () => {
  const buffer = new ReadBuffer(8);
  put(buffer, '12345\n');
  expect(buffer.maybeTakeLine(5)).toBeUndefined();
  expect(buffer.length).toBe(6);
  expect(text(buffer.maybeTakeLine(6))).toBe('12345\n');
});

test('taking less than there is, and more', () => {
  const buffer = new ReadBuffer(8);
  put(buffer, 'abc\ndef');
  expect(text(buffer.take(2))).toBe('ab');
  expect(text(buffer.maybeTakeLine(9))).toBe('c\n');
  expect(text(buffer.take(0))).toBe('');
  expect(text(buffer.take(Infinity))).toBe('def');
});

describe('properties', () => {
  /** What a reader does: put some bytes in, take a line, take some bytes. */
  const steps = fc.array(
    fc.oneof(
      fc.record({ put: fc.stringMatching(/^[ab\n]{0,20}$/) }),
      fc.record({ line: fc.integer({ min: 0, max: 12 }) }),
      fc.record({ take: fc.integer({ min: 0, max: 12 }) }),
    ),
    { maxLength: 60 },
  );

  test('it says what a string would', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 16 }), steps, (size, list) => {
        const buffer = new ReadBuffer(size);
        let model = '';
        for (const step of list) {
          if ('put' in step) {
            put(buffer, step.put);
            model += step.put;
          } else if ('line' in step) {
            const end = model.indexOf('\n') + 1;
            const expected = end > 0 && end <= step.line ? model.slice(0, end) : undefined;
            expect(text(buffer.maybeTakeLine(step.line))).toBe(expected);
            if (expected !== undefined) model = model.slice(end);
          } else {
            expect(text(buffer.take(step.take))).toBe(model.slice(0, step.take));
            model = model.slice(step.take);
          }
          expect(buffer.length).toBe(model.length);
        }
      }),
      { numRuns: 500 },
    );
  });
});
