import { SendBuffer } from '@wireline/framing/decoder';
import { expect, test } from 'vitest';
import { MessageEncoder } from './encoder.ts';
import { readJson } from './json.ts';
import { jsonMessage } from './message.ts';

/** The text that matched last: an old and deprecated property, which is what keeps it alive. */
function lastMatched(): unknown {
  return Reflect.get(RegExp, 'input');
}

test.each([
  ['ASCII', 'x'.repeat(10_000)],
  ['other characters', 'é'.repeat(10_000)],
  ['characters to be escaped', '"'.repeat(10_000)],
])('a long text of %s is not kept when it was written', (_name, text) => {
  new MessageEncoder().encode(jsonMessage({ text }), new SendBuffer());
  expect(String(lastMatched()).length).toBeLessThan(100);
});

test('a long text with numbers is not kept when it was read', () => {
  readJson(`{"text": "${'x'.repeat(10_000)}", "n": 12345678901234}`);
  expect(String(lastMatched()).length).toBeLessThan(100);
});

test('nor when it is refused', () => {
  expect(() => readJson(`{"text": "${'x'.repeat(10_000)}", "n": 1e999}`)).toThrow(SyntaxError);
  expect(String(lastMatched()).length).toBeLessThan(100);
});
