import * as v from 'valibot';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineContract, type Contract } from './contract.ts';

const text = z.object({ text: z.string() });

/** As a program defines a contract that no compiler has looked at. */
function defineUnchecked(action: unknown): unknown {
  // What the types say is what is tried here: it is not so.
  return defineContract({ act: action } as Contract as Record<string, never>);
}

test('a contract is what it was made of', () => {
  const actions = {
    plain: { request: text, response: v.object({ n: v.number() }) },
    items: { request: text, responseParts: text },
    bytes: { request: text, requestParts: 'bytes', responseParts: 'bytes' },
  } as const;
  expect(defineContract(actions)).toBe(actions);
});

test('schemas of some libraries are functions', () => {
  const schema = Object.assign(() => {}, { '~standard': text['~standard'] });
  expect(defineContract({ act: { request: schema, response: schema } })).toHaveProperty('act');
});

test.each([
  [{}, 'request'],
  [{ request: null, response: text }, 'request'],
  [{ request: {}, response: text }, 'request'],
  [{ request: text }, 'neither response nor responseParts'],
  [{ request: text, response: 'text' }, 'response'],
  [{ request: text, response: text, requestParts: 'text' }, 'requestParts'],
  [{ request: text, responseParts: {} }, 'responseParts'],
  [{ request: text, responseParts: 'bytes', response: text }, 'no response'],
  [{ request: text, response: text, respones: text }, 'a member respones'],
])('%j is no action', (action, words) => {
  expect(() => defineUnchecked(action)).toThrow(TypeError);
  expect(() => defineUnchecked(action)).toThrow("define the action 'act': ");
  expect(() => defineUnchecked(action)).toThrow(words);
});
