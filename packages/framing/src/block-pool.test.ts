import { expect, test } from 'vitest';
import { BlockPool } from './block-pool.ts';

test('a block that was given back is handed out again', () => {
  const pool = new BlockPool();
  const block = pool.take(1);
  expect(block.length).toBe(pool.blockLength);
  pool.give(block);
  expect(pool.take(pool.blockLength)).toBe(block);
  expect(pool.take(1)).not.toBe(block);
});

test('more than a block is fresh memory of that length, and is not kept', () => {
  const pool = new BlockPool({ blockLength: 8 });
  const large = pool.take(9);
  expect(large.length).toBe(9);
  pool.give(large);
  expect(pool.take(9)).not.toBe(large);
  expect(pool.take(8).length).toBe(8);
});

test('no more than maxBlocks are kept', () => {
  const pool = new BlockPool({ blockLength: 8, maxBlocks: 2 });
  const blocks = [1, 2, 3].map(() => pool.take(1));
  for (const block of blocks) pool.give(block);
  const again = [1, 2, 3].map(() => pool.take(1));
  expect(again.filter((block) => blocks.includes(block))).toHaveLength(2);
});
