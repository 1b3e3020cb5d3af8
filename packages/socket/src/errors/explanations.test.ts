import { expect, test } from 'vitest';
import { ERRNO, type ErrnoName } from '../libc/errno.ts';
import { explain } from './explanations.ts';

/** The calls that man pages of section 2 describe and this package makes. */
const CALLS =
  'socket socketpair bind listen accept accept4 connect recv recvfrom recvmsg send sendto sendmsg shutdown getsockname setsockopt getsockopt epoll_ctl poll ioctl';
// Object.keys forgets the literal names.
const CODES = Object.keys(ERRNO) as ErrnoName[];

test('every explanation is one line of plain text that ends in no full stop', () => {
  for (const syscall of CALLS.split(' ')) {
    for (const code of CODES) {
      for (const address of ['127.0.0.1:1', 'unix:/run/x']) {
        const sentence = explain(syscall, code, address);
        expect(sentence, `${syscall} ${code} ${address}`).toMatch(/^[a-z`][ -~]{18,250}[^. ]$/);
      }
    }
  }
});

test.each<[string, ErrnoName, string]>([
  ['socket', 'EPERM', 'CAP_NET_RAW'],
  ['socket', 'EACCES', 'net.ipv4.ping_group_range'],
  ['socket', 'EPROTONOSUPPORT', 'raw ones have no usual protocol: say which'],
  ['bind', 'ENOENT', 'no such directory'],
  ['listen', 'EINVAL', 'a Unix socket needs an address first: bind it'],
  ['connect', 'ENOENT', 'no such file'],
  ['connect', 'EPROTOTYPE', 'of another type'],
  ['sendto', 'ENOENT', 'no such file'],
  ['sendto', 'ECONNREFUSED', 'outlived its socket'],
  ['sendto', 'EPROTOTYPE', 'of another type'],
  ['sendto', 'EACCES', 'SO_BROADCAST'],
  ['sendto', 'EACCES', 'who may write to its file'],
  ['sendto', 'EDESTADDRREQ', 'say to whom'],
  ['sendto', 'EAGAIN', 'the queue of the Unix socket there'],
  ['sendmsg', 'EMSGSIZE', 'SO_SNDBUF'],
  ['sendmsg', 'EMSGSIZE', '1024 parts'],
  ['sendmsg', 'EBADF', 'one of the descriptors that it was to send'],
  ['sendmsg', 'EPERM', 'credentials'],
  ['sendmsg', 'ETOOMANYREFS', 'ulimit -n'],
  ['recvfrom', 'EAGAIN', 'try when the socket is readable'],
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

test.each<[string, ErrnoName, string]>([
  ['connect', 'ECONNREFUSED', 'outlives its server'],
  ['connect', 'EACCES', 'write to its file'],
  ['connect', 'EAGAIN', 'backlog'],
  ['connect', 'EINVAL', 'the path is empty'],
  ['connect', 'EPROTOTYPE', 'of another type'],
  ['bind', 'EACCES', 'make files in that directory'],
])('%s %s to the path of a Unix socket says: %s', (syscall, code, advice) => {
  expect(explain(syscall, code, 'unix:/run/service.sock')).toContain(advice);
  expect(explain(syscall, code, 'unix:/run/service.sock')).not.toMatch(/port|SO_BROADCAST|fe80/);
});

test.each([
  ['accept4', 'accept'],
  ['recvFrom', 'recvfrom'],
  ['recvMsg', 'recvmsg'],
  ['sendTo', 'sendto'],
  ['sendMsg', 'sendmsg'],
])('%s means what %s means', (one, other) => {
  for (const code of CODES) expect(explain(one, code)).toBe(explain(other, code));
});

test('to connect, an address in use is a local one: nobody listens there', () => {
  expect(explain('connect', 'EADDRINUSE')).toContain('local address');
  expect(explain('connect', 'EADDRINUSE')).not.toContain('ss -ltnp');
});
