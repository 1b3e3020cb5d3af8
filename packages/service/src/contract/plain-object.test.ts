import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { isPlainObject } from './plain-object.ts';

test.each([
  ['a literal', {}],
  ['what JSON.parse makes', JSON.parse('{"__proto__": []}')],
  ['one without a prototype', Object.create(null)],
  ['one of another realm', runInNewContext('({a: 1})')],
])('%s is one', (_, value) => {
  expect(isPlainObject(value)).toBe(true);
});

test.each([
  ['nothing', undefined],
  ['null', null],
  ['a text', 'text'],
  ['a list', []],
  ['a list of another realm', runInNewContext('[]')],
  ['a function', () => {}],
  ['a date', new Date()],
  ['an error', new Error('no')],
  ['bytes', new Uint8Array(1)],
  ['what a class made', new URL('http:a')],
])('%s is none', (_, value) => {
  expect(isPlainObject(value)).toBe(false);
});
