import { expect, test } from 'vitest';
import { MAX_SHORT_TEXT, shortText } from './short-text.ts';

test('every length, in the middle of other bytes and at their end', () => {
  const letters = 'abcdefghijklmnop';
  const bytes = new TextEncoder().encode(`?${letters}?`);
  expect(letters).toHaveLength(MAX_SHORT_TEXT);
  for (let length = 0; length <= MAX_SHORT_TEXT; length++) {
    expect(shortText(bytes, 1, length)).toBe(letters.slice(0, length));
    const end = bytes.length - 1;
    expect(shortText(bytes.subarray(0, end), end - length, length)).toBe(
      letters.slice(letters.length - length),
    );
  }
});

test('every ASCII character', () => {
  for (let code = 0; code < 0x80; code++) {
    expect(shortText(Uint8Array.of(code), 0, 1)).toBe(String.fromCharCode(code));
  }
});
