import { expect, test } from 'vitest';
import { ERRNO, type ErrnoName } from '../libc/errno.ts';
import { explain } from './explanations.ts';

/** The calls that man pages of section 2 describe and this package makes. */
const CALLS =
  'socket bind listen accept accept4 connect recv send shutdown getsockname setsockopt getsockopt epoll_ctl poll ioctl';
// Object.keys forgets the literal names.
const CODES = Object.keys(ERRNO) as ErrnoName[];

test('every explanation is one line of plain text that ends in no full stop', () => {
  for (const syscall of CALLS.split(' ')) {
    for (const code of CODES) {
      expect(explain(syscall, code), `${syscall} ${code}`).toMatch(/^[a-z`][ -~]{18,250}[^. ]$/);
    }
  }
});

test.each<[string, ErrnoName, string]>([
  ['bind', 'EACCES', 'CAP_NET_BIND_SERVICE'],
  ['bind', 'EACCES', 'net.ipv4.ip_unprivileged_port_start'],
  ['bind', 'EADDRNOTAVAIL', 'ip address'],
  ['bind', 'EAFNOSUPPORT', 'another family'],
  ['listen', 'EADDRINUSE', 'ss -ltnp'],
  ['accept', 'EMFILE', 'ulimit -n'],
  ['accept', 'EMFILE', 'the connection keeps waiting'],
  ['accept', 'EINVAL', 'listen first'],
  ['connect', 'ECONNREFUSED', 'nothing listens there'],
  ['connect', 'ETIMEDOUT', 'firewall'],
  ['connect', 'EACCES', 'SO_BROADCAST'],
  ['connect', 'EINVAL', 'fe80::1%2'],
  ['connect', 'EAFNOSUPPORT', 'another family'],
  ['connect', 'EADDRNOTAVAIL', 'ip_local_port_range'],
  ['connect', 'EAGAIN', 'ip_local_port_range'],
  ['connect', 'ENETUNREACH', 'ip route'],
  ['connect', 'EHOSTUNREACH', 'no route to the host'],
  ['send', 'EMSGSIZE', '65507'],
  ['send', 'EAGAIN', 'try when the socket is writable'],
  ['recv', 'EAGAIN', 'try when the socket is readable'],
  ['setsockopt', 'ENOPROTOOPT', 'a later kernel, to another kind of socket'],
  ['setsockopt', 'EPERM', 'CAP_NET_ADMIN'],
  ['getsockopt', 'ENOPROTOOPT', 'a later kernel, to another kind of socket'],
])('%s %s says: %s', (syscall, code, advice) => {
  expect(explain(syscall, code)).toContain(advice);
});

test('a call by its longer name means the same', () => {
  for (const code of CODES) expect(explain('accept4', code)).toBe(explain('accept', code));
});

test('to connect, an address in use is a local one: nobody listens there', () => {
  expect(explain('connect', 'EADDRINUSE')).toContain('local address');
  expect(explain('connect', 'EADDRINUSE')).not.toContain('ss -ltnp');
});
