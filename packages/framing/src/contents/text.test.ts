import { expect, test } from 'vitest';
import { pattern, raw } from '../../test/codec.ts';
import { LocalProtocolError } from '../errors.ts';
import { FrameFault } from '../cutting/frame-fault.ts';
import { bytes } from './bytes.ts';
import { text } from './text.ts';

test.each([
  '',
  'a',
  'a'.repeat(16),
  'a'.repeat(17),
  'é',
  '€uro',
  '🐶',
  '\ufeff',
  '\ufeff\ufffd\0',
  'é'.repeat(50),
])('%j, in the middle of other bytes', (value) => {
  const content = text();
  const length = content.lengthOf(value);
  expect(length).toBe(raw(value).length);
  const target = new Uint8Array(length + 4).fill(0xc3);
  content.write(value, target, 2, length);
  expect(target).toEqual(raw(0xc3, 0xc3, value, 0xc3, 0xc3));
  for (const owned of [false, true]) expect(content.read(target, 2, 2 + length, owned)).toBe(value);
});

test.each([
  ['a lone byte', raw('a', 0x80)],
  ['half of a character', raw(0xe2, 0x82)],
  ['a longer spelling', raw(0xc0, 0xaf)],
  ['a surrogate', raw(0xed, 0xa0, 0x80)],
  ['beyond the last character', raw(0xf4, 0x90, 0x80, 0x80)],
])('%s is no text', (_name, bad) => {
  expect(() => text().read(bad, 0, bad.length, false)).toThrow(FrameFault);
  expect(text({ invalid: 'replace' }).read(bad, 0, bad.length, false)).toContain('\ufffd');
  // What failed leaves nothing behind.
  const content = text();
  expect(() => content.read(bad, 0, bad.length, false)).toThrow(FrameFault);
  expect(content.read(raw('é'), 0, 2, false)).toBe('é');
});

test.each(['\ud800', 'a\udfff', '\udc00\ud800'])('%j has no UTF-8', (value) => {
  expect(() => text().lengthOf(value)).toThrow(LocalProtocolError);
});

test('bytes are copied unless they are owned', () => {
  const store = pattern(20);
  const copy = bytes().read(store, 5, 10, false);
  expect(copy).toEqual(store.slice(5, 10));
  expect(copy.buffer).not.toBe(store.buffer);
  expect(bytes().read(store, 5, 10, true)).toEqual(copy);
  expect(bytes().read(store, 0, 20, true).buffer).toBe(store.buffer);
});

test('a copy is one, also of a Buffer', () => {
  const store = Buffer.from(pattern(20));
  const copy = bytes().read(store, 5, 10, false);
  store.fill(0);
  expect(Array.from(copy)).toEqual(Array.from(pattern(20).subarray(5, 10)));
});
