import { descriptorLimit } from '@wireline/socket';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { mostNodeConnections } from './capacity.ts';

/** A file with a line of the table, and another before it. */
function tableWith(limits: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'wireline-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const table = join(folder, 'limits');
  const others = 'Max processes             7823                 7823                 processes';
  writeFileSync(table, `${others}\nMax open files            ${limits} files\n`);
  return table;
}

test('as many as there are descriptors, less a reserve and what a paused listener holds', () => {
  expect(descriptorLimit()).toBeGreaterThan(1000); // else the reserve is another
  expect(mostNodeConnections()).toBe(descriptorLimit() - 64 - 128);
});

test.each([
  ['100                  1048576             ', 50],
  ['1                    1                   ', 1],
  ['unlimited            unlimited           ', Infinity],
])('of a limit of %s files', (limits, most) => {
  expect(mostNodeConnections(tableWith(limits))).toBe(most);
});

test('where nothing says the limit', () => {
  expect(mostNodeConnections('/no/such/table')).toBe(Infinity);
});
