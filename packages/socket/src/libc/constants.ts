/**
 * The numbers of Linux, the same on x64 and arm64: asm-generic's values, except where a name says
 * otherwise. From the kernel's uapi headers `linux/socket.h`, `linux/in.h`, `linux/tcp.h`, `linux/eventpoll.h`.
 */

export const AF_INET = 2;
export const AF_INET6 = 10;

export const SOCK_STREAM = 1;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;

export const SOL_SOCKET = 1;
export const IPPROTO_IPV6 = 41;
export const IPPROTO_TCP = 6;

export const MSG_NOSIGNAL = 0x4000;

export const SHUT_RD = 0;
export const SHUT_WR = 1;
export const SHUT_RDWR = 2;

/** The kernel caps it with `net.core.somaxconn`; 4096 is that cap's own default since Linux 5.4. */
export const SOMAXCONN = 4096;

/** getrlimit(2): one more than the largest descriptor. */
export const RLIMIT_NOFILE = 7;

export const EPOLL_CLOEXEC = 0o2000000;
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLL_CTL_MOD = 3;

export const EPOLLIN = 0x1;
export const EPOLLOUT = 0x4;
export const EPOLLERR = 0x8;
export const EPOLLHUP = 0x10;
