/**
 * What error numbers mean, in one line each, and what to look at.
 *
 * `EXPLANATIONS` has a sentence for every number of the table. Where a number means something else to a
 * particular call, `BY_CALL` says so, and where it does so to Unix sockets, `UNIX`; all follow the man pages of
 * sections 2 and 7 and what Linux was seen to do. A sentence names causes in the order of how common they are,
 * then where to look.
 */
import type { ErrnoName } from '../libc/errno.ts';

type Explanations = Readonly<Partial<Record<ErrnoName, string>>>;

const LOCAL_PORTS = 'see /proc/sys/net/ipv4/ip_local_port_range';
const WRONG_FAMILY =
  'the address is of another family than the socket: open the socket with the family of the address';
const OUT_OF_MEMORY =
  'the kernel is out of memory for sockets: close some, or see net.ipv4.tcp_mem and net.core.optmem_max';

const EXPLANATIONS: Readonly<Record<ErrnoName, string>> = {
  EPERM: 'not permitted: a firewall rule forbids it, or the process lacks a capability',
  ENOENT: 'this kernel has nothing of that name',
  EINTR: 'a signal that this program handles ended the wait',
  EIO: 'input/output error: the device or its driver failed; see `dmesg`',
  EBADF: 'not an open descriptor: it was closed already, or is not the number of one',
  EAGAIN: 'the call would have to wait, and may not: try when the socket is ready',
  ENOMEM: OUT_OF_MEMORY,
  EACCES: 'permission denied: the process lacks a capability, or a security policy forbids it',
  EFAULT: 'a buffer lies outside of the memory of this process: its length is wrong',
  EEXIST: 'the descriptor is registered already',
  ENODEV: 'this machine has no such interface; `ip link` lists them',
  ENOTDIR: 'no such path: what stands before a slash is no directory',
  EINVAL: 'the kernel finds an argument invalid, or the socket is in the wrong state for the call',
  ENFILE: 'the whole machine is out of descriptors: see /proc/sys/fs/file-max',
  EMFILE: 'this process is out of descriptors: raise `ulimit -n`, or find what is not closed',
  ENOTTY: 'this kind of descriptor does not know the request',
  EROFS: 'the file system of the path is read-only: take another directory',
  ENOSPC: 'the limit is reached: see /proc/sys/fs/epoll/max_user_watches',
  EPIPE: 'the connection is closed for sending: the peer is gone, or shutdown was called',
  EDOM: 'a number in the value is out of its range',
  ENOSYS: 'this kernel does not have the call, or a sandbox hides it',
  ELOOP: 'the path leads through too many symbolic links',
  ENONET: 'the machine is not on the network',
  EPROTO: 'the peer broke the rules of the protocol below',
  ENOTSOCK: 'the descriptor is open but not a socket: check where its number comes from',
  EDESTADDRREQ: 'the socket does not know where to send: connect it first',
  EMSGSIZE: 'the datagram is too large: at most 65507 bytes over IPv4, 65527 over IPv6; send less',
  EPROTOTYPE: 'the protocol does not fit the type of the socket',
  ENOPROTOOPT: 'this kernel or this kind of socket does not know the option',
  EPROTONOSUPPORT: 'this machine does not have the protocol for this type of socket',
  ESOCKTNOSUPPORT: 'this machine does not have this type of socket for the family',
  EOPNOTSUPP: 'this kind of socket does not know the operation',
  EAFNOSUPPORT: 'the address family is not supported: this machine may have no IPv6',
  EADDRINUSE: 'the address is in use: another socket has it; `ss -ltnp` shows which process',
  EADDRNOTAVAIL: 'no interface of this machine has the address; `ip address` lists them',
  ENETDOWN: 'the interface that leads there is down; `ip link` shows its state',
  ENETUNREACH: 'the network is unreachable: this machine has no route there; see `ip route`',
  ENETRESET: 'reset: keep-alive found that the peer or the way to it is gone',
  ECONNABORTED: 'the connection was given up before it was accepted',
  ECONNRESET:
    'reset: the peer closed without reading everything, crashed, or a device on the way cut in',
  ENOBUFS: OUT_OF_MEMORY,
  EISCONN: 'the socket is connected already',
  ENOTCONN: 'the socket is not connected: not yet, or not any more',
  ETOOMANYREFS:
    'too many descriptors are on their way to somebody who has not received them: wait, or raise `ulimit -n`',
  ETIMEDOUT: 'timed out: the peer did not answer; it may be down, or a firewall drops the packets',
  ECONNREFUSED: 'refused: nothing listens there; check host and port, and that the server runs',
  EHOSTDOWN: 'the host is down: it does not answer on its own network',
  EHOSTUNREACH: 'no route to the host: it is down, or a firewall rejects it',
  EALREADY: 'an earlier connect is still under way: wait until the socket is writable',
  EINPROGRESS: 'the connection is being made: wait until the socket is writable',
};

