import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeUnixPath, encodeUnixPath, formatUnixPath } from './unix-path.ts';

/** The length of `sun_path`. */
const SUN_PATH = 108;

const text = (value: string): number[] => [...new TextEncoder().encode(value)];

describe('as the kernel has them', () => {
  test.each<[string, string, readonly number[]]>([
    ['a path, and its zero', '/run/x', [...text('/run/x'), 0]],
    ['an abstract name, and no more', '\0name', [0, ...text('name')]],
    ['an abstract name with zeros', '\0a\0\0', [0, 97, 0, 0]],
    ['the shortest abstract name', '\0', [0]],
    ['no name', '', []],
    ['UTF-8', 'ä\u{1f433}', [...text('ä\u{1f433}'), 0]],
    ['a mark that is part of the name', '\ufeffx', [0xef, 0xbb, 0xbf, 0x78, 0]],
  ])('%s', (_which, path, bytes) => {
    expect([...encodeUnixPath(path)]).toEqual(bytes);
    expect(decodeUnixPath(Uint8Array.from(bytes))).toBe(path);
  });

  test('a path ends at its zero, if there is one', () => {
    expect(decodeUnixPath(Uint8Array.from([97, 0, 98, 0]))).toBe('a');
    expect(decodeUnixPath(Uint8Array.from([97, 98]))).toBe('ab');
  });

  test('what is no UTF-8 is shown as such', () => {
    expect(decodeUnixPath(Uint8Array.of(97, 0xff, 98, 0))).toBe('a\ufffdb');
  });

  test.each([
    ['x'.repeat(SUN_PATH - 1), SUN_PATH],
    [`\0${'x'.repeat(SUN_PATH - 1)}`, SUN_PATH],
  ])('the longest: %j', (path, length) => {
    expect(encodeUnixPath(path)).toHaveLength(length);
    expect(() => encodeUnixPath(`${path}x`)).toThrow(
      new RangeError(
        `use the path ${formatUnixPath(`${path}x`)}: it has 109 bytes with its zero, a Unix socket's has 108 at most; use a shorter one, or one that is relative to a working directory nearer by`,
      ),
    );
  });

  test.each(['a\0', 'a\0b', '/run/x\0'])('a zero in %j', (path) => {
    expect(() => encodeUnixPath(path)).toThrow(TypeError);
    expect(() => encodeUnixPath(path)).toThrow(/: a zero byte ends it; /);
  });
});

describe('as people write them', () => {
  test.each([
    ['', 'unix:(unnamed)'],
    ['/run/x', 'unix:/run/x'],
    ['relative', 'unix:relative'],
    ['\0name', 'unix:@name'],
    ['\0', 'unix:@'],
    ['\0a\0b', 'unix:@a\\u0000b'],
    ['@at', 'unix:@at'],
    ['ä-€-\u{1f433}', 'unix:ä-€-\u{1f433}'],
    ['a\u001b[31m\n\u007f\u009b', 'unix:a\\u001b[31m\\u000a\\u007f\\u009b'],
    ['\u200b\u2028\u202e\u2066\ufeff', 'unix:\\u200b\\u2028\\u202e\\u2066\\ufeff'],
    ['\u{e0041}\ud800', 'unix:\\u{e0041}\\ud800'],
  ])('%j is shown as %s', (path, shown) => {
    expect(formatUnixPath(path)).toBe(shown);
  });
});

describe('properties', () => {
  /** A path that fits, without a zero in it, or with one that begins it. */
  const path = fc
    .tuple(fc.constantFrom('', '\0'), fc.string({ unit: 'binary', maxLength: 30 }))
    .map(([start, rest]) => (start === '' ? rest.replaceAll('\0', '') : start + rest))
    .filter((each) => new TextEncoder().encode(each).length < SUN_PATH);

  test('encode, then decode, is identity', () => {
    fc.assert(
      fc.property(path, (each) => {
        expect(decodeUnixPath(encodeUnixPath(each))).toBe(each);
      }),
    );
  });

  test('whatever the kernel says is decoded, and shown without a sign that confuses', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: SUN_PATH + 3 }), (bytes) => {
        const shown = formatUnixPath(decodeUnixPath(bytes));
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
