/** The benchmark as it is built, run briefly: everything happens, and the numbers mean nothing. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Program } from './program.ts';

function bench(...args: readonly string[]): Promise<Program> {
  return Program.start('the benchmark', [process.execPath, '.cache/bench/js/bin.js', ...args]);
}

describe('a quick run', () => {
  test('measures every scenario, judges every target, and writes where it is told', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'wireline-bench-'));
    try {
      const out = join(directory, 'results.md');
      const program = await bench('--quick', '--json', '--only', 'wireline,c-epoll', '--out', out);
      const load = {
        requestsPerSecond: aboveZero,
        cpu: aboveZero,
        p50: aboveZero,
        p99: aboveZero,
        max: aboveZero,
        clientShare: aboveZero,
      };
      const loads = [cellOf('wireline', load), cellOf('c-epoll', load)];
      expect(JSON.parse(await program.result())).toMatchObject({
        suite: 'service',
        rounds: 1,
        contestants: [{ name: 'wireline' }, { name: 'c-epoll' }],
        leftOut: [],
        scenarios: [
          { scenario: { name: '1' }, cells: loads },
          { scenario: { name: '50' }, cells: loads },
          { scenario: { name: '50x16' }, cells: loads },
          { scenario: { name: 'connect' }, cells: loads },
          {
            scenario: { name: 'idle' },
            cells: [
              cellOf('wireline', { memory: aboveZero, heap: aboveZero }),
              cellOf('c-epoll', { memory: expect.any(Number) }),
            ],
          },
        ],
        targets: expect.arrayContaining([
          expect.objectContaining({
            title: '50 connections: wireline as cheap as c-epoll',
            measured: aboveZero,
          }),
          expect.objectContaining({
            title: '10,000 idle: memory per connection of wireline',
            measured: aboveZero,
          }),
        ]),
      });
      expect(await readFile(out, 'utf8')).toContain('# Results of the benchmark');
      expect(await readdir(directory)).toEqual(['results.md']);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test('drives all that is compared, each in its own protocol', async () => {
    const names = ['wireline-zod', 'fastify', 'ws', 'grpc-js', 'zeromq'];
    const args = ['--quick', '--json', '--scenarios', '50x16', '--only', names.join()];
    const program = await bench(...args);
    const cells = names.map((name) =>
      cellOf(name, { cpu: aboveZero, requestsPerSecond: aboveZero }),
    );
    expect(JSON.parse(await program.result())).toMatchObject({
      contestants: names.map((name) => ({ name })),
      leftOut: [],
      scenarios: [{ cells }],
    });
  });

  test('leaves out what cannot run here, and says why', async () => {
    const program = await bench('--quick', '--json', '--scenarios', '50', '--only', 'go-net');
    const { contestants, leftOut } = JSON.parse(await program.result()) as {
      readonly contestants: readonly unknown[];
      readonly leftOut: readonly unknown[];
    }; // printed by our own program
    const { error } = spawnSync('go', ['version']);
    const absent = [{ name: 'go-net', reason: expect.stringContaining('go') }];
    expect(leftOut).toEqual(error === undefined ? [] : absent);
    expect(contestants).toHaveLength(error === undefined ? 1 : 0);
  });

  // All but Bun, which would be fetched from the network.
  test('of echo measures sockets', async () => {
    const names = [
      'wireline-callbacks',
      'wireline-awaited',
      'wireline-awaited-into',
      'node-net',
      'c-epoll',
    ];
    const args = ['--quick', '--json', '--scenarios', '50', '--only', names.join()];
    const program = await bench('echo', ...args);
    expect(JSON.parse(await program.result())).toMatchObject({
      suite: 'echo',
      contestants: names.map((name) => ({ name })),
      leftOut: [],
      scenarios: [{ cells: names.map((name) => cellOf(name, { cpu: aboveZero })) }],
      targets: [{ measured: aboveZero }, { isMet: false }, { measured: aboveZero }, {}, {}],
    });
  });

  test('of echo watches sockets that are idle', async () => {
    const only = ['--only', 'wireline-awaited,c-epoll'];
    const program = await bench('echo', '--quick', '--json', '--scenarios', 'idle', ...only);
    const number = expect.any(Number);
    expect(JSON.parse(await program.result())).toMatchObject({
      scenarios: [
        {
          cells: [
            cellOf('wireline-awaited', { memory: aboveZero, heap: aboveZero, cpu: number }),
            cellOf('c-epoll', { memory: number, cpu: number }),
          ],
        },
      ],
      targets: [{}, {}, {}, { measured: aboveZero }, { measured: number }],
    });
  });

  const aboveZero = expect.toSatisfy((value) => typeof value === 'number' && value > 0);

  function cellOf(contestant: string, sample: object): object {
    return { contestant, samples: [sample] };
  }
});

test('Ctrl-C ends the programs that were started, and the benchmark with 130', async () => {
  const program = await bench('--seconds', '60', '--scenarios', '1', '--only', 'c-epoll');
  await program.says(/1 connection/, 'stderr');
  program.signal('SIGINT');
  // It waits for the end of all its programs: one that was left would hold it for a minute.
  await expect(program.result()).rejects.toThrow('ended with code 130');
});

test('the help has the suites and their contestants', async () => {
  const help = await (await bench('--help')).result();
  expect(help).toMatch(/^ {2}service: .*\n {4}contestants: wireline, wireline-zod, /m);
  expect(help).toMatch(/^ {2}echo: .*\n {4}contestants: wireline-callbacks, /m);
});

test.each([
  [['--only', 'nobody'], '--only: there is no nobody; choose from wireline, wireline-zod'],
  [['echo', '--only', 'wireline'], '--only: there is no wireline; choose from wireline-callbacks'],
  [['--scenarios', '50,51'], '--scenarios: there is no 51; choose from 1, 50,'],
  [['--seconds', 'soon'], 'expected seconds'],
  [['service', 'too much'], 'too many arguments'],
  [['--out', 'no-such-folder/results.md'], '--out: nothing can be written in no-such-folder'],
  [['nothing'], 'Allowed choices are service'],
])('%j is refused with exit code 2', async (args, reason) => {
  const program = await bench(...args);
  await expect(program.result()).rejects.toThrow(/ended with code 2/);
  expect(program.lastWords).toContain(reason);
});
