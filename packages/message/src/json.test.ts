import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findJsonFault, readJson } from './json.ts';

describe('readJson', () => {
  test.each(['{}', '[]', '"a"', '1', '-0.5e-7', 'null', ' {"a" : [1, 2.5, true]} '])(
    'reads %s as JSON.parse does',
    (text) => {
      expect(readJson(text)).toEqual(JSON.parse(text));
    },
  );

  test('any value reads back', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/\d{16}/.test(text));
        expect(readJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test.each(['', 'NaN', 'Infinity', '{"a": -Infinity}', '{a: 1}', '[1,]', '\ufeff{}', '01'])(
    'refuses %s',
    (text) => {
      expect(() => readJson(text)).toThrow(SyntaxError);
    },
  );

  test('says when it is a byte order mark', () => {
    expect(() => readJson('\ufeff{}')).toThrow('it starts with a byte order mark');
  });

  test('nesting of 64 levels is read, 65 are refused, in objects and arrays', () => {
    const arrays = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    const objects = (depth: number) => '{"a":'.repeat(depth - 1) + '{}' + '}'.repeat(depth - 1);
    expect(() => readJson(arrays(64))).not.toThrow();
    expect(() => readJson(objects(64))).not.toThrow();
    expect(() => readJson(arrays(65))).toThrow('it nests deeper than 64 at character 64');
    expect(() => readJson(objects(65))).toThrow('it nests deeper than 64');
    expect(() => readJson('['.repeat(1_000_000))).toThrow('it nests deeper than 64');
  });

  test('brackets in strings are no nesting', () => {
    const value = { a: '[{'.repeat(100), b: '\\"[{'.repeat(100), c: ['\\'], d: '\\\\' };
    expect(readJson(JSON.stringify(value))).toEqual(value);
  });

  test('brackets side by side are no nesting', () => {
    const value = Array.from({ length: 100 }, () => [{}]);
    expect(readJson(JSON.stringify(value))).toEqual(value);
  });

  const padding = `"${'x'.repeat(200)}"`;
  describe.each([
    ['short', (literal: string) => `[${literal}]`],
    ['long', (literal: string) => `[${padding}, ${literal}, ${padding}]`],
  ])('numbers in %s texts', (_, wrap) => {
    test.each([
      '9007199254740991',
      '-9007199254740991',
      '9007199254740992.5',
      '1e16',
      '1E+99',
      '1.5e308',
      '-1.5e-400',
      '0.00000000000000000001',
      '"9007199254740992"',
      '"1e400"',
    ])('reads %s', (literal) => {
      expect(readJson(wrap(literal))).toEqual(JSON.parse(wrap(literal)));
    });

    test.each([
      '9007199254740992',
      '-9007199254740992',
      '100000000000000000000',
      '9'.repeat(400),
      '1e400',
      '-1e400',
      '1E+400',
      '1e0000400',
      '1.8e308',
      `${'9'.repeat(400)}.5`,
    ])('refuses %s', (literal) => {
      expect(() => readJson(wrap(literal))).toThrow(SyntaxError);
    });
  });

  test('the short way and the long way agree', () => {
    const number = fc.tuple(
      fc.constantFrom('', '-'),
      fc.bigInt(0n, 10n ** 18n).map(String),
      fc.constantFrom('', '.5', 'e1', 'e99', 'e308', 'e309', 'E+0310', 'e-400', '.5e300'),
    );
    fc.assert(
      fc.property(number, (parts) => {
        const text = `[${parts.join('')}]`;
        const fault = findJsonFault(text);
        if (fault === undefined) expect(readJson(text)).toEqual(JSON.parse(text));
        else expect(() => readJson(text)).toThrow(fault);
      }),
    );
  });

  test('keys are plain data, and the last of two counts', () => {
    const value = readJson('{"__proto__": {"x": 1}, "constructor": 1, "a": 1, "a": 2}');
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value ?? {})).toEqual(['__proto__', 'constructor', 'a']);
    expect(value).toHaveProperty('a', 2);
    expect(value).not.toHaveProperty('x');
  });
});

test('wide integers pass where they are allowed, overflow does not', () => {
  expect(findJsonFault('[9007199254740992]', { wideIntegers: true })).toBeUndefined();
  expect(findJsonFault('[1e400]', { wideIntegers: true })).toBe(
    'a number overflows to Infinity at character 1',
  );
});

test('no text makes the search throw', () => {
  const junk = fc.array(fc.constantFrom('"', '\\', '{', '}', '[', ']', '-', '1', 'e', '.', ' '));
  fc.assert(
    fc.property(junk, (pieces) => {
      findJsonFault(pieces.join(''));
    }),
  );
});
