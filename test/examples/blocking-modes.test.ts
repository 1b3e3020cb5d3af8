/** blocking-modes: who waits, who refuses to, and what connecting says meanwhile. */
import { expect, test } from 'vitest';
import { run } from './example.ts';

test('each mode says what it does', async () => {
  const { code, stdout, stderr } = await run('blocking-modes');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = [
    /BlockingIOError: accept: no connection is there, .* setBlocking\(true\) \(EAGAIN\)/,
    /BlockingIOError: recv: nothing has arrived, .* setBlocking\(true\) \(EAGAIN\)/,
    /TimeoutError: recv: nothing happened within 100 ms; .* \(ETIMEDOUT\)/,
    /somebody listens: connectEx 115 \(EINPROGRESS\), SO_ERROR 0/,
    /nobody listens: connectEx 115 \(EINPROGRESS\), SO_ERROR 111 \(ECONNREFUSED\)/,
    /awaited: recv is waiting, and this line is printed all the same/,
    /awaited: received hello/,
  ];
  expect(stdout).toMatch(new RegExp(`^${lines.map(({ source }) => `${source}\n`).join('')}$`));
});

test('it takes no arguments', async () => {
  const stderr = 'usage: npm run example -- blocking-modes\n';
  expect(await run('blocking-modes', 'more')).toMatchObject({ code: 2, stdout: '', stderr });
});
