import { describe, expect, test } from 'vitest';
import {
  checkPort,
  formatAddress,
  formatEndpoint,
  isAddress,
  isLoopback,
  withoutLookUp,
  type Address,
  type Where,
} from './address.ts';

const inet = (host: string, port = 80): Address => ({ family: 'inet', host, port });
const unix = (path: string): Address => ({ family: 'unix', path });
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
  [unix('/run/service.sock'), 'unix:/run/service.sock'],
  [unix('\0name'), 'unix:@name'],
  [unix(''), 'unix:(unnamed)'],
])('%o is shown as %s', (address, text) => {
  expect(formatAddress(address)).toBe(text);
});

test.each([
  [{ host: 'localhost', port: 80 }, 'localhost:80'],
  [{ host: '::1', port: 80 }, '[::1]:80'],
  [{ path: '/run/x' }, 'unix:/run/x'],
  [{ path: '\0\u001b' }, 'unix:@\\u001b'],
])('the endpoint %o is shown as %s', (endpoint, text) => {
  expect(formatEndpoint(endpoint)).toBe(text);
});

describe('places', () => {
  test('a path is an address, and so is what has a family; a host is looked up', () => {
    expect(withoutLookUp('bind', { path: '/x' })).toEqual(unix('/x'));
    expect(isAddress(withoutLookUp('bind', { path: '' }))).toBe(true);
    expect(isAddress(withoutLookUp('bind', inet6('::1')))).toBe(true);
    expect(isAddress(withoutLookUp('bind', { host: '::1', port: 1 }))).toBe(false);
  });

  test.each([
    [undefined, 'got undefined'],
    ['/run/x', "got '/run/x'; write { path: '/run/x' }"],
    ['::1', "got '::1'; write { host: '::1', port: 65432 }"],
    [{}, 'got an object with nothing'],
    [{ port: 80, hostname: 'x' }, 'got an object with port, hostname'],
    [{ path: 5 }, 'the path is a number: expected text'],
    [{ path: undefined }, 'the path is a undefined: expected text'],
    [{ host: null, port: 80 }, 'the host is a object: expected text'],
  ])('%o is none', (given, message) => {
    const where = given as unknown as Where; // from callers without types
    expect(() => withoutLookUp('connect', where)).toThrow(TypeError);
    expect(() => withoutLookUp('connect', where)).toThrow(message);
  });
});

test.each([
  [unix('/run/x'), true],
  [unix(''), true],
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
