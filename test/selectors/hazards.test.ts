/**
 * Hazards of waiting: a thread that cannot be interrupted or ended, a process that lives too long or not long
 * enough, a descriptor that nobody closes. In processes of their own, which use the build as users do.
 */
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { untilAsleep } from '../hazards/asleep.ts';
import { Program, type Outcome } from '../support/program.ts';

const WAYS = ['epoll', 'epoll with a time-out', 'poll', 'lists'] as const;

/** A blocked worker sleeps 50 ms at most. The rest is for machines with too much to do. */
const PROMPT_MS = 2000;

/** Some seconds' worth. */
const WORKERS = 60;

const INTERRUPTED = { name: 'InterruptedError', code: 'EINTR', syscall: 'select' };

function start(name: string, ...args: readonly string[]): Program {
  return Program.run(process.execPath, `test/selectors/programs/${name}.mjs`, ...args);
}

/** What the program said, a fact in each line, after the first, which says that it is about to block. */
function facts({ stdout }: Outcome): unknown[] {
  const lines = stdout.trim().split('\n').slice(1);
  return lines.map((line) => JSON.parse(line) as unknown);
}

/** Starts a program and waits until it blocks. Returns the port that it waits for a connection to. */
async function blocked(...args: readonly string[]): Promise<{ program: Program; port: number }> {
  const program = start('blocked', ...args);
  const [, port] = await program.says(/"port":(\d+)}\n/);
  await untilAsleep(program.pid);
  return { program, port: Number(port) };
}

describe.each([...WAYS, 'empty lists'])('Ctrl-C while %s blocks', (way) => {
  test('without a handler the process dies by the signal', async () => {
    const { program } = await blocked(way);
    await using _ = program;
    program.signal('SIGINT');
    const outcome = await program.exited();
    expect(outcome).toMatchObject({ signal: 'SIGINT', stderr: '' });
    expect(facts(outcome)).toEqual([]);
  });

  test('with a handler the wait fails and the handler runs', async () => {
    const { program } = await blocked(way, 'handler');
    await using _ = program;
    program.signal('SIGINT');
    const outcome = await program.exited();
    expect(facts(outcome)).toEqual([INTERRUPTED, { handled: 'SIGINT' }]);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
  });

  test('one that came before: it does not block', async () => {
    await using program = start('blocked', way, 'handler', 'SIGINT first');
    const outcome = await program.exited();
    expect(facts(outcome)).toEqual([INTERRUPTED, { handled: 'SIGINT' }]);
  });
});

test.each(WAYS)('a thread that blocks in %s wakes up when a connection comes', async (way) => {
  const { program, port } = await blocked(way);
  await using _ = program;
  const peer = connect(port, '127.0.0.1').on('error', () => {});
  const outcome = await program.exited();
  peer.destroy();
  expect(facts(outcome)).toEqual([{ returned: true }]);
});

test.each([
  ['while they block', 'epoll,epoll with a time-out,poll,lists,empty lists'],
  ['while they await', 'ready,ready with poll'],
  ['while they look again and again', 'busy'],
])(
  'workers that are terminated %s end promptly, and no descriptor is left',
  { timeout: 60_000 },
  async (_, ways) => {
    const args = ['test/selectors/programs/workers-end.mjs', ways, String(WORKERS)];
    const program = Program.start(process.execPath, args, { deadlineMs: 50_000 });
    const { code, stdout, stderr } = await program.exited();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const report = JSON.parse(stdout) as { slowestMs: number }; // what the program prints
    expect(report).toEqual({ errors: [], descriptors: 0, slowestMs: expect.any(Number) });
    expect(report.slowestMs).toBeLessThan(PROMPT_MS);
  },
);

test('a worker waits as long as it is told, though it never sleeps long', async () => {
  await using program = start('timed-worker');
  const { code, stdout } = await program.exited();
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual(Array.from({ length: 3 }, () => ({ found: 0, inTime: true })));
});

test('a selector that nobody closes gives its descriptor back, with a word', async () => {
  const program = Program.run(
    process.execPath,
    '--expose-gc',
    'test/selectors/programs/collected.mjs',
  );
  const { code, stdout } = await program.exited();
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    opened: 1,
    left: 0,
    warnings: [
      {
        name: 'ResourceWarning',
        code: 'WIRELINE_UNCLOSED_SELECTOR',
        message: expect.stringContaining('was collected without having been closed'),
      },
    ],
  });
});

describe.each(['epoll', 'poll'])('a process that awaits with %s', (kind) => {
  test('lives as long as it waits, and can be interrupted', async () => {
    await using program = start('held', kind);
    const [port] = await program.says(/^\d+\n/);
    await untilAsleep(program.pid);
    program.signal('SIGINT');
    await program.says(/handled\n/);
    const peer = connect(Number(port), '127.0.0.1').on('error', () => {});
    const { code, stdout } = await program.exited();
    peer.destroy();
    expect([code, stdout]).toEqual([0, expect.stringMatching(/handled\n1 ready\n$/)]);
  });

  test('ends when nobody waits, although the selector is open', async () => {
    await using program = start('held', kind, 'not');
    expect(await program.exited()).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\n$/),
    });
  });
});
