/** pieces: bytes have no borders, and who wants messages makes them. */
import { expect, test } from 'vitest';
import { run } from './example.ts';

test('what is sent comes out in other pieces, and all of it', async () => {
  const { code, stdout, stderr } = await run('pieces');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n')).toEqual([
    "sent 'first' and 'second', recv(8) gave 'firstsec'",
    "recv(8) once more gave 'ond'",
    'send took a part of 5000000 bytes',
    'sendAll sent the rest, recvExactly gave 5000000 bytes',
    "IncompleteReadError: recvExactly 20 bytes: the peer closed after 7; they were 'half of'",
    'recv(8) gave 0 bytes: the sender has closed',
    '',
  ]);
});

test('it takes no arguments', async () => {
  const stderr = 'usage: npm run example -- pieces\n';
  expect(await run('pieces', 'more')).toMatchObject({ code: 2, stdout: '', stderr });
});
