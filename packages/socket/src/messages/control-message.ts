/**
 * Control messages of `sendMsg` and `recvMsg`: descriptors and credentials by name, everything else as the kernel
 * has it. See cmsg(3), unix(7), ip(7).
 */
import { SCM_CREDENTIALS, SCM_RIGHTS, SOL_SOCKET } from '../libc/constants.ts';
import { encodeControl, decodeControl, type RawControlMessage } from '../libc/control-messages.ts';
import { descriptors } from '../libc/message-calls.ts';
import { checkBytes } from '../check-bytes.ts';

/** Descriptors. Sent, they stay the sender's; received, they are new ones, the receiver's to close. */
export interface DescriptorsMessage {
  readonly type: 'SCM_RIGHTS';
  readonly fds: readonly number[];
}

/** Who sends. The kernel checks it, and tells it to a receiver that has set SO_PASSCRED. */
export interface CredentialsMessage {
  readonly type: 'SCM_CREDENTIALS';
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** Any other, by the numbers of a header file. */
export interface OtherControlMessage {
  readonly level: number;
  readonly type: number;
  readonly data: Uint8Array;
}

/** What travels beside the bytes. */
export type ControlMessage = DescriptorsMessage | CredentialsMessage | OtherControlMessage;

/** The size of C's `int`. */
const INT = 4;

/** The size of `ucred`: |pid i32|uid u32|gid u32|. */
export const CREDENTIALS_LENGTH = 12;

/** SCM_MAX_FD of the kernel's `net/scm.h`. */
export const MOST_DESCRIPTORS = 253;

/**
 * The bytes of `messages`.
 *
 * @throws RangeError or TypeError for what is no descriptor, or no number, or no bytes.
 */
export function encodeControlMessages(messages: readonly ControlMessage[]): Uint8Array {
  return encodeControl(messages.map((message) => toRaw(message)));
}

/** The messages in `bytes`; their data are the caller's own. */
export function decodeControlMessages(bytes: Uint8Array): ControlMessage[] {
  return decodeControl(bytes).map((raw) => fromRaw(raw));
}

/** All descriptors that came in `messages`. */
export function descriptorsOf(messages: readonly ControlMessage[]): number[] {
  return messages.flatMap((message) => (message.type === 'SCM_RIGHTS' ? message.fds : []));
}

/** How many bytes of data the descriptors of an SCM_RIGHTS are. */
export function descriptorsLength(count: number): number {
  if (Number.isInteger(count) && count >= 0 && count <= MOST_DESCRIPTORS) return count * INT;
  throw new RangeError(
    `receive ${count} descriptors: expected an integer from 0 to ${MOST_DESCRIPTORS}`,
  );
}

function toRaw(message: ControlMessage): RawControlMessage {
  switch (message.type) {
    case 'SCM_RIGHTS':
      return { level: SOL_SOCKET, type: SCM_RIGHTS, data: descriptorBytes(message.fds) };
    case 'SCM_CREDENTIALS': {
      const ids = Uint32Array.of(
        checkId(message, 'pid'),
        checkId(message, 'uid'),
        checkId(message, 'gid'),
      );
      return { level: SOL_SOCKET, type: SCM_CREDENTIALS, data: new Uint8Array(ids.buffer) };
    }
    default: {
      const { level, type, data } = message;
      checkBytes('sendMsg', data);
      if (Number.isInteger(level) && Number.isInteger(type)) return { level, type, data };
      throw new TypeError(
        `send a control message of level ${level} and type ${type}: expected 'SCM_RIGHTS', 'SCM_CREDENTIALS', or two integers`,
      );
    }
  }
}

function checkId(message: CredentialsMessage, which: 'pid' | 'uid' | 'gid'): number {
  const id = message[which];
  if (Number.isInteger(id) && id >= 0 && id < 2 ** 32) return id;
  throw new RangeError(
    `send credentials with the ${which} ${id}: expected an integer of at least 0`,
  );
}

function descriptorBytes(fds: readonly number[]): Uint8Array {
  if (fds.length > MOST_DESCRIPTORS) {
    throw new RangeError(
      `send ${fds.length} descriptors: the kernel takes ${MOST_DESCRIPTORS} in one message; send them in several`,
    );
  }
  for (const fd of fds) {
    if (Number.isInteger(fd) && fd >= 0 && fd < 2 ** 31) continue;
    throw new RangeError(`send descriptor ${fd}: expected an integer of at least 0`);
  }
  return new Uint8Array(Int32Array.from(fds).buffer);
}

function fromRaw({ level, type, data }: RawControlMessage): ControlMessage {
  if (level === SOL_SOCKET && type === SCM_RIGHTS) {
    return { type: 'SCM_RIGHTS', fds: [...descriptors(data)] };
  }
  if (level === SOL_SOCKET && type === SCM_CREDENTIALS && data.length >= CREDENTIALS_LENGTH) {
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    return {
      type: 'SCM_CREDENTIALS',
      pid: view.getInt32(0, true),
      uid: view.getUint32(4, true),
      gid: view.getUint32(8, true),
    };
  }
  return { level, type, data: data.slice() };
}
