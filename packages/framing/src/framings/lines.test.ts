/** Lines as text: many are decoded at a time, and nobody may see that. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectCodec, inChunks, outcomes, raw, refusal, type Outcome } from '../../test/codec.ts';
import { TextContent, type TextOptions } from '../contents/text.ts';
import type { Framing } from '../framing.ts';
import { delimited, lines, type LinesOptions } from './delimited.ts';

const invalid = { code: 'content-invalid', framing: 'intact' } as const; // an expected error

/** A batch ends at most so far behind its beginning. */
const BATCH = 4096;

/** The same framing, its text not known as such: one frame is read at a time. */
function oneByOne(
  options: LinesOptions & { readonly delimiters?: readonly string[] },
): Framing<string> {
  const { delimiters = ['\n', '\r\n'] } = options;
  const { keepsBytes, read, lengthOf, write } = bound(options);
  return delimited(delimiters, { ...options, content: { keepsBytes, read, lengthOf, write } });
}

function bound(options: TextOptions) {
  const content = new TextContent(options);
  return {
    keepsBytes: content.keepsBytes,
    read: content.read.bind(content),
    lengthOf: content.lengthOf.bind(content),
    write: content.write.bind(content),
  };
}

test('lines', () => {
  expectCodec(lines(), [
    { name: 'ASCII', bytes: raw('a\nbc\n\n'), frames: ['a', 'bc', ''] },
    {
      name: 'line ends of others',
      bytes: raw('a\r\nb\n\r\n'),
      frames: ['a', 'b', ''],
      readOnly: true,
    },
    { name: 'UTF-8', bytes: raw('é\n€uro\n🐶🐱\n'), frames: ['é', '€uro', '🐶🐱'] },
    {
      name: 'a byte order mark is a character',
      bytes: raw('\ufeffa\nb\n'),
      frames: ['\ufeffa', 'b'],
    },
    {
      name: 'the replacement is a character',
      bytes: raw('a\ufffd\nb\n'),
      frames: ['a\ufffd', 'b'],
    },
    { name: 'a return in mid-line', bytes: raw('a\rb\n'), frames: ['a\rb'] },
    { name: 'nothing', bytes: raw(), frames: [] },
    { name: 'what follows stays', bytes: raw('a\n'), frames: ['a'], trailing: raw('b\rc') },
    {
      name: 'cut off',
      bytes: raw('a\nb'),
      frames: ['a'],
      error: { code: 'truncated', framing: 'lost' },
    },
  ]);
});

test('bytes that are no text fail, each line for itself', () => {
  expectCodec(lines(), [
    {
      name: 'between good ones',
      bytes: raw('a\n', 0xff, '\nb\n', 0xc3, '\n', 0xe2, 0x82, '\r\nc\n'),
      expected: [
        { frame: 'a' },
        { error: invalid },
        { frame: 'b' },
        { error: invalid },
        { error: invalid },
        { frame: 'c' },
      ],
    },
  ]);
});

test('or are replaced', () => {
  expectCodec(lines({ invalid: 'replace' }), [
    {
      name: 'between good ones',
      bytes: raw('é\n', 0xff, '\nb', 0xc3, '\n', 0xf0, 0x9f, '\r\n€\n'),
      frames: ['é', '\ufffd', 'b\ufffd', '\ufffd', '€'],
      readOnly: true,
    },
  ]);
});

test('the last line may lack its end', () => {
  expectCodec(lines({ unterminated: 'frame' }), [
    {
      name: 'it does',
      bytes: raw('a\né'),
      frames: ['a', 'é'],
      lastFrameEndsWithStream: true,
      readOnly: true,
    },
    { name: 'it does not', bytes: raw('a\n'), frames: ['a'] },
  ]);
});

test('ends are kept', () => {
  expectCodec(lines({ keepDelimiter: true }), [
    { name: 'of both kinds', bytes: raw('a\r\né\n\n'), frames: ['a\r\n', 'é\n', '\n'] },
  ]);
});

