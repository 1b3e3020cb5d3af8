/**
 * How long a process lives with a loop in it, and that it can be interrupted.
 */
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { runProgram } from './run-program.ts';

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
