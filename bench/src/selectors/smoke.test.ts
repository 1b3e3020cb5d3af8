/** The suite as it is built, run briefly: everything happens, and the numbers mean nothing. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Program } from '../program.ts';

function bench(...args: readonly string[]): Promise<Program> {
  const command = [process.execPath, '.cache/bench/js/bin.js', 'selectors', ...args];
  return Program.start('the benchmark', command);
}

const aboveZero = expect.toSatisfy((value) => typeof value === 'number' && value > 0);

test('a quick run measures all contestants, judges the targets, and writes where it is told', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'wireline-bench-'));
  try {
    const out = join(directory, 'results.md');
    const program = await bench('--quick', '--json', '--scenarios', '10,1000', '--out', out);
    const names = [
      'wireline-epoll',
      'wireline-epoll-awaited',
      'wireline-poll',
      'python-epoll',
      'python-poll',
      'c-epoll',
    ];
    const cells = names.map((contestant) => ({
      contestant,
      samples: [{ cpu: aboveZero, eventsPerSecond: aboveZero }],
    }));
    expect(JSON.parse(await program.result())).toMatchObject({
      suite: 'selectors',
      rounds: 1,
      leftOut: [],
      scenarios: [
        { scenario: { registered: 10 }, cells },
        { scenario: { registered: 1000 }, cells },
      ],
      targets: [{ isMet: false }, { isMet: false }],
    });
    expect(await readFile(out, 'utf8')).toContain('# Results of the benchmark: selectors');
  } finally {
    await rm(directory, { recursive: true });
  }
});

test.each([
  [['--only', 'nobody'], '--only: there is no nobody; choose from wireline-epoll'],
  [['--scenarios', '50'], '--scenarios: there is no 50; choose from 10, 100'],
  [['--out', 'no-such-folder/results.md'], '--out: nothing can be written in no-such-folder'],
])('%j is refused with exit code 2', async (args, reason) => {
  const program = await bench(...args);
  await expect(program.result()).rejects.toThrow(/ended with code 2/);
  expect(program.lastWords).toContain(reason);
});
