import { execFileSync } from 'node:child_process';
import { LocalProtocolError } from '@wireline/framing/decoder';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeFlatJson, writeJson, writeJsonUnlessFlat } from './json-writer.ts';
import { readJson } from './json.ts';

/** Characters that JSON writers treat in different ways, and any others; no lone surrogates. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '"',
      '\\',
      '/',
      '\n',
      '\u0000',
      '\u001f',
      '\u007f',
      '\u2028',
      '\u00e9',
      '\u{1f436}',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
});

/** JavaScript puts keys that look like array indices first; Python does not. */
const key = text.filter((name) => !/^\d+$/.test(name));

const { value: exactValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.maxSafeInteger().map((number) => number + 0),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  ),
}));

test('writes what json.dumps of Python writes', () => {
  const values = fc.sample(exactValue, { numRuns: 2000, seed: 7 });
  const program =
    'import json, sys; print(json.dumps([json.dumps(v, ensure_ascii=False) for v in json.load(sys.stdin)]))';
  const output = execFileSync('python3', ['-c', program], {
    input: JSON.stringify(values),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(values.map((value) => writeJson(value))).toEqual(JSON.parse(output));
});

test('writes what the reader reads', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      fc.pre(!/\d{16}|e[+]/.test(JSON.stringify(value)));
      expect(readJson(writeJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test.each<[string, unknown, string]>([
  ['separators', { a: [1, 2], b: {} }, '{"a": [1, 2], "b": {}}'],
  ['fractions as JavaScript has them', [0.5, 1e-7, -0], '[0.5, 1e-7, 0]'],
  [
    'a bigint in digits',
    { id: 123456789012345678901234567890n },
    '{"id": 123456789012345678901234567890}',
  ],
  ['non-ASCII as it is', { 'k\u00e9': '\u{1f436}' }, '{"k\u00e9": "\u{1f436}"}'],
  ['lone surrogates escaped', ['\ud800', 'a\udc00b'], '["\\ud800", "a\\udc00b"]'],
  ['undefined properties left out', { a: undefined, b: 1, c: undefined }, '{"b": 1}'],
  ['a date', { at: new Date(0) }, '{"at": "1970-01-01T00:00:00.000Z"}'],
  ['toJSON with its key', { a: { toJSON: (name: string) => [name] } }, '{"a": ["a"]}'],
  ['toJSON that returns undefined', { a: { toJSON: () => undefined }, b: 1 }, '{"b": 1}'],
  ['own properties only', Object.create({ inherited: 1 }), '{}'],
  ['__proto__ as data', JSON.parse('{"__proto__": 1}'), '{"__proto__": 1}'],
])('writes %s', (_, value, expected) => {
  expect(writeJson(value)).toBe(expected);
});

describe('refuses, with the path', () => {
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  const deep = (depth: number): unknown => (depth === 0 ? 1 : [deep(depth - 1)]);

  test.each<[string, unknown, string, string]>([
    ['NaN', { items: [1, 2, 3, NaN] }, 'value.items[3]', 'is NaN'],
    ['Infinity', { 'a b': { '': -Infinity } }, 'value["a b"][""]', 'is -Infinity'],
    ['a wide integer', [2 ** 53], 'value[0]', 'is 9007199254740992, an integer beyond 2^53-1'],
    ['undefined in an array', { a: [undefined] }, 'value.a[0]', 'is undefined'],
    ['undefined itself', undefined, 'value', 'is undefined'],
    ['a function', { a: { b: () => 1 } }, 'value.a.b', 'is a function'],
    ['a symbol', [Symbol('x')], 'value[0]', 'is a symbol'],
    ['an empty key', { '': NaN }, 'value[""]', 'is NaN'],
    ['65 levels', deep(65), `value${'[0]'.repeat(64)}`, 'nests deeper than 64'],
    ['a cycle', cycle, `value${'.self'.repeat(64)}`, 'nests deeper than 64'],
  ])('%s', (_, value, path, problem) => {
    const error = errorOf(() => writeJson(value));
    expect(error).toBeInstanceOf(LocalProtocolError);
    expect(error).toMatchObject({ code: 'content-invalid', field: path });
    expect(String(error)).toContain(`write ${path} as JSON: it ${problem}`);
  });

  test('64 levels pass', () => {
    expect(writeJson(deep(64))).toBe(`${'['.repeat(64)}1${']'.repeat(64)}`);
  });

  test('with the code and the root that the caller names', () => {
    const error = errorOf(() =>
      writeJson({ a: NaN }, { code: 'header-invalid', root: 'extensions' }),
    );
    expect(error).toMatchObject({ code: 'header-invalid', field: 'extensions.a' });
  });

  test('what a toJSON throws is passed on', () => {
    const failure = new Error('no');
    const value = {
      toJSON() {
        throw failure;
      },
    };
    expect(errorOf(() => writeJson(value))).toBe(failure);
  });
});

describe('unless it is flat', () => {
  test.each<object>([
    {},
    { action: 'search', value: 'morpheus' },
    { a: 1, b: -0, c: true, d: null, e: undefined, f: '"\ud800' },
    Object.create({ inherited: [] }),
  ])('%j is only read', (value) => {
    expect(writeJsonUnlessFlat(value)).toEqual({
      keys: Object.keys(value),
      values: Object.values(value),
    });
  });

  test.each<[string, unknown]>([
    ['a scalar', 'text'],
    ['null', null],
    ['an array', [1]],
    ['nested', { a: [], b: 1 }],
    ['a fraction', { a: 0.5 }],
    ['a bigint', { a: 1n }],
    ['a date', new Date(0)],
  ])('%s is written', (_, value) => {
    expect(writeJsonUnlessFlat(value)).toBe(writeJson(value));
  });

  test('the same is asked of a value, once and in the same order, as when it is written', () => {
    /** Makes a value that notes in `log` what it is asked. */
    type Make = (log: string[]) => unknown;
    const scalar = fc.oneof(
      text,
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constantFrom(null, undefined, 0.5, NaN, 2 ** 53, 7n),
    );
    const { make } = fc.letrec<{ make: Make }>((tie) => ({
      make: fc.oneof(
        { maxDepth: 3 },
        {
          weight: 5,
          arbitrary: scalar.map(
            (value): Make =>
              () =>
                value,
          ),
        },
        fc.constant<Make>((log) => () => log.push('called')),
        fc.array(tie('make'), { maxLength: 3 }).map((items): Make => {
          return (log) =>
            watched(
              log,
              items.map((item) => item(log)),
            );
        }),
        fc
          .array(fc.tuple(fc.oneof(text, fc.constant('toJSON')), tie('make')), { maxLength: 4 })
          .map((entries): Make => {
            return (log) => watched(log, withGetters(log, entries));
          }),
        tie('make').map((replacement): Make => {
          return (log) => watched(log, { toJSON: () => replacement(log), a: 1 });
        }),
      ),
    }));
    fc.assert(
      fc.property(make, (create) => {
        const expected: string[] = [];
        const actual: string[] = [];
        const written = resultOf(() => writeJson(create(expected)));
        const flat = resultOf(() => {
          const result = writeJsonUnlessFlat(create(actual));
          return typeof result === 'string' ? result : writeFlatJson(result);
        });
        expect(flat).toEqual(written);
        expect(actual).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });
});

/** A proxy that notes what it is asked. */
function watched(log: string[], target: object): object {
  const note = (question: string) => log.push(question);
  return new Proxy(target, {
    has(object, name) {
      note(`has ${String(name)}`);
      return Reflect.has(object, name);
    },
    get(object, name) {
      note(`get ${String(name)}`);
      const value: unknown = Reflect.get(object, name);
      return value;
    },
    ownKeys(object) {
      note('keys');
      return Reflect.ownKeys(object);
    },
    getOwnPropertyDescriptor(object, name) {
      note(`descriptor ${String(name)}`);
      return Reflect.getOwnPropertyDescriptor(object, name);
    },
    getPrototypeOf(object) {
      note('prototype');
      return Reflect.getPrototypeOf(object);
    },
  });
}

function withGetters(
  log: string[],
  entries: readonly [string, (log: string[]) => unknown][],
): object {
  const object = {};
  for (const [name, make] of entries) {
    Object.defineProperty(object, name, {
      configurable: true,
      enumerable: true,
      get() {
        log.push(`getter ${name}`);
        return make(log);
      },
    });
  }
  return object;
}

/** What was returned, or what is known of the error. */
function resultOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error instanceof LocalProtocolError ? [error.code, error.message] : error;
  }
}

function errorOf(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}
