import { expect, test } from 'vitest';
import { acceptVerdict } from './accept-policy.ts';
import { systemError } from '../errors.ts';
import { ERRNO, errnoName, type ErrnoName } from '../libc/errno.ts';

/** accept(2): these belong to the new connection, "treat them like EAGAIN by retrying". */
const SKIP = new Set<ErrnoName>([
  'ECONNABORTED',
  'EPERM',
  'EPROTO',
  'ENETDOWN',
  'ENOPROTOOPT',
  'EHOSTDOWN',
  'ENONET',
  'EHOSTUNREACH',
  'EOPNOTSUPP',
  'ENETUNREACH',
]);
const PAUSE = new Set<ErrnoName>(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);

test.each(Object.entries(ERRNO))('%s', (name, errno) => {
  const known = errnoName(errno) ?? 'EINVAL';
  const expected = SKIP.has(known) ? 'skip' : PAUSE.has(known) ? 'pause' : 'fail';
  expect(acceptVerdict(systemError('accept4', errno)), name).toBe(expected);
});

test('an error that no table knows is the listener’s end', () => {
  expect(acceptVerdict(systemError('accept4', 133))).toBe('fail');
});
