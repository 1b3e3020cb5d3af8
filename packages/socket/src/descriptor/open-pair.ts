/** Two sockets that are connected to each other, as both faces open them. See socketpair(2). */
import { AF_UNIX, SOCK_CLOEXEC, SOCK_NONBLOCK } from '../libc/constants.ts';
import type { Libc } from '../libc/libc.ts';
import { openLibc } from '../libc/library.ts';
import { mustCall } from '../libc/syscall.ts';
import { SOCKET_TYPES } from './socket-type.ts';

/** The types that pairs are of. */
const PAIRS: readonly string[] = ['stream', 'dgram', 'seqpacket'];

/** Options of `socketpair`. */
export interface SocketpairOptions {
  /** `stream` unless told. */
  readonly type?: 'stream' | 'dgram' | 'seqpacket';
  /** The C library to call: the machine's own unless a test plays one. */
  readonly libc?: Libc;
}

/** What a socket of the pair is made from. */
export interface PairDescriptor {
  readonly family: 'unix';
  readonly type: 'stream' | 'dgram' | 'seqpacket';
  readonly fd: number;
  readonly libc: Libc;
}

/**
 * Opens two descriptors and makes a socket of each. When one cannot be made, none stays open.
 *
 * @throws TypeError for an unknown type; ResourceExhaustedError.
 */
export function openPair<S extends { close(): void }>(
  options: SocketpairOptions,
  make: (descriptor: PairDescriptor) => S,
): [S, S] {
  const { type = 'stream', libc = openLibc() } = options;
  if (!PAIRS.includes(type)) {
    throw new TypeError(`socketpair of type '${type}': expected '${PAIRS.join("', '")}'`);
  }
  const bits = SOCKET_TYPES[type] | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fds = new Int32Array(2);
  mustCall(libc, 'socketpair', () => libc.socketpair(AF_UNIX, bits, 0, fds));
  const [one = -1, other = -1] = fds;
  let first: S | undefined;
  try {
    first = make({ family: 'unix', type, fd: one, libc });
    return [first, make({ family: 'unix', type, fd: other, libc })];
  } catch (error) {
    if (first === undefined) libc.close(one);
    else first.close();
    libc.close(other);
    throw error;
  }
}
