import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Program } from '../program.ts';
import { ROOT } from '../workspace.ts';

/** Drops an object, and says at the end of its input whether that is still there. */
const DROPS_AN_OBJECT = `
  const dropped = new WeakRef({});
  process.stdin.on('end', () => console.log(dropped.deref() === undefined ? 'gone' : 'there'));
  process.stdin.resume();
  console.log('up');
`;

test('a server collects its garbage when it is told to, and says what is left', async () => {
  const preload = ['--expose-gc', '--import', join(ROOT, 'bench/servers/collect.mjs')];
  const program = await Program.start('drops', [
    process.execPath,
    ...preload,
    '-e',
    DROPS_AN_OBJECT,
  ]);
  await program.says(/up/);
  program.signal('SIGUSR2');
  const [, json = ''] = await program.says(/^collected (.*)\n/m, 'stderr');
  expect(JSON.parse(json)).toEqual({ heapUsed: expect.any(Number), external: expect.any(Number) });
  program.endInput();
  expect(await program.result()).toContain('gone');
});
