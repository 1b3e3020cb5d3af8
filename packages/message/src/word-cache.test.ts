import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { MAX_SHORT_TEXT } from '@wireline/framing/text';
import { WordCache } from './word-cache.ts';

test('a word that comes again is not made again, whatever its length', () => {
  const letters = 'abcdefghijklmnop';
  for (let length = 4; length <= MAX_SHORT_TEXT; length++) {
    const cache = new WordCache();
    const word = letters.slice(0, length);
    expect(read(cache, word)).toBe(word);
    const make = vi.spyOn(String, 'fromCharCode');
    try {
      expect(read(cache, word)).toBe(word);
      expect(make).not.toHaveBeenCalled();
    } finally {
      make.mockRestore();
    }
  }
});

test('no word is taken for another', () => {
  // Words that differ in single bytes, of which many want the same place.
  const word = fc
    .tuple(fc.nat(MAX_SHORT_TEXT), fc.nat(MAX_SHORT_TEXT - 1), fc.integer({ min: 0, max: 0x7f }))
    .map(([length, place, code]) => {
      const letters = Array.from({ length }, () => 'a');
      if (length > 0) letters[place % length] = String.fromCharCode(code);
      return letters.join('');
    });
  const cache = new WordCache();
  fc.assert(
    fc.property(fc.array(word, { minLength: 50, maxLength: 200 }), (words) => {
      expect(words.map((one) => read(cache, one))).toEqual(words);
    }),
  );
});

test('no word is taken for a longer one', () => {
  // Of one letter, so that all pieces are the same; of all letters, so that some lengths share a place.
  for (let code = 0; code < 0x80; code++) {
    const cache = new WordCache();
    for (let length = 4; length <= MAX_SHORT_TEXT; length++) {
      for (let shorter = 4; shorter < length; shorter++) {
        for (const one of [shorter, length, shorter]) {
          expect(read(cache, String.fromCharCode(code).repeat(one))).toHaveLength(one);
        }
      }
    }
  }
});

/** Reads a word from the middle of other bytes. */
function read(cache: WordCache, word: string): string {
  const bytes = new TextEncoder().encode(`aaa${word}aaa`);
  return cache.read(new DataView(bytes.buffer), bytes, 3, word.length);
}
