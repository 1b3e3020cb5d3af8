import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { descriptorLimit, mostConnections } from './descriptor-limit.ts';
import { ScriptedKernel } from '../testing/index.ts';

test('is what the kernel says of this process', () => {
  const told = execFileSync('sh', ['-c', `grep 'open files' /proc/${process.pid}/limits`], {
    encoding: 'utf8',
  });
  expect(String(descriptorLimit())).toBe(told.trim().split(/\s+/)[3]);
});

test.each([
  [[0x00, 0x04, 0, 0, 0, 0, 0, 0], 1024],
  [[0, 0, 0, 0, 1, 0, 0, 0], 2 ** 32],
  [[255, 255, 255, 255, 255, 255, 255, 255], Infinity],
])('a limit of the bytes %j', (bytes, expected) => {
  const kernel = new ScriptedKernel({
    script: [{ call: 'getrlimit', returns: 0, fills: Uint8Array.from(bytes) }],
  });
  expect(descriptorLimit(kernel.libc)).toBe(expected);
});

test('a kernel that does not tell', () => {
  const kernel = new ScriptedKernel({ script: [{ call: 'getrlimit', fails: 'EPERM' }] });
  expect(() => descriptorLimit(kernel.libc)).toThrow('getrlimit');
});

test.each([
  [1024, 960],
  [128, 64],
  [100, 50],
  [3, 2],
  [1, 1],
  [0, 1],
])('of %i descriptors, connections may have %i', (limit, most) => {
  const fills = new Uint8Array(new BigUint64Array([BigInt(limit)]).buffer);
  const kernel = new ScriptedKernel({ script: [{ call: 'getrlimit', returns: 0, fills }] });
  expect(mostConnections(kernel.libc)).toBe(most);
});
