import { expect, test } from 'vitest';
import { NameResolutionError, UnsupportedPlatformError } from './environment-errors.ts';

test('a name that has no address', () => {
  const cause = new Error('getaddrinfo');
  expect(
    new NameResolutionError('nowhere.invalid', 'ENOTFOUND', 'no such host', { cause }),
  ).toMatchObject({
    name: 'NameResolutionError',
    code: 'ENOTFOUND',
    host: 'nowhere.invalid',
    cause,
    message: 'resolve nowhere.invalid: no such host (ENOTFOUND)',
  });
});

test('a platform without native sockets', () => {
  expect(new UnsupportedPlatformError('open a native socket on win32')).toMatchObject({
    name: 'UnsupportedPlatformError',
    code: 'unsupported-platform',
    message: 'open a native socket on win32',
  });
});
