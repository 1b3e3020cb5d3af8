/**
 * Hazards of calls that block: Ctrl-C must reach the program, and what is not meant for it must not.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { untilAsleep, untilEnded } from './asleep.ts';
import { runProgram, type Outcome, type RunOptions } from './run-program.ts';

const CALLS = [
  'accept',
  'connect',
  'recv',
  'recv with a time-out',
  'recvFrom',
  'recvMsg',
  'sendAll',
  'sendMsg',
] as const;

/** What the program said, a fact in each line. */
function facts({ stdout }: Outcome): unknown[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

/** Runs a program, and once it has said its first line and blocks, `act`. */
async function whileItBlocks(
  name: string,
  options: Partial<RunOptions>,
  act: (program: { pid: number; said: string; child: ChildProcess }) => unknown,
): Promise<Outcome> {
  let acting: Promise<unknown> | undefined;
  const outcome = await runProgram(name, {
    ...options,
    onOutput(said, child) {
      const { pid } = child;
      if (acting !== undefined || pid === undefined) return;
      acting = untilAsleep(pid).then(() => act({ pid, said, child }));
      // It ends when the program is killed, and tells then: until then nobody listens.
      acting.catch(() => {});
    },
  });
  await acting;
  return outcome;
}

test.each(CALLS)('Ctrl-C before %s blocks: it does not', async (call) => {
  const outcome = await runProgram('blocked', { args: [call, 'handler', 'SIGINT first'] });
  expect(facts(outcome)).toEqual([
    { blocking: true },
    expect.objectContaining({ name: 'InterruptedError', code: 'EINTR' }),
    { handled: 'SIGINT' },
  ]);
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
});

describe.each(CALLS)('Ctrl-C while %s blocks', (call) => {
  test('without a handler the process dies by the signal', async () => {
    const outcome = await whileItBlocks('blocked', { args: [call] }, ({ child }) => {
      child.kill('SIGINT');
    });
    expect(outcome).toMatchObject({ signal: 'SIGINT', stderr: '' });
    expect(facts(outcome)).toEqual([{ blocking: true }]);
  });

  test('with a handler the call fails and the handler runs', async () => {
    const args = [call, 'handler'];
    const outcome = await whileItBlocks('blocked', { args }, ({ child }) => {
      child.kill('SIGINT');
    });
    const syscall = { 'recv with a time-out': 'recv', sendAll: 'send' }[call as string] ?? call;
    expect(facts(outcome)).toEqual([
      { blocking: true },
      { name: 'InterruptedError', code: 'EINTR', syscall },
      { handled: 'SIGINT' },
    ]);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
  });
});

test.each(CALLS)('Ctrl-C while %s blocks at a prompt of Node’s: Node ends it', async (call) => {
  const args = [call, 'breakOnSigint'];
  const outcome = await whileItBlocks('blocked', { args }, ({ child }) => {
    child.kill('SIGINT');
  });
  expect(facts(outcome)).toEqual([
    { blocking: true },
    'not of the system: Error: Script execution was interrupted by `SIGINT`',
  ]);
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
});

describe('signals that are not meant for the program', () => {
  /** Ends its child and changes its terminal's size while it blocks, then lets it return by connecting. */
  async function disturbed(...options: readonly string[]): Promise<unknown[]> {
    const args = ['accept one', 'child', ...options];
    const outcome = await whileItBlocks('blocked', { args }, async ({ pid, said, child }) => {
      const told = JSON.parse(said.split('\n')[0] ?? '') as { port: number; child: number };
      process.kill(told.child, 'SIGKILL');
      await untilEnded(told.child);
      await untilAsleep(pid);
      child.kill('SIGWINCH');
      await untilAsleep(pid);
      connect(told.port, '127.0.0.1').on('error', () => {});
    });
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    return facts(outcome).slice(1);
  }

  test('a child process ends: the call goes on waiting', async () => {
    expect(await disturbed()).toEqual([{ blocking: true }, { returned: true }]);
  });

  test('and so it does in a program that handles Ctrl-C', async () => {
    expect(await disturbed('handler')).toEqual([{ blocking: true }, { returned: true }]);
  });

  test('one that came before the call: it waits all the same', async () => {
    const args = ['accept one', 'handler', 'SIGCHLD first'];
    const outcome = await whileItBlocks('blocked', { args }, ({ said }) => {
      const { port } = JSON.parse(said.split('\n')[0] ?? '') as { port: number };
      connect(port, '127.0.0.1').on('error', () => {});
    });
    expect(facts(outcome).slice(1)).toEqual([{ blocking: true }, { returned: true }]);
  });

  test('a profiler looks at the program all the time: the call goes on waiting', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'profile-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const nodeArgs = ['--cpu-prof', `--cpu-prof-dir=${folder}`];
    const options = { args: ['accept one', 'handler'], nodeArgs };
    const outcome = await whileItBlocks('blocked', options, ({ said }) => {
      const { port } = JSON.parse(said.split('\n')[0] ?? '') as { port: number };
      connect(port, '127.0.0.1').on('error', () => {});
    });
    expect(facts(outcome).slice(1)).toEqual([{ blocking: true }, { returned: true }]);
  });
});

describe('Ctrl-C while workers block', () => {
  test('a handler that exits ends the process, workers and all', async () => {
    const args = ['handler'];
    const outcome = await whileItBlocks('blocked-workers', { args }, ({ child }) => {
      child.kill('SIGINT');
    });
    expect(outcome).toMatchObject({ code: 7, stdout: 'blocking', stderr: '' });
  });

  test('without a handler the process dies by the signal', async () => {
    const outcome = await whileItBlocks('blocked-workers', {}, ({ child }) => {
      child.kill('SIGINT');
    });
    expect(outcome).toMatchObject({ signal: 'SIGINT', stdout: 'blocking' });
  });
});
