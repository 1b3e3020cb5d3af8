import type { StandardSchemaV1 } from '@standard-schema/spec';
import { binaryMessage, jsonMessage, type JsonObject, type Message } from '@wireline/message';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { AnswerInvalidError, InputInvalidError } from '../errors.ts';
import { partOf, readAnswer, readItem, requestOf } from './calls.ts';
import { defineContract } from './contract.ts';

/** A date that travels as a text: what is on the wire and what is read differ. */
const day = z.object({ day: z.string().transform((text) => new Date(text)) });

/** A schema that takes its time, written by hand. */
const slow: StandardSchemaV1<{ n: number }, { n: number }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: async (value) => {
      await Promise.resolve();
      const fits = typeof value === 'object' && value !== null && 'n' in value && value.n === 1;
      return fits ? { value: { n: 1 } } : { issues: [{ message: 'expected 1', path: ['n'] }] };
    },
  },
};

const contract = defineContract({
  plain: { request: day, response: day },
  items: { request: v.strictObject({ to: v.number() }), responseParts: day },
  bytes: { request: z.object({}), responseParts: 'bytes' },
  sum: { request: z.object({}), requestParts: day, response: z.object({ n: z.int() }) },
  upload: { request: z.object({ name: z.string() }), requestParts: 'bytes', response: day },
  slow: { request: slow, requestParts: slow, responseParts: slow, response: slow },
  loose: { request: z.looseObject({}), response: z.looseObject({}) },
});

const header = {
  byteorder: 'little',
  contentType: 'image/png',
  contentEncoding: 'binary',
  contentLength: 0,
  extensions: {},
} as const;

function json(value: JsonObject): Message {
  return { kind: 'json', header, value };
}

function bytes(...values: number[]): Message {
  return { kind: 'binary', header, bytes: Uint8Array.from(values) };
}

describe('requests', () => {
  test('say the action first, and the input as it was given', () => {
    const request = requestOf(contract, 'plain', { day: '2000-01-01' });
    expect(request).toEqual(jsonMessage({ action: 'plain', day: '2000-01-01' }));
    expect('value' in request && Object.keys(request.value)).toEqual(['action', 'day']);
  });

  test('of bytes say both in the header', () => {
    expect(requestOf(contract, 'upload', { name: 'a' })).toEqual(
      binaryMessage(new Uint8Array(0), 'application/octet-stream', {
        extensions: { action: 'upload', input: { name: 'a' } },
      }),
    );
  });

  test.each([
    ['plain', {}, 'day'],
    ['plain', { day: 5 }, 'day'],
    ['items', { to: 1, more: 2 }, 'more'],
    ['plain', [], ''],
    ['plain', null, ''],
    ['plain', 'day', ''],
    ['loose', new Date(0), ''],
    ['loose', { action: 'x' }, 'action'],
  ])('%s: %j is no input', (action, input, path) => {
    const ask = (): unknown => requestOf(contract, action, input);
    expect(ask).toThrow(InputInvalidError);
    expect(ask).toThrow(`send the input of '${action}': ${path}`);
    expect(ask).toThrow(
      expect.objectContaining({
        code: 'input-invalid',
        issues: [{ path, message: expect.any(String) }],
      }),
    );
  });

  test.each(['dance', 'constructor', '__proto__', 'toString', ''])('there is no %j', (action) => {
    expect(() => requestOf(contract, action, {})).toThrow(TypeError);
    expect(() => requestOf(contract, action, {})).toThrow('it has plain, items, ');
  });
});

describe('parts', () => {
  test('are items or bytes', () => {
    expect(partOf(contract, 'sum', { day: 'x' })).toEqual(jsonMessage({ day: 'x' }));
    const part = Uint8Array.of(1, 2);
    expect(partOf(contract, 'upload', part)).toEqual(
      binaryMessage(part, 'application/octet-stream'),
    );
  });

  test.each([
    ['sum', { day: 5 }],
    ['sum', Uint8Array.of(1)],
    ['upload', 'text'],
    ['plain', { day: '2000-01-01' }],
  ])('%s: %j is none', (action, part) => {
    expect(() => partOf(contract, action, part)).toThrow(InputInvalidError);
    expect(() => partOf(contract, action, part)).toThrow(`send a part of '${action}': `);
  });
});

describe('answers', () => {
  test('are what the schema makes of them', () => {
    const answer = json({ day: '2000-01-01' });
    expect(readAnswer(contract, 'plain', answer)).toEqual({ day: new Date('2000-01-01') });
    expect(readItem(contract, 'items', answer)).toEqual({ day: new Date('2000-01-01') });
    expect(readItem(contract, 'bytes', bytes(1, 2))).toEqual(Uint8Array.of(1, 2));
  });

  test('without a schema are nothing', () => {
    expect(readAnswer(contract, 'items', json({}))).toBeUndefined();
    expect(readAnswer(contract, 'bytes', bytes())).toBeUndefined();
  });

  test.each([
    ['plain', json({}), 'day'],
    ['sum', json({ n: 0.5 }), 'n'],
    ['plain', bytes(), 'expected JSON, not bytes (image/png)'],
    ['items', bytes(), 'expected JSON'],
    ['bytes', json({}), 'expected bytes'],
  ])('of %s that do not fit', (action, message, words) => {
    const read = (): unknown => readAnswer(contract, action, message);
    expect(read).toThrow(AnswerInvalidError);
    expect(read).toThrow(`read the answer of '${action}': ${words}`);
    expect(read).toThrow(expect.objectContaining({ code: 'answer-invalid' }));
  });

  test.each([
    ['items', json({})],
    ['items', bytes()],
    ['bytes', json({})],
    ['plain', json({ day: '2000-01-01' })],
  ])('of %s: items that do not fit', (action, message) => {
    expect(() => readItem(contract, action, message)).toThrow(AnswerInvalidError);
    expect(() => readItem(contract, action, message)).toThrow(`read an item of '${action}': `);
  });
});

test('a schema that takes its time makes all of it wait', async () => {
  expect(requestOf(contract, 'slow', { n: 1 })).toBeInstanceOf(Promise);
  expect(await requestOf(contract, 'slow', { n: 1 })).toEqual(
    jsonMessage({ action: 'slow', n: 1 }),
  );
  expect(await partOf(contract, 'slow', { n: 1 })).toEqual(jsonMessage({ n: 1 }));
  expect(await readAnswer(contract, 'slow', json({ n: 1 }))).toEqual({ n: 1 });
  expect(await readItem(contract, 'slow', json({ n: 1 }))).toEqual({ n: 1 });
  await expect(requestOf(contract, 'slow', { n: 2 })).rejects.toThrow(InputInvalidError);
  await expect(partOf(contract, 'slow', { n: 2 })).rejects.toThrow(InputInvalidError);
  await expect(readAnswer(contract, 'slow', json({ n: 2 }))).rejects.toThrow(AnswerInvalidError);
  await expect(readItem(contract, 'slow', json({ n: 2 }))).rejects.toThrow('n: expected 1');
});

test('one action under two names is told by the name it was asked for', () => {
  const action = { request: day, response: day };
  const twice = defineContract({ one: action, two: action });
  expect(() => requestOf(twice, 'one', {})).toThrow("'one'");
  expect(() => requestOf(twice, 'two', {})).toThrow("'two'");
});
