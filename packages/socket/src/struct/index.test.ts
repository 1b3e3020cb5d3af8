import { expect, test } from 'vitest';
import { pack, unpackFrom } from './index.ts';

test('the example at the head of the entry point', () => {
  const content = new TextEncoder().encode('Hello, world');
  const message = new Uint8Array([...pack('>H', content.length), ...content]);
  expect([...message.subarray(0, 4)]).toEqual([0x00, 0x0c, 0x48, 0x65]);

  const [length] = unpackFrom('>H', message);
  const text = new TextDecoder().decode(message.subarray(2, 2 + length));
  expect([length, text]).toEqual([12, 'Hello, world']);
});
