import { describe, expect, test } from 'vitest';
import * as errors from './errors.ts';
import { SystemError, systemError } from './errors.ts';
import { ERRNO } from './libc/errno.ts';

describe('each common error has its class', () => {
  test.each([
    ['EADDRINUSE', errors.AddressInUseError],
    ['EADDRNOTAVAIL', errors.AddressNotAvailableError],
    ['ECONNREFUSED', errors.ConnectionRefusedError],
    ['ECONNRESET', errors.ConnectionResetError],
    ['EPIPE', errors.BrokenPipeError],
    ['ETIMEDOUT', errors.TimeoutError],
    ['EHOSTUNREACH', errors.UnreachableError],
    ['ENETUNREACH', errors.UnreachableError],
    ['EACCES', errors.PermissionError],
    ['EPERM', errors.PermissionError],
    ['EMFILE', errors.ResourceExhaustedError],
    ['ENFILE', errors.ResourceExhaustedError],
    ['ENOBUFS', errors.ResourceExhaustedError],
    ['ENOMEM', errors.ResourceExhaustedError],
  ] as const)('%s', (code, Class) => {
    const error = systemError('connect', ERRNO[code], '127.0.0.1:80');
    expect(error).toBeInstanceOf(Class);
    expect(error).toBeInstanceOf(SystemError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: Class.name,
      code,
      errno: ERRNO[code],
      syscall: 'connect',
      address: '127.0.0.1:80',
    });
    // attempt, colon, what came, and the code: no common error says only that it failed
    expect(error.message).toMatch(new RegExp(`^connect 127\\.0\\.0\\.1:80: .{20,} \\(${code}\\)$`));
  });
});

test('an error without a class of its own is a SystemError', () => {
  const error = systemError('shutdown', ERRNO.ENOTCONN);
  expect(error.constructor).toBe(SystemError);
  expect(error.name).toBe('SystemError');
  expect(error.address).toBeUndefined();
  expect(error.message).toBe('shutdown: the socket is not connected (ENOTCONN)');
});

test('an error number without a name is called by its number', () => {
  expect(systemError('send', 133)).toMatchObject({
    code: 'ERRNO_133',
    errno: 133,
    message: 'send: failed (ERRNO_133)',
  });
});

test('a closed socket says what was attempted', () => {
  expect(new errors.SocketClosedError('send')).toMatchObject({
    code: 'socket-closed',
    name: 'SocketClosedError',
    message: 'send: the socket is closed',
  });
});
