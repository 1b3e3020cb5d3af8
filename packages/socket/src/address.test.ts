import { describe, expect, test } from 'vitest';
import { checkPort, formatAddress, isLoopback, type Address } from './address.ts';

const inet = (host: string, port = 80): Address => ({ family: 'inet', host, port });
const inet6 = (host: string, scopeId = 0): Address => ({
  family: 'inet6',
  host,
  port: 80,
  flowinfo: 0,
  scopeId,
});

test.each([
  [inet('127.0.0.1', 65_432), '127.0.0.1:65432'],
  [inet(''), '0.0.0.0:80'],
  [inet6('::1'), '[::1]:80'],
  [inet6(''), '[::]:80'],
  [inet6('fe80::1', 2), '[fe80::1%2]:80'],
])('%o is shown as %s', (address, text) => {
  expect(formatAddress(address)).toBe(text);
});

test.each([
  [inet('127.0.0.1'), true],
  [inet('127.8.9.10'), true],
  [inet('128.0.0.1'), false],
  [inet(''), false],
  [inet('0.0.0.0'), false],
  [inet6('::1'), true],
  [inet6('::ffff:127.0.0.1'), true],
  [inet6('::ffff:10.0.0.1'), false],
  [inet6('::'), false],
  [inet6(''), false],
])('%o: loopback is %s', (address, expected) => {
  expect(isLoopback(address)).toBe(expected);
});

describe('ports', () => {
  test.each([0, 1, 65_535])('%d is one', (port) => {
    expect(checkPort(port)).toBe(port);
  });

  test.each([-1, 65_536, 1.5, Number.NaN, Infinity])('%d is none', (port) => {
    expect(() => checkPort(port)).toThrow(
      new RangeError(`use port ${port}: expected an integer from 0 to 65535`),
    );
  });
});
