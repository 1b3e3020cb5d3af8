import { describe, expect, test } from 'vitest';
import { copyStage, maybeStageText, stage, STAGE_LENGTH } from './content-stage.ts';

describe('a text', () => {
  test('is staged in UTF-8', () => {
    const text = 'a\u00e9\u20ac\u{1f436}';
    const length = maybeStageText(text) ?? 0;
    expect(length).toBe(10);
    expect(stage.slice(0, length)).toEqual(new TextEncoder().encode(text));
  });

  test('that might not fit is not staged', () => {
    const longest = Math.floor(STAGE_LENGTH / 3);
    expect(maybeStageText('\u20ac'.repeat(longest))).toBe(longest * 3);
    expect(maybeStageText('x'.repeat(longest + 1))).toBeUndefined();
  });
});

test('any length is copied, and nothing in front of it or behind the end is touched', () => {
  stage.forEach((_, index) => (stage[index] = 1 + (index % 250)));
  for (const length of [0, 1, 63, 64, 65, 128, 129, 2047, 2048, 2049, STAGE_LENGTH]) {
    for (const room of [0, 1, 63, 64, STAGE_LENGTH]) {
      const target = new Uint8Array(2 + length + room);
      copyStage(length, target, 2);
      expect(target.slice(0, 2)).toEqual(new Uint8Array(2));
      expect(target.slice(2, 2 + length)).toEqual(stage.slice(0, length));
    }
  }
});
