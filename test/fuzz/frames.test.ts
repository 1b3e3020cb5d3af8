import { DEFAULT_LIMITS } from '@wireline/message';
import { describe, expect, test } from 'vitest';
import { buildFrame, describeFrame, QUIRKS, type MessageRecipe, type Style } from './frames.ts';
import { readStream } from './model.ts';
import { CONTENT_MUTATIONS, FRAME_MUTATIONS, type MutationName } from './mutations.ts';

/** Enough to meet each item of each list that a value picks from. */
const VALUES = Array.from({ length: 60 }, (_, index) => index);

const PLAIN_STYLE: Style = {
  byteorder: 0,
  type: 0,
  encoding: 0,
  spacing: 0,
  order: 0,
  quirk: 0,
  extensions: [],
};
const PLAIN: MessageRecipe = { style: 0, id: 0, content: [[0, 1]], damages: [] };

test('a recipe of zeros is a plain message', () => {
  const text =
    '\u0000f{"byteorder": "little", "content-type": "text/json", "content-encoding": "utf-8", "content-length": 8}{"a": 1}';
  expect(Buffer.from(buildFrame(PLAIN, [PLAIN_STYLE])).toString()).toBe(text);
  expect(describeFrame(PLAIN, [PLAIN_STYLE])).toBe('"text/json" in "utf-8", undamaged');
});

test.each(QUIRKS.map((_, quirk) => quirk))('quirk %i makes valid headers', (quirk) => {
  for (let index = 0; index < 32 * 5; index++) {
    const varied = { quirk, order: index % 32, spacing: index % 5 };
    const extensions = [
      [0, 0],
      [5, 12],
    ] as const; // tuples
    const frame = buildFrame({ ...PLAIN, id: 9 }, [{ ...PLAIN_STYLE, ...varied, extensions }]);
    expect(readStream(frame, DEFAULT_LIMITS)).toMatchObject([
      { kind: 'json', value: { a: 1 }, header: { extensions: { 'message-id': 9 } } },
    ]);
  }
});

describe('mutations', () => {
  test.each([...CONTENT_MUTATIONS, ...FRAME_MUTATIONS])(
    '%s changes frames and says how',
    (name) => {
      const undamaged = Buffer.from(buildFrame(PLAIN, [PLAIN_STYLE]));
      let changed = 0;
      for (const value of VALUES) {
        const recipe = damaged(name, value);
        if (!undamaged.equals(buildFrame(recipe, [PLAIN_STYLE]))) changed++;
        expect(describeFrame(recipe, [PLAIN_STYLE])).toMatch(
          new RegExp(`; ${name} \\((content|header|frame): .+\\)$`, 's'),
        );
      }
      expect(changed).toBeGreaterThan(VALUES.length / 2);
    },
  );

  test.each(CONTENT_MUTATIONS)('%s leaves the framing intact', (name) => {
    for (const value of VALUES) {
      const bytes = buildFrame(damaged(name, value), [PLAIN_STYLE]);
      const [reading] = readStream(bytes, DEFAULT_LIMITS);
      expect(reading).toMatchObject({ start: 0, end: bytes.length });
    }
  });
});

function damaged(name: MutationName, value: number): MessageRecipe {
  return { ...PLAIN, damages: [{ name, at: value * 7, value }] };
}
