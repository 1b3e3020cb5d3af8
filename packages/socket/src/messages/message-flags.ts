/**
 * Flags of calls that receive and send, by their own names. Numbers from the kernel's `linux/socket.h`, meanings in
 * recv(2) and send(2).
 *
 * Not here, because something better is: MSG_WAITALL, which a non-blocking descriptor ignores
 * (`recvExactly` waits for all), and MSG_NOSIGNAL, which is always set.
 */

/** Flags of `recv` and `recvInto`. */
export type ReceiveFlag =
  /** Leave what is received in the queue: the next call gets it again. */
  | 'MSG_PEEK'
  /** The byte of urgent data (tcp(7)). Never waits. */
  | 'MSG_OOB'
  /** Do not wait in this call, as if the socket were non-blocking. */
  | 'MSG_DONTWAIT';

/** Flags of `send` and `sendAll`. */
export type SendFlag =
  /** More is coming: do not send a partial segment yet. */
  | 'MSG_MORE'
  /** Urgent data (tcp(7)): the last byte is. */
  | 'MSG_OOB'
  /** Do not wait in this call, as if the socket were non-blocking. */
  | 'MSG_DONTWAIT'
  /** Only to hosts on networks that are directly connected. */
  | 'MSG_DONTROUTE'
  /** Datagrams: the peer is alive, no need to ask for its link address again. */
  | 'MSG_CONFIRM';

/** What `recvMsg` may say about a message. */
export type ReceivedFlag =
  /** It ends a record. */
  | 'MSG_EOR'
  /** It was longer than there was room; the rest is lost. */
  | 'MSG_TRUNC'
  /** There were more control messages than room; the rest is lost, descriptors too. */
  | 'MSG_CTRUNC'
  /** It is urgent data. */
  | 'MSG_OOB'
  /** It comes from the error queue. */
  | 'MSG_ERRQUEUE';

const MSG_OOB = 0x1;
const MSG_DONTWAIT = 0x40;

const NUMBERS = new Map<string, number>([
  ['MSG_OOB', MSG_OOB],
  ['MSG_PEEK', 0x2],
  ['MSG_DONTROUTE', 0x4],
  ['MSG_DONTWAIT', MSG_DONTWAIT],
  ['MSG_CONFIRM', 0x800],
  ['MSG_MORE', 0x8000],
]);

const RECEIVED: readonly (readonly [ReceivedFlag, number])[] = [
  ['MSG_OOB', MSG_OOB],
  ['MSG_CTRUNC', 0x8],
  ['MSG_TRUNC', 0x20],
  ['MSG_EOR', 0x80],
  ['MSG_ERRQUEUE', 0x2000],
];

/** The names of the bits that the kernel set. */
export function receivedFlags(bits: number): ReceivedFlag[] {
  return RECEIVED.filter(([, bit]) => (bits & bit) !== 0).map(([name]) => name);
}

/**
 * The bits of `flags`: what the calls of `SocketDescriptor` take, which know no names.
 *
 * @throws TypeError for a name that is none of these.
 * @example
 * ```ts
 * const MORE = flagBits('MSG_MORE');
 * socket.trySend(header, header.length, MORE);
 * socket.trySend(content); // leaves in one segment with the end of the header
 * ```
 */
export function flagBits<Flag extends ReceiveFlag | SendFlag>(
  flags: Flag | readonly Flag[] | undefined,
): number {
  if (flags === undefined) return 0;
  let bits = 0;
  for (const name of Array.isArray(flags) ? flags : [flags]) bits |= numberOf(String(name));
  return bits;
}

/**
 * Whether a call with these bits is not to wait, whatever the socket's mode. Urgent data is not what
 * readiness to read is about, so nobody could wait for it.
 */
export function neverWaits(bits: number, direction: 'read' | 'write'): boolean {
  const never = direction === 'read' ? MSG_DONTWAIT | MSG_OOB : MSG_DONTWAIT;
  return (bits & never) !== 0;
}

function numberOf(name: string): number {
  const number = NUMBERS.get(name);
  if (number !== undefined) return number;
  const known = [...NUMBERS.keys()].join(', ');
  const advice = name === 'MSG_WAITALL' ? 'use recvExactly' : `expected one of ${known}`;
  throw new TypeError(`use the flag '${name}': ${advice}`);
}