const ACCEPT: Explanations = {
  EAGAIN:
    'no connection is there, and the call may not wait: try when the socket is readable, or setBlocking(true)',
  ECONNABORTED: 'the connection was given up before it was accepted; accept the next one',
  EPROTO: 'the connection broke before it was accepted; accept the next one',
  EPERM: 'a firewall rule forbids this connection; accept the next one',
  EINVAL: 'the socket does not listen: call bind and listen first',
  EOPNOTSUPP: 'only sockets with connections accept them: streams and seqpackets',
  EMFILE:
    'this process is out of descriptors, and the connection keeps waiting: raise `ulimit -n`, or find what is not closed',
  ENFILE:
    'the whole machine is out of descriptors, and the connection keeps waiting: see /proc/sys/fs/file-max',
};

const RECEIVE: Explanations = {
  EAGAIN:
    'nothing has arrived, and the call may not wait: try when the socket is readable, or setBlocking(true)',
  ECONNREFUSED: 'refused: nothing listens where an earlier datagram was sent to',
  EINVAL: 'a flag does not fit: with MSG_OOB, no urgent byte is there',
  EOPNOTSUPP: 'a flag does not fit this kind of socket',
  ETIMEDOUT:
    'timed out: the peer acknowledges nothing any more; it may be down, or the network cut',
};

const SEND: Explanations = {
  EACCES: 'permission denied: set SO_BROADCAST to send to a broadcast address',
  EAGAIN:
    'the send buffer is full, and the call may not wait: try when the socket is writable, or setBlocking(true)',
  ECONNREFUSED: 'refused: nothing listens where an earlier datagram was sent to',
  EOPNOTSUPP: 'a flag does not fit this kind of socket',
  EPIPE:
    'the connection is closed for sending: the peer is gone, shutdown was called, or it was never connected',
  ETIMEDOUT:
    'timed out: the peer acknowledges nothing any more; it may be down, or the network cut',
};

const NO_PATH =
  'no such file: nobody has bound a Unix socket to that path, or its server is not up yet';
const OTHER_TYPE =
  'the Unix socket there is of another type; types are stream, dgram and seqpacket: open one of its type';

/** Of sendto and sendmsg, whose address may be that of a Unix socket: the error does not tell which it was. */
const SEND_TO: Explanations = {
  ...SEND,
  EACCES:
    'permission denied: set SO_BROADCAST to send to a broadcast address; to a Unix socket, see who may write to its file',
  EAGAIN:
    'the send buffer, or the queue of the Unix socket there, is full, and the call may not wait: try later, or setBlocking(true)',
  EBADF:
    'not an open descriptor: the socket was closed already, or one of the descriptors that it was to send',
  ECONNREFUSED:
    'refused: nothing listens where an earlier datagram was sent to; or the file of a Unix socket outlived its socket',
  EDESTADDRREQ: 'the socket does not know where to send: say to whom, or connect it first',
  EINVAL:
    'the address or a control message does not fit the socket: an empty path is nobody, port 0 neither; see the call in section 2 of the manual',
  EISCONN: 'a Unix socket with a connection sends to its peer only: leave the address out',
  EMSGSIZE:
    'the message is too large: at most 65507 bytes over IPv4, 65527 over IPv6, SO_SNDBUF of them between Unix sockets, and 1024 parts; send less',
  ENOENT: NO_PATH,
  EOPNOTSUPP: 'a flag or an address does not fit this kind of socket',
  EPERM:
    'not permitted: a firewall rule forbids it, the Unix socket there is connected to another, or the credentials are not those of this process',
  EPROTOTYPE: OTHER_TYPE,
};

