/**
 * Messages: bytes with an address, and with control messages beside them. What `sendTo`, `recvFrom`, `sendMsg` and
 * `recvMsg` of every socket do, without waiting.
 *
 * Whatever fails once the kernel has handed descriptors over, they are closed: nobody would know of them.
 */
import type { Address, AddressOf, Family, Where } from '../address/address.ts';
import { checkBytes } from '../check-bytes.ts';
import {
  decodeControlMessages,
  descriptorsOf,
  encodeControlMessages,
  type ControlMessage,
} from './control-message.ts';
import { MSG_CMSG_CLOEXEC } from '../libc/constants.ts';
import { decodeSockaddr, encodeSockaddr, SOCKADDR_STORAGE } from '../libc/layouts.ts';
import type { Libc } from '../libc/libc.ts';
import { tryCall, WOULD_BLOCK, type WouldBlock } from '../libc/syscall.ts';
import { receivedFlags, type ReceivedFlag } from './message-flags.ts';
import { copyOut, receiveRoom } from './receive-room.ts';

/** How many bytes came, and from whom. */
export interface ReceivedInto<F extends Family = Family> {
  readonly count: number;
  readonly address: AddressOf<F>;
}

/** What came, and from whom. */
export interface Received<F extends Family = Family> {
  /** The caller's own. */
  readonly bytes: Uint8Array;
  readonly address: AddressOf<F>;
}

/** What `sendMsg` sends. */
export interface OutgoingMessage<F extends Family = Family> {
  /** The bytes, gathered: one behind the other. At most 1024 parts. */
  readonly parts: readonly Uint8Array[];
  readonly control?: readonly ControlMessage[];
  /** To whom; a connected socket knows. */
  readonly to?: Where<F>;
}

/** What `recvMsg` receives. */
export interface IncomingMessage<F extends Family = Family> extends Received<F> {
  readonly control: readonly ControlMessage[];
  /** What became of it: `MSG_TRUNC` when the bytes were cut, `MSG_CTRUNC` when the control messages were. */
  readonly flags: readonly ReceivedFlag[];
}

/** An {@link OutgoingMessage} whose addressee has been looked up. */
export interface AddressedMessage<F extends Family = Family> extends OutgoingMessage<F> {
  readonly to?: AddressOf<F>;
}

/** A call on a descriptor. */
export interface MessageCall {
  readonly libc: Libc;
  readonly fd: number;
  /** The bits of `MSG_` flags. */
  readonly flags: number;
}

/** Room for the control messages of one message unless told: all the descriptors that one can carry, and more. */
export const CONTROL_LENGTH = 2048;

/** The kernel's `net.core.optmem_max` would refuse more long before. */
const MAX_CONTROL_LENGTH = 1024 * 1024;

const NOTHING = new Uint8Array(0);

// Scratch of this thread: filled and read within one call.
const sockaddr = new Uint8Array(SOCKADDR_STORAGE);
const sockaddrLength = new Int32Array(1);
const facts = new Int32Array(3);

/** sendto(2). */
export function trySendTo(
  { libc, fd, flags }: MessageCall,
  bytes: Uint8Array,
  address: Address,
): number | WouldBlock {
  checkBytes('sendTo', bytes);
  const name = encodeSockaddr(address);
  return tryCall(libc, 'sendto', () =>
    libc.sendto(fd, bytes, bytes.length, flags, name, name.length),
  );
}

/** recvfrom(2). The address is `undefined` where the kernel names nobody. */
export function tryRecvFrom(
  { libc, fd, flags }: MessageCall,
  buffer: Uint8Array,
  length: number,
): { readonly count: number; readonly address: Address | undefined } | WouldBlock {
  const count = tryCall(libc, 'recvfrom', () => {
    sockaddrLength[0] = SOCKADDR_STORAGE;
    return libc.recvfrom(fd, buffer, length, flags, sockaddr, sockaddrLength);
  });
  if (count === WOULD_BLOCK) return WOULD_BLOCK;
  return { count, address: nameOf(sockaddrLength[0] ?? 0) };
}

/** sendmsg(2). */
export function trySendMsg(
  { libc, fd, flags }: MessageCall,
  message: AddressedMessage,
): number | WouldBlock {
  const { parts, control = [], to } = message;
  for (const part of parts) checkBytes('sendMsg', part);
  const memory = {
    name: to === undefined ? NOTHING : encodeSockaddr(to),
    parts,
    control: control.length === 0 ? NOTHING : encodeControlMessages(control),
  };
  return tryCall(libc, 'sendmsg', () => libc.sendmsg(fd, memory, flags));
}

/**
 * recvmsg(2). What comes is close-on-exec.
 *
 * @param read makes what the caller wants of what came; when it throws, the descriptors that came are closed
 */
export function tryRecvMsg<T>(
  { libc, fd, flags }: MessageCall,
  room: { readonly size: number; readonly controlLength: number },
  read: (message: UnaddressedMessage) => T,
): T | WouldBlock {
  const part = receiveRoom(room.size).subarray(0, room.size);
  const control = new Uint8Array(checkControlLength(room.controlLength));
  const memory = { name: sockaddr, parts: [part], control };
  const count = tryCall(libc, 'recvmsg', () =>
    libc.recvmsg(fd, memory, flags | MSG_CMSG_CLOEXEC, facts),
  );
  if (count === WOULD_BLOCK) return WOULD_BLOCK;
  const [nameLength = 0, filled = 0, bits = 0] = facts;
  const messages = decodeControlMessages(control.subarray(0, filled));
  try {
    return read({
      bytes: copyOut(part, count),
      control: messages,
      flags: receivedFlags(bits),
      address: nameOf(nameLength),
    });
  } catch (error) {
    for (const received of descriptorsOf(messages)) libc.close(received);
    throw error;
  }
}

/** An {@link IncomingMessage} before it is known who sent it. */
export interface UnaddressedMessage extends Omit<IncomingMessage, 'address'> {
  /** `undefined` where the kernel names nobody. */
  readonly address: Address | undefined;
}

function nameOf(length: number): Address | undefined {
  return length === 0 ? undefined : decodeSockaddr(sockaddr, length);
}

function checkControlLength(length: number): number {
  if (Number.isInteger(length) && length >= 0 && length <= MAX_CONTROL_LENGTH) return length;
  throw new RangeError(
    `recvMsg with controlLength ${length}: expected an integer from 0 to ${MAX_CONTROL_LENGTH}`,
  );
}
