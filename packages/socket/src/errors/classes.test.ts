import { describe, expect, test } from 'vitest';
import * as errors from '../errors.ts';
import { SystemError, systemError } from '../errors.ts';
import { ERRNO, errnoName, type ErrnoName } from '../libc/errno.ts';

const TABLE: readonly (readonly [ErrnoName, typeof SystemError])[] = [
  ['EPERM', errors.PermissionError],
  ['ENOENT', SystemError],
  ['EINTR', errors.InterruptedError],
  ['EIO', SystemError],
  ['EBADF', errors.BadDescriptorError],
  ['EAGAIN', errors.BlockingIOError],
  ['ENOMEM', errors.ResourceExhaustedError],
  ['EACCES', errors.PermissionError],
  ['EFAULT', SystemError],
  ['EEXIST', SystemError],
  ['ENODEV', errors.AddressNotAvailableError],
  ['ENOTDIR', SystemError],
  ['EINVAL', errors.InvalidArgumentError],
  ['ENFILE', errors.ResourceExhaustedError],
  ['EMFILE', errors.ResourceExhaustedError],
  ['ENOTTY', errors.UnsupportedError],
  ['ENOSPC', errors.ResourceExhaustedError],
  ['EROFS', errors.PermissionError],
  ['EPIPE', errors.BrokenPipeError],
  ['EDOM', errors.InvalidArgumentError],
  ['ENOSYS', errors.UnsupportedError],
  ['ELOOP', SystemError],
  ['ENONET', errors.NetworkUnreachableError],
  ['EPROTO', errors.ConnectionAbortedError],
  ['ENOTSOCK', errors.BadDescriptorError],
  ['EDESTADDRREQ', errors.NotConnectedError],
  ['EMSGSIZE', errors.MessageTooLargeError],
  ['EPROTOTYPE', errors.UnsupportedError],
  ['ENOPROTOOPT', errors.UnsupportedError],
  ['EPROTONOSUPPORT', errors.UnsupportedError],
  ['ESOCKTNOSUPPORT', errors.UnsupportedError],
  ['EOPNOTSUPP', errors.UnsupportedError],
  ['EAFNOSUPPORT', errors.UnsupportedError],
  ['EADDRINUSE', errors.AddressInUseError],
  ['EADDRNOTAVAIL', errors.AddressNotAvailableError],
  ['ENETDOWN', errors.NetworkUnreachableError],
  ['ENETUNREACH', errors.NetworkUnreachableError],
  ['ENETRESET', errors.ConnectionResetError],
  ['ECONNABORTED', errors.ConnectionAbortedError],
  ['ECONNRESET', errors.ConnectionResetError],
  ['ENOBUFS', errors.ResourceExhaustedError],
  ['EISCONN', errors.AlreadyConnectedError],
  ['ENOTCONN', errors.NotConnectedError],
  ['ETOOMANYREFS', errors.ResourceExhaustedError],
  ['ETIMEDOUT', errors.TimeoutError],
  ['ECONNREFUSED', errors.ConnectionRefusedError],
  ['EHOSTDOWN', errors.HostUnreachableError],
  ['EHOSTUNREACH', errors.HostUnreachableError],
  ['EALREADY', errors.BlockingIOError],
  ['EINPROGRESS', errors.BlockingIOError],
];

describe('each error number has its class', () => {
  test.each(TABLE)('%s', (code, Class) => {
    const error = systemError('call', ERRNO[code], '127.0.0.1:80');
    expect(error.constructor).toBe(Class);
    expect(error).toBeInstanceOf(SystemError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: Class.name,
      code,
      errno: ERRNO[code],
      syscall: 'call',
      address: '127.0.0.1:80',
    });
    // attempt, colon, what came, and the code: no error of the table says only that it failed
    expect(error.message).toMatch(new RegExp(`^call 127\\.0\\.0\\.1:80: .{20,} \\(${code}\\)$`));
  });

  test('and the table above has them all', () => {
    expect(TABLE.map(([code]) => code).sort()).toEqual(Object.keys(ERRNO).sort());
  });

  test('both ways to be unreachable can be caught at once', () => {
    for (const code of ['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN'] as const) {
      expect(systemError('connect', ERRNO[code])).toBeInstanceOf(errors.UnreachableError);
    }
  });

  test('connect without a free local port is not to be waited for', () => {
    const error = systemError('connect', ERRNO.EAGAIN, '127.0.0.1:80');
    expect(error).toBeInstanceOf(errors.ResourceExhaustedError);
    expect(error).not.toBeInstanceOf(errors.BlockingIOError);
  });

  test('a number without a name is called by its number', () => {
    expect(errnoName(133)).toBeUndefined();
    const error = systemError('send', 133);
    expect(error.constructor).toBe(SystemError);
    expect(error).toMatchObject({
      code: 'ERRNO_133',
      errno: 133,
      message: 'send: failed (ERRNO_133)',
    });
  });
});

test('an explanation takes the place of the standard one', () => {
  const explanation = 'timed out after 500 ms; setTimeout changes that';
  const error = systemError('recv', ERRNO.ETIMEDOUT, '127.0.0.1:80', explanation);
  expect(error).toBeInstanceOf(errors.TimeoutError);
  expect(error.message).toBe(
    'recv 127.0.0.1:80: timed out after 500 ms; setTimeout changes that (ETIMEDOUT)',
  );
});

test('without an address the message names the call alone', () => {
  const error = systemError('shutdown', ERRNO.ENOTCONN);
  expect(error.address).toBeUndefined();
  expect(error.message).toBe(
    'shutdown: the socket is not connected: not yet, or not any more (ENOTCONN)',
  );
});
