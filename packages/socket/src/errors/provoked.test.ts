/**
 * The errors as this machine's kernel really sets them: what a call is told is what its class and its sentence
 * are about. Each case says which call is to fail, and how.
 *
 * Not provoked, because that takes minutes, another machine or a full one: EHOSTUNREACH, EHOSTDOWN, ENETDOWN,
 * ENETRESET, EINTR, EMFILE, ENFILE, ENOMEM; nor EPERM, because the tests may be anybody's.
 */
import { closeSync, openSync, readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import type { Address, IpAddress } from '../address/address.ts';
import * as errors from '../errors.ts';
import { systemError, type SystemError } from '../errors.ts';
import * as c from '../libc/constants.ts';
import { ERRNO, type ErrnoName } from '../libc/errno.ts';
import { decodeSockaddr, encodeSockaddr, SOCKADDR_STORAGE } from '../libc/layouts.ts';
import { openLibc } from '../libc/library.ts';

const libc = openLibc();
const HAS_IPV6 = readFileSync('/proc/net/if_inet6', 'utf8').includes('lo');

const LOCALHOST = v4('127.0.0.1');
const { AF_INET, AF_INET6, SOCK_STREAM, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_CLOEXEC } = c;
/** socket(2): kinds of sockets that the Internet does not have. */
const SOCK_RDM = 4;
/** send(2) and recv(2). */
const MSG_OOB = 1;
/** socket(7), ip(7). */
const SO_RCVTIMEO = 20;
const SO_BINDTODEVICE = 25;
const IPPROTO_IP = 0;
const IP_ADD_MEMBERSHIP = 35;
const IP_LOCAL_PORT_RANGE = 51;
/** tcp(7). */
const TCP_CONGESTION = 13;
const TCP_USER_TIMEOUT = 18;
/** ioctl(2): how large a terminal is. */
const TIOCGWINSZ = 0x5413;

function v4(host: string, port = 0): Address {
  return { family: 'inet', host, port };
}

function v6(host: string, port = 0, scopeId = 0): Address {
  return { family: 'inet6', host, port, flowinfo: 0, scopeId };
}

/** A new socket: its descriptor, closed when the test is over. */
function open(family: number = AF_INET, type: number = SOCK_STREAM): number {
  const fd = libc.socket(family, type | SOCK_CLOEXEC, 0);
  if (fd < 0) throw systemError('socket', libc.errno());
  onTestFinished(() => void libc.close(fd));
  return fd;
}

function bind(fd: number, address: Address): number {
  const bytes = encodeSockaddr(address);
  return libc.bind(fd, bytes, bytes.length);
}

function connect(fd: number, address: Address): number {
  const bytes = encodeSockaddr(address);
  return libc.connect(fd, bytes, bytes.length);
}

function nameOf(fd: number): IpAddress {
  const bytes = new Uint8Array(SOCKADDR_STORAGE);
  libc.getsockname(fd, bytes, Int32Array.of(bytes.length));
  return decodeSockaddr(bytes) as IpAddress; // all of these are sockets of the internet
}

/** A socket with a port of its own. */
function bound(type = SOCK_STREAM, address = LOCALHOST): number {
  const fd = open(AF_INET, type);
  bind(fd, address);
  return fd;
}

function listening(backlog = 8): number {
  const fd = bound();
  libc.listen(fd, backlog);
  return fd;
}

function accept(fd: number): number {
  const address = new Uint8Array(SOCKADDR_STORAGE);
  return libc.accept4(fd, address, Int32Array.of(address.length), SOCK_CLOEXEC);
}

/** Both ends of a connection. */
function pair(): [near: number, far: number] {
  const listener = listening();
  const near = open();
  connect(near, nameOf(listener));
  const far = accept(listener);
  onTestFinished(() => void libc.close(far));
  return [near, far];
}

function send(fd: number, length = 1, flags = 0): number {
  return libc.send(fd, new Uint8Array(length), length, flags | c.MSG_NOSIGNAL);
}

function recv(fd: number, flags = 0): number {
  return libc.recv(fd, new Uint8Array(1), 1, flags);
}

function setOption(fd: number, level: number, name: number, value: Uint8Array): number {
  return libc.setsockopt(fd, level, name, value, value.length);
}

/** A socket of `type` that may only take the port which is taken by another. */
function withoutPorts(type: number): number {
  const address = nameOf(bound(type, v4('')));
  const fd = open(AF_INET, type);
  const range = Uint32Array.of((address.port << 16) | address.port);
  const result = setOption(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE, new Uint8Array(range.buffer));
  if (result < 0) throw systemError('setsockopt', libc.errno());
  return fd;
}

/** struct ip_mreq: a group, and the interface by its address. */
function membership(group: number): Uint8Array {
  return Uint8Array.of(239, 1, 1, group, 127, 0, 0, 1);
}

/** A socket that starts to connect to a listener whose backlog is full: nobody answers. */
function connecting(): [fd: number, to: Address] {
  const to = nameOf(listening(0));
  for (let tries = 0; tries < 100; tries++) {
    const fd = open(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
    connect(fd, to);
    // Over loopback the handshake is over when connect returns, if somebody answers.
    if (connect(fd, to) < 0 && libc.errno() === ERRNO.EALREADY) return [fd, to];
  }
  throw new Error('fill a backlog: the kernel took 100 connections');
}

const [MAJOR = 0, MINOR = 0] = readFileSync('/proc/sys/kernel/osrelease', 'utf8')
  .split('.')
  .map(Number);
/** IP_LOCAL_PORT_RANGE is younger than the kernels that we run on. */
const HAS_PORT_RANGE = MAJOR > 6 || (MAJOR === 6 && MINOR >= 3);

type Case = readonly [
  call: string,
  code: ErrnoName,
  Class: abstract new (...args: never[]) => SystemError,
  title: string,
  /** Fails: -1. What comes before succeeds. */
  fail: () => number,
];

const CASES: readonly Case[] = [
  [
    'bind',
    'EADDRINUSE',
    errors.AddressInUseError,
    'a port that is taken',
    () => bind(open(), nameOf(listening())),
  ],
  [
    'setsockopt',
    'EADDRINUSE',
    errors.AddressInUseError,
    'a membership that the socket has',
    () => {
      const fd = open(AF_INET, SOCK_DGRAM);
      setOption(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, membership(1));
      return setOption(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, membership(1));
    },
  ],
  [
    'bind',
    'EADDRNOTAVAIL',
    errors.AddressNotAvailableError,
    'an address of another machine',
    () => bind(open(), v4('192.0.2.1')),
  ],
  [
    'setsockopt',
    'ENODEV',
    errors.AddressNotAvailableError,
    'an interface that is not there',
    () => setOption(open(), c.SOL_SOCKET, SO_BINDTODEVICE, Buffer.from('no-such-one\0')),
  ],
  [
    'connect',
    'EISCONN',
    errors.AlreadyConnectedError,
    'a second time',
    () => {
      const [near] = pair();
      return connect(near, LOCALHOST);
    },
  ],
  [
    'connect',
    'EISCONN',
    errors.AlreadyConnectedError,
    'a socket that listens',
    () => connect(listening(), v4('127.0.0.1', 1)),
  ],
  ['recv', 'EBADF', errors.BadDescriptorError, 'no descriptor at all', () => recv(-1)],
  [
    'recv',
    'ENOTSOCK',
    errors.BadDescriptorError,
    'a file',
    () => {
      const fd = openSync('/dev/null', 'r');
      onTestFinished(() => closeSync(fd));
      return recv(fd);
    },
  ],
  [
    'accept4',
    'EAGAIN',
    errors.BlockingIOError,
    'nobody waits',
    () => {
      const fd = open(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
      bind(fd, LOCALHOST);
      libc.listen(fd, 8);
      return accept(fd);
    },
  ],
  [
    'recv',
    'EAGAIN',
    errors.BlockingIOError,
    'nothing has come',
    () => recv(bound(SOCK_DGRAM | SOCK_NONBLOCK)),
  ],
  [
    'connect',
    'EINPROGRESS',
    errors.BlockingIOError,
    'without waiting',
    () => connect(open(AF_INET, SOCK_STREAM | SOCK_NONBLOCK), connecting()[1]),
  ],
  [
    'connect',
    'EALREADY',
    errors.BlockingIOError,
    'while connecting',
    () => connect(...connecting()),
  ],
  [
    'send',
    'EPIPE',
    errors.BrokenPipeError,
    'after shutdown',
    () => {
      const [near] = pair();
      libc.shutdown(near, c.SHUT_WR);
      return send(near);
    },
  ],
  ['send', 'EPIPE', errors.BrokenPipeError, 'without a connection', () => send(open())],
  [
    'connect',
    'ECONNABORTED',
    errors.ConnectionAbortedError,
    'behind a failed attempt',
    () => {
      const fd = open(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
      const refused = nameOf(bound());
      connect(fd, refused);
      libc.getsockopt(fd, c.SOL_SOCKET, 4 /* SO_ERROR */, new Uint8Array(4), Int32Array.of(4));
      return connect(fd, refused);
    },
  ],
  [
    'connect',
    'ECONNREFUSED',
    errors.ConnectionRefusedError,
    'a port where nobody listens',
    () => connect(open(), nameOf(bound())),
  ],
  [
    'recv',
    'ECONNRESET',
    errors.ConnectionResetError,
    'a peer that closes without reading',
    () => {
      const listener = listening();
      const near = open();
      connect(near, nameOf(listener));
      send(near);
      libc.close(accept(listener));
      return recv(near);
    },
  ],
  [
    'accept4',
    'EINVAL',
    errors.InvalidArgumentError,
    'a socket that does not listen',
    () => accept(bound()),
  ],
  ['bind', 'EINVAL', errors.InvalidArgumentError, 'a second time', () => bind(bound(), LOCALHOST)],
  [
    'listen',
    'EINVAL',
    errors.InvalidArgumentError,
    'a connection',
    () => libc.listen(pair()[0], 1),
  ],
  [
    'recv',
    'EINVAL',
    errors.InvalidArgumentError,
    'urgent data that is not there',
    () => recv(pair()[0], MSG_OOB),
  ],
  [
    'setsockopt',
    'EDOM',
    errors.InvalidArgumentError,
    'two seconds of microseconds',
    () =>
      setOption(
        open(),
        c.SOL_SOCKET,
        SO_RCVTIMEO,
        new Uint8Array(BigInt64Array.of(0n, 2_000_000n).buffer),
      ),
  ],
  [
    'send',
    'EMSGSIZE',
    errors.MessageTooLargeError,
    'a datagram beyond IPv4',
    () => {
      const fd = open(AF_INET, SOCK_DGRAM);
      connect(fd, v4('127.0.0.1', 9));
      return send(fd, 65_508);
    },
  ],
  [
    'connect',
    'ENETUNREACH',
    errors.NetworkUnreachableError,
    'a multicast address',
    () => connect(open(), v4('224.0.0.1', 9)),
  ],
  [
    'shutdown',
    'ENOTCONN',
    errors.NotConnectedError,
    'no connection',
    () => libc.shutdown(open(), c.SHUT_WR),
  ],
  ['recv', 'ENOTCONN', errors.NotConnectedError, 'no connection', () => recv(open())],
  [
    'send',
    'EDESTADDRREQ',
    errors.NotConnectedError,
    'a datagram to nobody',
    () => send(open(AF_INET, SOCK_DGRAM)),
  ],
  [
    'connect',
    'EACCES',
    errors.PermissionError,
    'a broadcast address',
    () => connect(open(AF_INET, SOCK_DGRAM), v4('255.255.255.255', 9)),
  ],
  [
    'setsockopt',
    'ENOBUFS',
    errors.ResourceExhaustedError,
    'too many memberships',
    () => {
      const fd = open(AF_INET, SOCK_DGRAM);
      for (let group = 1; group < 255; group++) {
        if (setOption(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, membership(group)) < 0) return -1;
      }
      return 0;
    },
  ],
  [
    'socket',
    'EAFNOSUPPORT',
    errors.UnsupportedError,
    'no such family',
    () => libc.socket(45, SOCK_STREAM, 0),
  ],
  [
    'socket',
    'EPROTONOSUPPORT',
    errors.UnsupportedError,
    'UDP as a stream',
    () => libc.socket(AF_INET, SOCK_STREAM, 17),
  ],
  [
    'socket',
    'ESOCKTNOSUPPORT',
    errors.UnsupportedError,
    'a type that the Internet has not',
    () => libc.socket(AF_INET, SOCK_RDM, 0),
  ],
  [
    'setsockopt',
    'ENOPROTOOPT',
    errors.UnsupportedError,
    'an option of no kernel',
    () => setOption(open(), c.IPPROTO_TCP, 9999, new Uint8Array(4)),
  ],
  [
    'getsockopt',
    'ENOPROTOOPT',
    errors.UnsupportedError,
    'an option of no kernel',
    () => libc.getsockopt(open(), c.IPPROTO_TCP, 9999, new Uint8Array(4), Int32Array.of(4)),
  ],
  [
    'listen',
    'EOPNOTSUPP',
    errors.UnsupportedError,
    'a datagram socket',
    () => libc.listen(bound(SOCK_DGRAM), 1),
  ],
  [
    'accept4',
    'EOPNOTSUPP',
    errors.UnsupportedError,
    'a datagram socket',
    () => accept(bound(SOCK_DGRAM)),
  ],
  [
    'ioctl',
    'ENOTTY',
    errors.UnsupportedError,
    'the size of a terminal',
    () => libc.ioctl(open(), TIOCGWINSZ, new Int32Array(2)),
  ],
  [
    'setsockopt',
    'ENOENT',
    errors.SystemError,
    'no such congestion control',
    () => setOption(open(), c.IPPROTO_TCP, TCP_CONGESTION, Buffer.from('no-such-one')),
  ],
];

const IPV6_CASES: readonly Case[] = [
  [
    'bind',
    'ENODEV',
    errors.AddressNotAvailableError,
    'an interface that is not there',
    () => bind(open(AF_INET6), v6('fe80::1', 0, 99_999)),
  ],
  [
    'connect',
    'EINVAL',
    errors.InvalidArgumentError,
    'a link-local address without its interface',
    () => connect(open(AF_INET6), v6('fe80::1', 9)),
  ],
  [
    'connect',
    'EINVAL',
    errors.InvalidArgumentError,
    'an address of IPv4',
    () => connect(open(AF_INET6), v4('127.0.0.1', 9)),
  ],
  [
    'bind',
    'EINVAL',
    errors.InvalidArgumentError,
    'an address of IPv4',
    () => bind(open(AF_INET6), LOCALHOST),
  ],
  [
    'connect',
    'EAFNOSUPPORT',
    errors.UnsupportedError,
    'an address of IPv6',
    () => connect(open(), v6('::1', 9)),
  ],
  [
    'bind',
    'EAFNOSUPPORT',
    errors.UnsupportedError,
    'an address of IPv6',
    () => bind(open(), v6('::1')),
  ],
];

const PORT_CASES: readonly Case[] = [
  [
    'bind',
    'EADDRINUSE',
    errors.AddressInUseError,
    'any port, when none is free',
    () => bind(withoutPorts(SOCK_STREAM), LOCALHOST),
  ],
  [
    'listen',
    'EADDRINUSE',
    errors.AddressInUseError,
    'any port, when none is free',
    () => libc.listen(withoutPorts(SOCK_STREAM), 1),
  ],
  [
    'connect',
    'EADDRNOTAVAIL',
    errors.AddressNotAvailableError,
    'no local port is free',
    () => connect(withoutPorts(SOCK_STREAM), nameOf(listening())),
  ],
  [
    'connect',
    'EAGAIN',
    errors.ResourceExhaustedError,
    'no local port is free for datagrams',
    () => connect(withoutPorts(SOCK_DGRAM), v4('127.0.0.1', 9)),
  ],
];

/** The title first: test.each numbers what it prints. */
function named(cases: readonly Case[]): [title: string, each: Case][] {
  return cases.map((each) => [`${each[0]} ${each[1]}: ${each[3]}`, each]);
}

function expectError([call, code, Class, , fail]: Case): void {
  expect(fail()).toBe(-1);
  const error = systemError(call, libc.errno());
  expect(error.code).toBe(code);
  expect(error.constructor).toBe(Class);
}

test.each(named(CASES))('%s', (_, each) => expectError(each));

// Skipped on machines without ::1.
test.skipIf(!HAS_IPV6).each(named(IPV6_CASES))('IPv6: %s', (_, each) => expectError(each));

// Skipped on kernels without IP_LOCAL_PORT_RANGE.
test.skipIf(!HAS_PORT_RANGE).each(named(PORT_CASES))('%s', (_, each) => expectError(each));

test('ETIMEDOUT: nobody answers', () => {
  // The kernel looks at its time-outs when it sends the first packet again, after a second.
  const [, to] = connecting();
  const fd = open();
  setOption(fd, c.IPPROTO_TCP, TCP_USER_TIMEOUT, Uint8Array.of(1, 0, 0, 0));
  expect(connect(fd, to)).toBe(-1);
  expect(systemError('connect', libc.errno())).toBeInstanceOf(errors.TimeoutError);
});
