/** options: both ends know each other, options hold what they are given, and say what they do not take. */
import { expect, test } from 'vitest';
import { run } from './example.ts';

test('addresses, options, keep-alive and refusals', async () => {
  const { code, stdout, stderr } = await run('options');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [client = '', server = '', ...lines] = stdout.split('\n');
  const [, mine, other] =
    /^client: this end is (127\.0\.0\.1:\d+), the other one (127\.0\.0\.1:\d+)$/.exec(client) ?? [];
  expect(mine).not.toBe(other);
  expect(server).toBe(`server: this end is ${other}, the other one ${mine}`);
  expect(lines.slice(0, 6)).toEqual([
    'TCP_NODELAY is false',
    'TCP_NODELAY is true',
    'by its numbers 1',
    'SO_RCVBUF: asked for 20000, got 40000', // the kernel doubles it: socket(7)
    'a silent peer that is dead is given up after 90 s',
    'one that does not acknowledge what was sent, after 20 s',
  ]);
  expect(lines[6]).toMatch(/^\w+Error: setsockopt TCP_KEEPIDLE.*: /);
  expect(lines[7]).toMatch(/^UnsupportedError: setsockopt IPV6_V6ONLY: .*\(ENOPROTOOPT\)$/);
  expect(lines[8]).toMatch(/^UnsupportedError: getsockopt level 6 option 999: .*\(ENOPROTOOPT\)$/);
  expect(lines[9]).toMatch(/^NotConnectedError: getpeername: .*\(ENOTCONN\)$/);
  expect(lines.slice(10)).toEqual(['']);
});

test('it takes no arguments', async () => {
  const stderr = 'usage: npm run example -- options\n';
  expect(await run('options', 'more')).toMatchObject({ code: 2, stdout: '', stderr });
});
