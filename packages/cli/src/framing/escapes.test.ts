import { expect, test } from 'vitest';
import { unescapeBytes } from './escapes.ts';

test.each([
  ['#*#', [0x23, 0x2a, 0x23]],
  ['\\r\\n', [13, 10]],
  ['\\0\\t\\\\n', [0, 9, 0x5c, 0x6e]],
  ['\\x1ea\\xFf', [0x1e, 0x61, 0xff]],
  ['\u00e9\u{1F436}', [0xc3, 0xa9, 0xf0, 0x9f, 0x90, 0xb6]],
  ['a\n', [0x61, 10]],
  ['', []],
])('%j are the bytes %j', (text, bytes) => {
  expect([...unescapeBytes(text)]).toEqual(bytes);
});

test.each(['\\', 'a\\', '\\x1', '\\xg0', '\\q', '\\\u{1F436}', '\\__proto__'])(
  '%j is none',
  (text) => {
    expect(() => unescapeBytes(text)).toThrow(/means nothing: expected/);
  },
);
