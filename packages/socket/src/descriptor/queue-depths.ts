/**
 * Queue depths: how much waits in the kernel, as netstat(8) and ss(8) show it.
 *
 * Which numbers there are depends on the socket. A listening one refuses the requests of tcp(7); its
 * numbers are in TCP_INFO, where ss(8) takes them from. Only TCP tells what is unsent.
 */
import { SystemError } from '../errors.ts';
import { ERRNO } from '../libc/errno.ts';
import type { Libc } from '../libc/libc.ts';
import { mustCall } from '../libc/syscall.ts';
import { tcpInfo } from '../tcp-info/decode.ts';

/** How much waits in the kernel. */
export interface QueueDepths {
  /**
   * Recv-Q: bytes received and not yet read; of a UDP socket, bytes of the next datagram; of a listening
   * socket, connections that wait to be accepted.
   */
  readonly recvQ: number;
  /**
   * Send-Q: bytes sent and not yet acknowledged, or for UDP not yet gone; of a listening socket, the size
   * of its backlog, in connections.
   */
  readonly sendQ: number;
  /** Bytes of Send-Q that the kernel has not sent even once; `undefined` where it does not tell: UDP, listening. */
  readonly unsent: number | undefined;
}

// Requests of ioctl(2), tcp(7): from `asm-generic/termios.h` and `linux/sockios.h`.
const SIOCINQ = 0x541b;
const SIOCOUTQ = 0x5411;
const SIOCOUTQNSD = 0x894b;

/**
 * Asks for the queue depths of a socket. The numbers are asked one after the other, so that on a busy
 * connection they may be of different moments.
 *
 * @throws SystemError ENOTTY when the descriptor is no socket.
 */
export function queueDepths(libc: Libc, fd: number): QueueDepths {
  const recvQ = tryRequest(libc, fd, SIOCINQ, ERRNO.EINVAL);
  if (recvQ === undefined) {
    const { unacked, sacked } = tcpInfo(libc, fd);
    return { recvQ: unacked, sendQ: sacked, unsent: undefined };
  }
  const sendQ = request(libc, fd, SIOCOUTQ);
  return { recvQ, sendQ, unsent: tryRequest(libc, fd, SIOCOUTQNSD, ERRNO.ENOTTY) };
}

/** The answer to a request. */
function request(libc: Libc, fd: number, number: number): number {
  const argument = new Int32Array(1);
  mustCall(libc, 'ioctl', () => libc.ioctl(fd, number, argument));
  return argument[0] ?? 0;
}

/** The answer to a request; `undefined` when the socket refuses it with the error number `refusal`. */
function tryRequest(libc: Libc, fd: number, number: number, refusal: number): number | undefined {
  try {
    return request(libc, fd, number);
  } catch (error) {
    if (error instanceof SystemError && error.errno === refusal) return undefined;
    throw error;
  }
}
