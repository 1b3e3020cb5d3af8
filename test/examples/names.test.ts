/** names: what a host and a port stand for, and what a server is bound to. */
import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { run } from './example.ts';

/** What it prints of binding, whatever it was asked to look up. */
const BOUND = [
  String.raw`this machine calls itself ${hostname()}`,
  String.raw`bound to '127\.0\.0\.1' and port 0: 127\.0\.0\.1:[1-9]\d*`,
  String.raw`bound to 'localhost' and port 0: (127\.0\.0\.1|\[::1\]):[1-9]\d*`,
  String.raw`bound to '' and port 0: 0\.0\.0\.0:[1-9]\d*`,
];

test.each([
  [[], /^localhost and http, .*\n( {2}inet6? stream \{ family: .*, port: 80\b.*\}\n)+and back: /],
  [
    ['127.0.0.1', '8000'],
    /\n {2}inet stream \{ family: 'inet', host: '127.0.0.1', port: 8000 \}\n/,
  ],
  [['::1', '443'], /\n {2}inet6 stream \{ .* port: 443, flowinfo: 0, scopeId: 0 \}\n/],
])('%j', async (args, found) => {
  const { code, stdout, stderr } = await run('names', ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(found);
  expect(stdout).toMatch(new RegExp(`\n${BOUND.join('\n')}\n$`));
});

test.each([
  [['localhost', 'nonsense'], /^resolve nonsense: no such service.*\n$/],
  [['localhost', '65536'], /^.*65536.*\n$/],
])('%j is told in a line', async (args, message) => {
  const { code, stderr } = await run('names', ...args);
  expect(code).toBe(1);
  expect(stderr).toMatch(message);
});

test('three arguments are too many', async () => {
  const stderr = 'usage: npm run example -- names [HOST] [PORT]\n';
  expect(await run('names', 'a', 'b', 'c')).toMatchObject({ code: 2, stdout: '', stderr });
});
