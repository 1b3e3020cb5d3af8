import { expect, test } from 'vitest';
import { bytesAsText, count, firstBytes, oneLine, printable, printableJson } from './plain-text.ts';

test('control characters are shown, not obeyed; line ends and tabs stay', () => {
  expect(printable('a\u001b[2Jb\u0007\u009bc\r\n\td')).toBe('a\\x1b[2Jb\\x07\\x9bc\\x0d\n\td');
  expect(printable('abc\u202ecba')).toBe('abc\\u202ecba');
  expect(printable('\u{1F436} \u00e9')).toBe('\u{1F436} \u00e9');
});

test('one line stays one line, and is cut to its length', () => {
  expect(oneLine('a\nb\u2028c', 20)).toBe('a\\x0ab\\u2028c');
  expect(oneLine('abcdefghij', 10)).toBe('abcdefghij');
  expect(oneLine('abcdefghijk', 10)).toBe('abcdefg...');
});

test('cutting does not split a character', () => {
  expect(oneLine(`${'x'.repeat(6)}\u{1F436}yyyyyy`, 10)).toBe('xxxxxx...');
});

test('bytes are text where they are UTF-8, numbers where not', () => {
  expect(bytesAsText(new TextEncoder().encode('binary\u{1F603}'))).toBe('binary\u{1F603}');
  expect(bytesAsText(Uint8Array.of(0x61, 0xff, 0x0a))).toBe('a\\xff\\x0a');
  expect(bytesAsText(Uint8Array.of())).toBe('');
});

test('JSON for a terminal has no control characters, and is still the same JSON', () => {
  const value = { text: 'a\u001b\u0007\u007f\u009b\u2028' };
  const shown = printableJson(value);
  expect(shown).toBe('{"text":"a\\u001b\\u0007\\u007f\\u009b\\u2028"}');
  expect(JSON.parse(shown)).toEqual(value);
});

test('the first bytes end where a character ends', () => {
  const bytes = new TextEncoder().encode('ab\u{1F436}c');
  expect([0, 1, 2, 3, 4, 5, 6, 7, 8].map((length) => firstBytes(bytes, length).length)).toEqual([
    0, 1, 2, 2, 2, 2, 6, 7, 7,
  ]);
});

test('one and many', () => {
  expect([0, 1, 2].map((number) => count(number, 'entry', 'entries'))).toEqual([
    '0 entries',
    '1 entry',
    '2 entries',
  ]);
});
