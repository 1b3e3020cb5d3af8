import { describe, expect, test } from 'vitest';
import { connectFailure } from './connect-failure.ts';
import type { ConnectionAttempt } from './connection-attempt.ts';
import {
  ConnectionRefusedError,
  NetworkUnreachableError,
  systemError,
  TimeoutError,
} from '../errors.ts';
import { ConnectionFailedError } from '../errors/connection-failed-error.ts';
import { ERRNO, type ErrnoName } from '../libc/errno.ts';
import { numericAddress } from '../names/numeric-host.ts';

/** What comes of attempts that ended so. */
function failureOf(...codes: readonly (ErrnoName | 'timed-out')[]): Error {
  const attempts = codes.map((code, index): ConnectionAttempt => {
    const errno = ERRNO[code === 'timed-out' ? 'ETIMEDOUT' : code];
    return {
      address: numericAddress(`127.0.0.${index + 1}`, 80),
      beganMs: 0,
      endedMs: index,
      outcome: code === 'timed-out' ? code : 'failed',
      error: systemError('connect', errno, `127.0.0.${index + 1}:80`),
    };
  });
  return connectFailure(new ConnectionFailedError('host.test:80', attempts), 'host.test:80');
}

test('of one address: its very error', () => {
  const error = failureOf('ECONNREFUSED');
  expect(error).toBeInstanceOf(ConnectionRefusedError);
  expect(error).toMatchObject({
    message:
      'connect 127.0.0.1:80: refused: nothing listens there; check host and port, and that the server runs (ECONNREFUSED)',
    address: '127.0.0.1:80',
  });
  expect(error.cause).toBeUndefined();
});

test('all failed with the same error: that one, with all of them', () => {
  const error = failureOf('ECONNREFUSED', 'ECONNREFUSED');
  expect(error).toBeInstanceOf(ConnectionRefusedError);
  expect(error).toMatchObject({
    message:
      'connect host.test:80: refused: nothing listens there; check host and port, and that the server runs; none of 2 addresses answered: 127.0.0.1:80 refused after 0 ms; 127.0.0.2:80 refused after 1 ms (ECONNREFUSED)',
    address: 'host.test:80',
    code: 'ECONNREFUSED',
    syscall: 'connect',
  });
  expect(error.cause).toBeInstanceOf(ConnectionFailedError);
  expect(error.cause).toHaveProperty('attempts.length', 2);
});

describe('different errors', () => {
  test('say so', () => {
    const error = failureOf('ECONNREFUSED', 'ECONNRESET');
    expect(error).toBeInstanceOf(ConnectionFailedError);
    expect(error.cause).toBeUndefined();
  });

  test.each(['ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT'] as const)(
    '%s tells nothing about the peer: the other one does',
    (code) => {
      const error = failureOf(code, 'ECONNREFUSED');
      expect(error).toBeInstanceOf(ConnectionRefusedError);
      expect(error.message).toContain(`(${code}) after 0 ms; 127.0.0.2:80 refused after 1 ms`);
      expect(failureOf('ECONNREFUSED', code)).toBeInstanceOf(ConnectionRefusedError);
      expect(failureOf('ECONNREFUSED', code, 'ECONNRESET')).toBeInstanceOf(ConnectionFailedError);
    },
  );

  test('unless there is none', () => {
    expect(failureOf('ENETUNREACH', 'ENETUNREACH')).toBeInstanceOf(NetworkUnreachableError);
    expect(failureOf('ENETUNREACH', 'EADDRNOTAVAIL')).toBeInstanceOf(ConnectionFailedError);
  });
});

test('the time was over: a time-out, whatever else failed', () => {
  const error = failureOf('ECONNREFUSED', 'timed-out', 'ECONNRESET');
  expect(error).toBeInstanceOf(TimeoutError);
  expect(error.message).toBe(
    'connect host.test:80: timed out: the peer did not answer; it may be down, or a firewall drops the packets; none of 3 addresses answered: 127.0.0.1:80 refused (ECONNREFUSED) after 0 ms; 127.0.0.2:80 no answer after 1 ms; 127.0.0.3:80 reset (ECONNRESET) after 2 ms (ETIMEDOUT)',
  );
});

test('time-outs of the kernel are errors like others', () => {
  expect(failureOf('ETIMEDOUT', 'ETIMEDOUT')).toBeInstanceOf(TimeoutError);
  expect(failureOf('ETIMEDOUT', 'ECONNREFUSED')).toBeInstanceOf(ConnectionFailedError);
});

test('no address was tried: the look-up took all of the time', () => {
  const error = failureOf();
  expect(error).toBeInstanceOf(TimeoutError);
  expect(error.message).toBe(
    'connect host.test:80: the look-up of the name took all of the time; check the network, or use an address (ETIMEDOUT)',
  );
});
