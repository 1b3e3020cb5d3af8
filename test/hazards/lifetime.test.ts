/**
 * How long a process lives with a loop in it, that it rests when nothing happens, and can be interrupted.
 */
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { reportOf, runProgram } from './run-program.ts';

test('something is registered: it lives, and ends when that ends', async () => {
  const { code, stdout } = await runProgram('idle', {
    args: ['connection'],
    onOutput(text) {
      // Were the process not held, nobody would be there to accept this.
      const port = Number.parseInt(text, 10);
      if (!Number.isNaN(port)) connect(port, '127.0.0.1').on('error', () => {});
    },
  });
  expect(stdout).toMatch(/^\d+\nconnection$/);
  expect(code).toBe(0);
});

test('nothing is registered: it ends, although loop and socket are open', async () => {
  expect(await runProgram('idle', { args: ['nothing'] })).toMatchObject({
    code: 0,
    stdout: 'nothing registered',
  });
});

test('Ctrl-C reaches its handler while the loop waits', async () => {
  const { code, stdout } = await runProgram('idle', {
    args: ['SIGINT'],
    onOutput: (text, child) => void (text.endsWith('\n') && child.kill('SIGINT')),
  });
  expect(stdout).toMatch(/\nhandled$/);
  expect(code).toBe(0);
});

test('Ctrl-C without a handler ends the process', async () => {
  const { signal } = await runProgram('idle', {
    args: ['connection'],
    onOutput: (_, child) => void child.kill('SIGINT'),
  });
  expect(signal).toBe('SIGINT');
});

describe('sockets of the awaited face that nobody closes', () => {
  test('a call waits: the process lives, and ends when the call does', async () => {
    const { code, stdout } = await runProgram('idle-awaited', {
      args: ['accept waits'],
      onOutput(text) {
        const port = Number.parseInt(text, 10);
        if (!Number.isNaN(port)) connect(port, '127.0.0.1').on('error', () => {});
      },
    });
    expect(stdout).toMatch(/^\d+\n"accepted"$/);
    expect(code).toBe(0);
  });

  test.for([
    ['recv waits for its time-out', 'TimeoutError'],
    ['recv was aborted', 'AbortError'],
    ['open, after traffic', 1],
  ] as const)('%s: the process lives until then, and ends', async ([state, result]) => {
    expect(await reportOf('idle-awaited', { args: [state] })).toBe(result);
  });

  test.for([
    ['its peer reset it', 'ConnectionResetError'],
    ['its peer ended', 0],
    ['both ended', 0],
    ['input that nobody wants', 100],
    ['a connection that nobody accepts', 'accepted'],
  ] as const)('%s: the process rests, and the next call hears of it', async ([state, next]) => {
    const report = await reportOf('idle-awaited', { args: [state] });
    const { busy, ...rest } = report as { busy: number; next: unknown };
    expect(rest).toEqual({ next });
    expect(busy, 'the share of one processor').toBeLessThan(0.5);
  });
});
