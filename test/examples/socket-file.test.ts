/** socket-file: the flush that was forgotten, and lines that come out whole. */
import { expect, test } from 'vitest';
import { run } from './example.ts';

test('what is not flushed does not arrive; lines do, however they came', async () => {
  const { code, stdout, stderr } = await run('socket-file');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n')).toEqual([
    'server: wrote a question, forgot to flush',
    'client: TimeoutError: recv: nothing happened within 100 ms; setTimeout says how long to wait (ETIMEDOUT)',
    'server: flushed',
    String.raw`client: received "your name?\n"`,
    String.raw`client: read "one\n"`,
    'client: nothing is left in the socket: the file has it',
    String.raw`client: read "two\n"`,
    String.raw`client: read "three\n"`,
    'client: read "the rest"',
    '',
  ]);
});

test('it takes no arguments', async () => {
  const stderr = 'usage: npm run example -- socket-file\n';
  expect(await run('socket-file', 'more')).toMatchObject({ code: 2, stdout: '', stderr });
});
