import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { excerpt, readIssues, tellIssues, type Issues } from './issues.ts';

/** What is told of the one issue with this path. */
function told(path: Issues[number]['path']): string {
  return tellIssues([{ message: 'no', ...(path === undefined ? {} : { path }) }]);
}

describe('paths', () => {
  test.each([
    [undefined, 'no'],
    [[], 'no'],
    [['a'], 'a: no'],
    [['a', 'b', 0, 'c'], 'a.b[0].c: no'],
    [[{ key: 'a' }, { key: 3 }], 'a[3]: no'],
    [[0, 1], '[0][1]: no'],
    [['odd key'], '["odd key"]: no'],
    [['a', ''], 'a[""]: no'],
    [['0'], '["0"]: no'],
    [['a.b'], '["a.b"]: no'],
    [['a"b\n\u2028c'], '["a\\"b\\n c"]: no'],
    [['__proto__', 'constructor'], '__proto__.constructor: no'],
    [[Symbol('s')], '[Symbol(s)]: no'],
  ] as const)('%j', (path, expected) => {
    expect(told(path)).toBe(expected);
  });

  test('that are long are shown by their end', () => {
    expect(told(Array.from({ length: 60 }, (_, index) => `k${index}`))).toBe(
      '...k52.k53.k54.k55.k56.k57.k58.k59: no',
    );
    expect(told(['x'.repeat(33)])).toBe(`["${'x'.repeat(32)}..."]: no`);
  });
});

test('a few are told, more are read, the rest is counted', () => {
  const issues = Array.from({ length: 1000 }, (_, index) => ({ message: `m${index}` }));
  expect(tellIssues(issues)).toBe('m0; m1; m2; and 997 more');
  expect(tellIssues(issues.slice(0, 3))).toBe('m0; m1; m2');
  expect(readIssues(issues)).toHaveLength(100);
  expect(tellIssues([])).toBe('it does not fit');
});

test('a text is cut between characters', () => {
  expect(excerpt('abc', 3)).toBe('abc');
  expect(excerpt('abcd', 3)).toBe('abc...');
  expect(excerpt('ab\u{1f436}d', 3)).toBe('ab...');
});

test('libraries say where', () => {
  const value = { list: [{ name: 5 }] };
  const zod = z.object({ list: z.array(z.object({ name: z.string() })) }).safeParse(value);
  expect(tellIssues(zod.error?.issues ?? [])).toMatch(/^list\[0\]\.name: .*string/);
  const schema = v.object({ list: v.array(v.object({ name: v.string() })) });
  const valibot = schema['~standard'].validate(value);
  if (valibot instanceof Promise) throw new Error('it is done at once');
  expect(tellIssues(valibot.issues ?? [])).toMatch(/^list\[0\]\.name: .*string/);
});

test('whatever the issues are, what is told is one short line', () => {
  const unit = fc.constantFrom('a', '"', '.', '\n', '\u0000', '\u0085', '\u2028', '\u{1f436}');
  const text = fc.string({ unit, maxLength: 1000 });
  const issue = fc.record({ message: text, path: fc.array(fc.oneof(text, fc.nat())) });
  fc.assert(
    fc.property(fc.array(issue), (issues) => {
      const line = tellIssues(issues);
      expect(line.length).toBeLessThan(3000);
      // oxlint-disable-next-line no-control-regex -- what must not be in a line
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
    }),
  );
});
