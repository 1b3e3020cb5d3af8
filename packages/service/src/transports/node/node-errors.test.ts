import { ConnectionResetError, SystemError, TimeoutError } from '@wireline/socket';
import { expect, test } from 'vitest';
import { ipAddress, systemErrorOf } from './node-errors.ts';

/** As Node makes them: on other systems the numbers are others. */
function nodeError(code: string, syscall?: string): Error {
  return Object.assign(new Error(`${syscall} ${code}`), { code, errno: -4077, syscall });
}

test('the name decides, whatever the number', () => {
  const error = systemErrorOf(nodeError('ECONNRESET', 'read'), 'connect');
  expect(error).toBeInstanceOf(ConnectionResetError);
  expect(error).toMatchObject({ code: 'ECONNRESET', errno: 104, syscall: 'recv' });
});

test('says where, and in the words of sockets', () => {
  const error = systemErrorOf(nodeError('ETIMEDOUT'), 'connect', ipAddress('::1', 80));
  expect(error).toBeInstanceOf(TimeoutError);
  expect(error.message).toMatch(/^connect \[::1\]:80: timed out: .* \(ETIMEDOUT\)$/);
});

test('a failure that has no name here keeps the words of Node', () => {
  const error = systemErrorOf(nodeError('UNKNOWN', 'write'), 'connect');
  expect(error).toBeInstanceOf(SystemError);
  expect(error.message).toBe('send: write UNKNOWN (ERRNO_4077)');
});

test('a zone stays part of the host', () => {
  expect(ipAddress('fe80::1%eth0', 80)).toMatchObject({ family: 'inet6', host: 'fe80::1%eth0' });
  expect(ipAddress('10.0.0.1', 80)).toEqual({ family: 'inet', host: '10.0.0.1', port: 80 });
});
