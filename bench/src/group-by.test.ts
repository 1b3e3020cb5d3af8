import { expect, test } from 'vitest';
import { groupBy } from './group-by.ts';

test('groups and their entries keep their order', () => {
  const groups = groupBy(['pear', 'fig', 'plum', 'date', 'kiwi'], (word) => word.length);
  expect([...groups]).toEqual([
    [4, ['pear', 'plum', 'date', 'kiwi']],
    [3, ['fig']],
  ]);
});
