/** The suite as it is built, run briefly: everything happens, and the numbers mean nothing. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Program } from '../program.ts';

function bench(...args: readonly string[]): Promise<Program> {
  const command = [process.execPath, '.cache/bench/js/bin.js', 'streams', ...args];
  return Program.start('the benchmark', command);
}

const aboveZero = expect.toSatisfy((value) => typeof value === 'number' && value > 0);

test('a quick run sends and receives bodies, judges the targets, and writes where it is told', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'wireline-bench-'));
  try {
    const out = join(directory, 'results.md');
    const program = await bench('--quick', '--json', '--out', out);
    const cells = ['wireline', 'c-epoll'].map((contestant) => ({
      contestant,
      samples: [{ bytesPerSecond: aboveZero, cpu: aboveZero, atRest: aboveZero, peak: aboveZero }],
    }));
    const directions = ['up', 'up', 'down', 'down'];
    expect(JSON.parse(await program.result())).toMatchObject({
      suite: 'streams',
      rounds: 1,
      leftOut: [],
      scenarios: directions.map((direction) => ({ scenario: { direction }, cells })),
      targets: directions.flatMap(() => [{ measured: aboveZero }, { measured: aboveZero }]),
    });
    expect(await readFile(out, 'utf8')).toContain('# Results of the benchmark: streams');
  } finally {
    await rm(directory, { recursive: true });
  }
});

test.each([
  [['--only', 'nobody'], '--only: there is no nobody; choose from wireline, c-epoll'],
  [['--scenarios', '50'], '--scenarios: there is no 50; choose from up-64k'],
  [['--seconds', '2'], '--seconds: a body takes as long as it takes'],
])('%j is refused with exit code 2', async (args, reason) => {
  const program = await bench(...args);
  await expect(program.result()).rejects.toThrow(/ended with code 2/);
  expect(program.lastWords).toContain(reason);
});
