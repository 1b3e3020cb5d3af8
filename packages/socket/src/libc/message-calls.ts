/**
 * sendmsg(2) and recvmsg(2) through koffi: a `msghdr`, which holds pointers to the memory of others.
 *
 * ```
 * msghdr  |name *|namelen u32|padding|iov *|iovlen u64|control *|controllen u64|flags i32|padding|   56 bytes
 * iovec   |base *|length u64|                                                                      16 bytes
 * ```
 *
 * The same in glibc and musl, on x64 and arm64. koffi tells the address of an array's memory, which does not move;
 * {@link held} keeps the arrays from being collected while the kernel has their addresses.
 */
import type Koffi from 'koffi';
import { SCM_RIGHTS, SOL_SOCKET } from './constants.ts';
import { decodeControl } from './control-messages.ts';
import type { Libc, MessageMemory } from './libc.ts';
import type { ThreadEnd } from './thread-end.ts';

type KoffiModule = typeof Koffi;
type Call = (fd: number, header: BigUint64Array, flags: number) => number;

const [NAME, NAME_LENGTH, PARTS, PART_COUNT, CONTROL, CONTROL_LENGTH, FLAGS, WORDS] = [
  0, 1, 2, 3, 4, 5, 6, 7,
] as const;

/** The arrays of the call that is being made, for as long as it takes. */
const held: { message?: MessageMemory | undefined; vectors?: BigUint64Array | undefined } = {};

/** The two calls of {@link Libc}. */
export function declareMessageCalls(
  koffi: KoffiModule,
  thread: ThreadEnd,
): Pick<Libc, 'sendmsg' | 'recvmsg'> {
  const program = koffi.load(null);
  const sendmsg: Call = program.func('long sendmsg(int fd, const void *message, int flags)');
  const recvmsg: Call = program.func('long recvmsg(int fd, void *message, int flags)');
  const header = new BigUint64Array(WORDS);

  /** Points the header at the memory of `message`. */
  function hold(message: MessageMemory): void {
    const { name, parts, control } = message;
    const vectors = new BigUint64Array(2 * parts.length);
    for (const [index, part] of parts.entries()) {
      vectors[2 * index] = koffi.address(part);
      vectors[2 * index + 1] = BigInt(part.length);
    }
    header.fill(0n);
    header[NAME] = name.length === 0 ? 0n : koffi.address(name);
    header[NAME_LENGTH] = BigInt(name.length);
    header[PARTS] = koffi.address(vectors);
    header[PART_COUNT] = BigInt(parts.length);
    header[CONTROL] = control.length === 0 ? 0n : koffi.address(control);
    header[CONTROL_LENGTH] = BigInt(control.length);
    held.message = message;
    held.vectors = vectors;
  }

  function make(call: Call, fd: number, message: MessageMemory, flags: number): number {
    hold(message);
    const count = call(fd, header, flags);
    held.message = undefined;
    held.vectors = undefined;
    return count;
  }

  return {
    sendmsg: (fd, message, flags) => make(sendmsg, fd, message, flags),
    recvmsg(fd, message, flags, facts) {
      const count = make(recvmsg, fd, message, flags);
      if (count < 0) return count;
      facts[0] = Number(header[NAME_LENGTH]);
      facts[1] = Number(header[CONTROL_LENGTH]);
      facts[2] = Number(header[FLAGS]);
      // Imperfect: a worker that is terminated before this leaves the descriptors open.
      for (const { level, type, data } of decodeControl(message.control.subarray(0, facts[1]))) {
        if (level !== SOL_SOCKET || type !== SCM_RIGHTS) continue;
        for (const received of descriptors(data)) thread.closeAtThreadEnd(received);
      }
      return count;
    },
  };
}

/** The descriptors in the data of an SCM_RIGHTS, as far as they are whole. */
export function descriptors(data: Uint8Array): Int32Array {
  const length = data.length - (data.length % Int32Array.BYTES_PER_ELEMENT);
  return new Int32Array(data.slice(0, length).buffer);
}
