/** The suite as it is built, run briefly: everything happens, and the numbers mean nothing. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Program } from '../program.ts';

function bench(...args: readonly string[]): Promise<Program> {
  const command = [process.execPath, '.cache/bench/js/bin.js', 'framing', ...args];
  return Program.start('the benchmark', command);
}

const aboveZero = expect.toSatisfy((value) => typeof value === 'number' && value > 0);

function cellsOf(names: readonly string[]): object[] {
  return names.map((contestant) => ({
    contestant,
    samples: [{ cpuPerFrame: aboveZero, cpuPerByte: aboveZero, bytesPerSecond: aboveZero }],
  }));
}

test('a quick run measures who takes part, judges the targets, and writes where it is told', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'wireline-bench-'));
  try {
    const out = join(directory, 'results.md');
    const scenarios = 'lines-16,u32-16,varint-64k,growth-newline-1k-bytewise';
    const program = await bench('--quick', '--json', '--scenarios', scenarios, '--out', out);
    const ours = ['wireline', 'wireline-in-place', 'wireline-frames', 'wireline-transform'];
    const whole = ['wireline', 'wireline-frames', 'wireline-transform'];
    const lists = ['it-length-prefixed', 'it-length-prefixed-awaited', 'it-length-prefixed-pieces'];
    expect(JSON.parse(await program.result())).toMatchObject({
      suite: 'framing',
      rounds: 1,
      leftOut: [],
      scenarios: [
        {
          scenario: { name: 'lines-16' },
          cells: cellsOf([...ours, 'split2', 'readline', 'readline-awaited']),
        },
        { scenario: { name: 'u32-16' }, cells: cellsOf([...ours, ...lists]) },
        {
          scenario: { name: 'varint-64k' },
          cells: cellsOf([
            ...whole,
            'length-prefixed-stream',
            'it-length-prefixed',
            'it-length-prefixed-pieces',
          ]),
        },
        { scenario: { name: 'growth-newline-1k-bytewise' }, cells: cellsOf(['wireline']) },
      ],
      targets: expect.arrayContaining([
        expect.objectContaining({ atLeast: 3, measured: aboveZero }),
        expect.objectContaining({ atLeast: 1, measured: aboveZero }),
      ]),
    });
    expect(await readFile(out, 'utf8')).toContain('# Results of the benchmark: framing');
  } finally {
    await rm(directory, { recursive: true });
  }
}, 120_000);

test.each([
  [['--only', 'nobody'], '--only: there is no nobody; choose from wireline'],
  [['--scenarios', 'lines'], '--scenarios: there is no lines; choose from lines-16'],
  [['--out', 'no-such-folder/results.md'], '--out: nothing can be written in no-such-folder'],
])('%j is refused with exit code 2', async (args, reason) => {
  const program = await bench(...args);
  await expect(program.result()).rejects.toThrow(/ended with code 2/);
  expect(program.lastWords).toContain(reason);
});
