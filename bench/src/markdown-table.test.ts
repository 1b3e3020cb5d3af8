import { format } from 'prettier';
import { expect, test } from 'vitest';
import { markdownTable } from './markdown-table.ts';

test('is spaced as Prettier spaces it, wide or narrow', async () => {
  const table = markdownTable(
    [{ head: 'contestant' }, { head: 'µs', align: 'right' }, { head: 'why', align: 'left' }],
    [
      ['wireline', '7.10', ''],
      ['node-plain', '1,234.5', '50 × 16 – in flight'],
      ['c', '', 'x'.repeat(120)],
    ],
  );
  expect(await format(table, { parser: 'markdown' })).toBe(`${table}\n`);
  expect(table.split('\n')[1]).toMatch(/^\| -+ \| -+: \| -+ \|$/);
});

test('a column of short cells still has a rule', async () => {
  const table = markdownTable([{ head: 'a' }, { head: 'b', align: 'right' }], [['1', '2']]);
  expect(await format(table, { parser: 'markdown' })).toBe(`${table}\n`);
});
