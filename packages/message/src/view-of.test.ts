import { expect, test } from 'vitest';
import { viewOf } from './view-of.ts';

test('has the indices of the bytes, in whatever part of a memory they lie', () => {
  const memory = Uint8Array.of(1, 2, 3, 4, 5, 6);
  const part = memory.subarray(2, 5);
  expect([viewOf(memory).getUint8(2), viewOf(part).getUint8(2)]).toEqual([3, 5]);
  expect([viewOf(memory).byteLength, viewOf(part).byteLength]).toEqual([6, 3]);
});

test('is the same for the same bytes', () => {
  const bytes = new Uint8Array(256 * 1024);
  expect(viewOf(bytes)).toBe(viewOf(bytes));
});

test('is not kept for a memory that may be one long message', () => {
  const shared = new Uint8Array(16);
  const view = viewOf(shared);
  const store = new Uint8Array(256 * 1024 + 1);
  expect(viewOf(store)).not.toBe(viewOf(store));
  expect(viewOf(shared)).toBe(view);
});
