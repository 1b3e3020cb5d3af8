import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stage, STAGE_LENGTH } from './content-stage.ts';
import { maybeStageRecord, type FlatRecord } from './flat-json-writer.ts';
import { writeFlatJson, writeJson } from './json-writer.ts';

describe('writes what is usual', () => {
  test.each([
    { action: 'search', value: 'morpheus' },
    { result: 'Follow the white rabbit. \u{1f430}' },
    { result: 'In the caves beneath the mountains, where nobody has ever been' },
    { 'k\u00e9y': '\u20ac', ok: true, no: false, none: null, left: undefined },
    { zero: 0, minus: -0, one: 1, below: -12, most: 2 ** 53 - 1, least: 1 - 2 ** 53 },
    { quote: '"', escapes: '\\\b\f\n\r\t\u0000\u001f\u007f', long: 'say "x"\n'.repeat(9) },
    { lone: '\ud83d', other: '\udc36', pairs: '\udc36\ud83d', 'long\ud83d': 'x'.repeat(40) },
    { replacement: '\ufffd', wide: '\uff21'.repeat(40), mark: '\ufeff' },
    { text: 'x'.repeat(1000) },
    {},
    { only: undefined },
  ])('%j', (value) => {
    expect(staged(recordOf(value))).toBe(writeJson(value));
  });
});

test('writes the same as the general way, wherever it writes', () => {
  const piece = fc.oneof(
    { weight: 6, arbitrary: fc.string({ minLength: 1, maxLength: 8 }) },
    fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }),
    fc.constantFrom('"', '\\', '\n', '\u0000', '\u001f', '\u007f', '\u0080', '\u07ff', '\u0800'),
    fc.constantFrom('\ud7ff', '\ue000', '\uffff', '\ufffd', '\u{10000}', '\u{10ffff}', '\u{1f436}'),
    fc.constantFrom('\ud800', '\udbff', '\udc00', '\udfff', 'x'.repeat(32), '\u{1f436}'.repeat(16)),
  );
  const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
  const value = fc.oneof(
    text,
    fc.maxSafeInteger(),
    fc.integer({ min: -1000, max: 1000 }),
    fc.boolean(),
    fc.constantFrom(null, undefined),
  );
  const record = fc
    .array(fc.tuple(text, value), { maxLength: 6 })
    .map((entries) => recordOf(Object.fromEntries(entries)));
  fc.assert(
    fc.property(record, (one) => {
      expect(staged(one)).toBe(writeFlatJson(one));
    }),
    { numRuns: 2000 },
  );
});

test('leaves what might not fit on the stage to the general way, and nothing else', () => {
  const texts = ['a', '\u00e9', '\u20ac', '\u{1f436}', '"', '\u0001', '\ud800'];
  for (const character of texts) {
    for (const count of [1, 20, 33]) {
      const text = character.repeat(count);
      for (let entries = 1; ; entries++) {
        const keys = Array.from({ length: entries }, (_, index) => `${text}${index}`);
        const record = { keys, values: keys.map(() => text) };
        const general = writeFlatJson(record);
        const length = new TextEncoder().encode(general).length;
        const written = staged(record);
        if (written === undefined) {
          // Each UTF-16 unit might take three bytes, and each string the six that it does not.
          expect(general.length * 3 + 64).toBeGreaterThan(STAGE_LENGTH);
          break;
        }
        expect(length).toBeLessThanOrEqual(STAGE_LENGTH);
        expect(written).toBe(general);
      }
    }
  }
});

test.each([
  ['an integer', 1 - 2 ** 53],
  ['a word', false],
  ['text', 'x'],
  ['text of three bytes a character', '\u20ac'.repeat(20)],
  ['escapes', '\u0001'.repeat(20)],
  ['long text', 'x'.repeat(50)],
  ['long escapes', '\u0001'.repeat(50)],
])('near the end of the stage, %s is whole or left to the general way', (_, last) => {
  const outcomes = new Set<boolean>();
  for (let length = STAGE_LENGTH - 1500; length < STAGE_LENGTH; length++) {
    // Pieces, so that the room that one of them might have taken is there again for the next.
    const pieces = Array.from({ length: Math.floor(length / 20) }, () => 'x'.repeat(10));
    pieces.push('x'.repeat(length % 20));
    const keys = [...pieces.map((__, index) => `k${100 + index}`), 'last'];
    const record = { keys, values: [...pieces, last] };
    const written = staged(record);
    outcomes.add(written !== undefined);
    if (written !== undefined) expect(written).toBe(writeFlatJson(record));
  }
  expect(outcomes.size).toBe(2);
});

function recordOf(value: object): FlatRecord {
  return { keys: Object.keys(value), values: Object.values(value) };
}

/** What is written on the stage, as text. */
function staged(record: FlatRecord): string | undefined {
  // What lies behind must not matter.
  stage.fill(0xff);
  const length = maybeStageRecord(record);
  return length === undefined ? undefined : new TextDecoder().decode(stage.subarray(0, length));
}
