/** errors-by-name: each error comes, with its class, its code and a word of advice. */
import { expect, test } from 'vitest';
import { run } from './example.ts';

const CASES = [
  ['connect where nobody listens, errno 111', 'ConnectionRefusedError: connect', 'ECONNREFUSED'],
  ['bind a port that is taken, errno 98', 'AddressInUseError: bind', 'EADDRINUSE'],
  [
    'bind an address of another machine, errno 99',
    'AddressNotAvailableError: bind',
    'EADDRNOTAVAIL',
  ],
  ['receive what is not there yet, errno 11', 'BlockingIOError: recv', 'EAGAIN'],
  ['wait for a silent peer, errno 110', 'TimeoutError: recv', 'ETIMEDOUT'],
  ['receive from a peer that crashed, errno 104', 'ConnectionResetError: recv', 'ECONNRESET'],
  ['send to it, errno 32', 'BrokenPipeError: send', 'EPIPE'],
] as const;

test('class, number, name, and advice', async () => {
  const { code, stdout, stderr } = await run('errors-by-name');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.split('\n');
  for (const [index, [what, beginning, name]] of CASES.entries()) {
    expect(lines[2 * index]).toBe(what);
    expect(lines[2 * index + 1]).toMatch(new RegExp(`^  ${beginning}.*: .+ \\(${name}\\)$`));
  }
  expect(lines.slice(2 * CASES.length)).toEqual([
    'use a socket that is closed', // no error of the system, and so without a number
    '  SocketClosedError: send: the socket is closed',
    '',
    'its program does not run, it is up',
    '',
  ]);
});

test('it takes no arguments', async () => {
  const stderr = 'usage: npm run example -- errors-by-name\n';
  expect(await run('errors-by-name', 'more')).toMatchObject({ code: 2, stdout: '', stderr });
});