const BY_CALL: Readonly<Record<string, Explanations>> = {
  socket: {
    EACCES:
      'permission denied: a group of this process must be within net.ipv4.ping_group_range to open a ping socket; widen it with sysctl(8), or open a raw one as root',
    EAFNOSUPPORT: 'this machine does not have the address family: IPv6 may be switched off',
    EPERM:
      'not permitted: raw sockets need the capability CAP_NET_RAW: run as root, give it to the program with setcap(8), or open a ping socket of type dgram',
    EPROTONOSUPPORT:
      'this machine does not have the protocol for this type of socket; raw ones have no usual protocol: say which, such as icmp',
  },
  bind: {
    EACCES:
      'permission denied: a port below net.ipv4.ip_unprivileged_port_start, usually 1024, needs the capability CAP_NET_BIND_SERVICE; take a higher port, or give the capability to the program',
    EAFNOSUPPORT: WRONG_FAMILY,
    EINVAL:
      'the socket has an address already, or this one does not fit it: it is of another family, or a link-local one without its interface, as in fe80::1%2',
    ENOENT: 'no such directory: binding makes the file of a Unix socket, not the folders above it',
    ENODEV: 'no interface has the number behind the % of the address; `ip link` lists them',
  },
  listen: {
    EADDRINUSE:
      'the address is in use: another socket listens there; `ss -ltnp` shows which process',
    EINVAL:
      'a socket that is connected, or about to be, cannot listen: open another one; a Unix socket needs an address first: bind it',
    EOPNOTSUPP: 'only sockets with connections listen: streams and seqpackets',
  },
  accept: ACCEPT,
  accept4: ACCEPT,
  connect: {
    EACCES:
      'permission denied: the address is a broadcast one and SO_BROADCAST is not set, or a firewall rule forbids it',
    EADDRINUSE:
      'the local address that the socket is bound to is in use: bind it to another port, or to none',
    EADDRNOTAVAIL: `no local port is free for another connection there: too many are open, or closed a minute ago, ${LOCAL_PORTS}; or no interface has an address of this family`,
    EAFNOSUPPORT: WRONG_FAMILY,
    EAGAIN: `no local port is free; ${LOCAL_PORTS}`,
    ECONNABORTED: 'the earlier attempt on this socket has failed: open another socket',
    EINTR: 'a signal came while connecting; the attempt goes on: wait until the socket is writable',
    EINVAL:
      'the address does not fit the socket: it is of another family, or a link-local one without its interface, as in fe80::1%2',
    EISCONN: 'the socket is connected already, or listens: open another one',
    ENOENT: NO_PATH,
    ENETUNREACH:
      'the network is unreachable: this machine has no route there, see `ip route`; or the address is a broadcast or multicast one',
    EPROTOTYPE: OTHER_TYPE,
  },
  recv: RECEIVE,
  recvfrom: RECEIVE,
  recvmsg: RECEIVE,
  send: SEND,
  sendto: SEND_TO,
  sendmsg: SEND_TO,
  // As the methods are called that would have to wait.
  recvFrom: RECEIVE,
  recvMsg: RECEIVE,
  sendTo: SEND_TO,
  sendMsg: SEND_TO,
  shutdown: {
    EINVAL: 'the kernel knows no such direction to shut down',
  },
  setsockopt: {
    EADDRINUSE: 'the socket is a member of that group already',
    EADDRNOTAVAIL: 'the socket is no member of that group, or no interface has the address',
    EDOM: 'a number in the value is out of its range: the microseconds of a time must be below 1000000',
    EFAULT: 'the value is shorter than the option needs',
    EINVAL:
      'the kernel does not take this value: its length or its range is wrong, or the socket is in the wrong state',
    ENOBUFS:
      'the socket has as many of these as it may; see net.ipv4.igmp_max_memberships and net.core.optmem_max',
    ENOENT: 'this kernel has nothing of that name, or its module is not loaded',
    ENOPROTOOPT:
      'this socket does not know the option: it belongs to a later kernel, to another kind of socket or to another level',
    EOPNOTSUPP: 'this kernel, or this kind of socket, does not have what the option switches on',
    EPERM:
      'not permitted: the option, or so high a value, needs a capability such as CAP_NET_ADMIN',
  },
  getsockopt: {
    EFAULT: 'the room for the value is too small',
    EINVAL: 'the kernel does not take this length, or the socket is in the wrong state',
    ENOPROTOOPT:
      'this socket does not know the option: it belongs to a later kernel, to another kind of socket or to another level',
    EOPNOTSUPP:
      'this socket does not know the option: it belongs to a later kernel, to another kind of socket or to another level',
  },
  epoll_ctl: {
    EINVAL: 'the descriptor is the epoll instance itself, or the events do not go together',
    ENOENT: 'the descriptor is not registered',
    EPERM: 'files and directories cannot be waited for: they are always ready',
  },
  poll: {
    EINVAL: 'more descriptors are asked about than `ulimit -n` allows',
  },
};

/** What numbers mean where the address is the path of a Unix socket. */
const UNIX: Readonly<Record<string, Explanations>> = {
  bind: {
    EACCES:
      'permission denied: this user may not make files in that directory, or may not enter one above it',
    EINVAL: 'the socket has an address already',
  },
  connect: {
    EACCES:
      'permission denied: who connects to a Unix socket must be allowed to write to its file, and to enter the directories above it; see `ls -l`',
    EAGAIN:
      'the backlog of the Unix socket is full: try again when its server has accepted a connection',
    ECONNREFUSED:
      'refused: nothing listens there; check the path, and that the server runs: the file of a Unix socket outlives its server',
    EINVAL: 'a Unix socket without a name cannot be connected to: the path is empty',
    EPERM: 'not permitted: the Unix socket there is connected to another',
  },
};

/**
 * What `code` means when `syscall` sets it; for a code that the table does not have, that it failed.
 *
 * @param address what the call was about, `unix:/run/service.sock`, where that is known
 */
export function explain(
  syscall: string,
  code: ErrnoName | undefined,
  address: string = '',
): string {
  if (code === undefined) return 'failed';
  const ofUnix = address.startsWith('unix:') ? UNIX[syscall]?.[code] : undefined;
  return ofUnix ?? BY_CALL[syscall]?.[code] ?? EXPLANATIONS[code];
}