test('a limit in the middle of a batch', () => {
  for (const overlong of ['fail', 'skip', 'close'] as const) {
    const error = {
      code: 'frame-too-large',
      framing: overlong === 'fail' ? 'lost' : 'intact',
    } as const; // as above
    const good = [{ frame: 'ab' }, { frame: 'é' }];
    expectCodec(lines({ maxLength: 3, overlong }), [
      { name: 'good ones', bytes: raw('ab\né\n'), frames: ['ab', 'é'] },
      {
        name: 'the third is too long',
        bytes: raw(
          'ab\né\n',
          overlong === 'fail' ? 'abc' : 'abc\n',
          overlong === 'skip' ? '€\r\n\n' : '',
        ),
        ...(overlong === 'close'
          ? { expected: good, closes: true }
          : overlong === 'fail'
            ? { expected: [...good, { error }] }
            : { expected: [...good, { error }, { error }, { frame: '' }] }),
      },
    ]);
  }
});

test('text without UTF-8 is refused', () => {
  expect(refusal(lines(), 'a\ud800').code).toBe('frame-invalid');
  expect(refusal(lines(), 'a\udc00b').code).toBe('frame-invalid');
});

describe('as one at a time', () => {
  const units = ['a', 'é', '€', '🐶', '\r', '\n', '\ufffd', '\0'];
  const longUnits = [
    'a'.repeat(5000),
    '€'.repeat(1400),
    '\n'.repeat(300),
    'ab\n'.repeat(1365),
    '🐶\r\n'.repeat(700),
  ];
  const badUnits = [raw(0xff), raw(0xc3), raw(0xf0, 0x9f), raw(0x80)];
  const streams = fc
    .array(
      fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom(...units) },
        { weight: 4, arbitrary: fc.constant('\n') },
        { weight: 1, arbitrary: fc.constantFrom(...longUnits) },
        { weight: 1, arbitrary: fc.constantFrom(...badUnits) },
      ),
      { maxLength: 40 },
    )
    .map((parts) => raw(...parts));
  const options = fc.record({
    invalid: fc.constantFrom('fail', 'replace'),
    unterminated: fc.constantFrom('fail', 'frame'),
    keepDelimiter: fc.boolean(),
    overlong: fc.constantFrom('fail', 'skip', 'close'),
    maxLength: fc.constantFrom(1, 2, 5, 100, 4096, 4097, 5000, 1_000_000),
    delimiters: fc.constantFrom(['\n', '\r\n'], ['\n'], ['a\n', 'aa\n'], ['\r']),
  });

  test('whatever the stream, the options and the chunks', () => {
    const property = fc.property(
      streams,
      options,
      fc.array(fc.integer({ min: 1, max: 6000 }), { maxLength: 4 }),
      (bytes, chosen, lengths) => {
        const { delimiters } = chosen;
        const batched = delimited(delimiters, { ...chosen, content: new TextContent(chosen) });
        const expected = outcomes(oneByOne(chosen).createDecoder(), [bytes]);
        expect(outcomes(batched.createDecoder(), inChunks(bytes, lengths))).toEqual(expected);
      },
    );
    fc.assert(property, { numRuns: 1500 });
  });

  test.each(['a', 'é', '€', '🐶'])('%j around the end of a batch', (character) => {
    for (let before = BATCH - 8; before <= BATCH + 2; before++) {
      const bytes = raw(
        'x'.repeat(before - 1),
        '\n',
        character,
        '\n',
        character,
        character,
        '\r\nz\n',
      );
      for (const short of [bytes, raw('s\n', bytes), raw('\n'.repeat(before), character, '\n')]) {
        const expected = outcomes(oneByOne({}).createDecoder(), [short]);
        expect(outcomes(lines().createDecoder(), [short])).toEqual(expected);
        expect(outcomes(lines().createDecoder(), inChunks(short, [BATCH - 1, 1, 2]))).toEqual(
          expected,
        );
      }
    }
  });
});

test('bytes that are no text are not looked through for each line before them', () => {
  // 2 KiB of empty lines before one bad byte, over and over: who tries a batch for each line decodes them 2000 times.
  let decoded = 0;
  class CountingContent extends TextContent {
    override maybeRead(bytes: Uint8Array, start: number, end: number): string | undefined {
      decoded += end - start;
      return super.maybeRead(bytes, start, end);
    }
  }
  const part = raw('\n'.repeat(2000), 0xff, '\n');
  const bytes = raw(...Array.from({ length: 10 }, () => part));
  const found: Outcome<string>[] = outcomes(
    delimited('\n', { content: new CountingContent({}) }).createDecoder(),
    [bytes],
  );
  expect(found).toHaveLength(10 * 2001);
  expect(decoded).toBeLessThan(3 * bytes.length);
});
