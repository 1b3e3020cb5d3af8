/**
 * MessageSocket: the calls of datagrams, and of messages with control messages beside them, awaited. What they do
 * is what those of the face that blocks do.
 */
import type { Family, IpFamily, Where } from '../address/address.ts';
import {
  descriptorsMessage,
  roomFor,
  takeDescriptors,
  type ReceivedDescriptors,
} from '../messages/descriptor-passing.ts';
import { WOULD_BLOCK } from '../libc/syscall.ts';
import {
  CONTROL_LENGTH,
  type IncomingMessage,
  type OutgoingMessage,
  type Received,
  type ReceivedInto,
} from '../messages/message-io.ts';
import { copyOut, receiveRoom } from '../messages/receive-room.ts';
import type {
  ReceiveIntoOptions,
  ReceiveMessageOptions,
  ReceiveOptions,
  SendOptions,
} from './options.ts';
import { WaitingSocket } from './waiting-socket.ts';

/** A socket that sends to, and receives from, whoever it is told. */
export abstract class MessageSocket<F extends Family = IpFamily> extends WaitingSocket<F> {
  /**
   * Sends `bytes` to `where`, as one datagram, and resolves to how many bytes the kernel took. See sendto(2).
   *
   * @throws MessageTooLargeError, UnreachableError, NameResolutionError, PermissionError (broadcast without
   * SO_BROADCAST), ConnectionRefusedError (what became of an earlier one), ...
   *
   * @example
   * ```ts
   * await using socket = new Socket({ type: 'dgram' });
   * await socket.sendTo(new TextEncoder().encode('hello'), { host: '127.0.0.1', port: 9000 });
   * ```
   */
  async sendTo(bytes: Uint8Array, where: Where<F>, options: SendOptions = {}): Promise<number> {
    const address = await this.addressOf('sendTo', where, options);
    return this.run('write', 'sendTo', options, (flags) => this.trySendTo(bytes, address, flags));
  }

  /**
   * Receives up to `size` bytes and says who sent them. What a datagram has beyond `size` is lost; `recvMsg` tells.
   * See recvfrom(2).
   *
   * @throws as `recv`.
   */
  recvFrom(size: number, options: ReceiveOptions = {}): Promise<Received<F>> {
    return this.run('read', 'recvFrom', options, (flags) => {
      const room = receiveRoom(size);
      this.drained = false; // behind a datagram the next one may wait
      const received = this.tryRecvFromInto(room, size, flags);
      if (received === WOULD_BLOCK) return WOULD_BLOCK;
      return { bytes: copyOut(room, received.count), address: received.address };
    });
  }

  /**
   * As {@link recvFrom}, into the beginning of `buffer`.
   *
   * @throws as `recv`; RangeError when `buffer` is shorter than the length.
   */
  recvFromInto(buffer: Uint8Array, options: ReceiveIntoOptions = {}): Promise<ReceivedInto<F>> {
    // As it is now: a buffer that is taken away while this waits has none later. What is none is refused when it is used.
    const { length = (buffer as Uint8Array | undefined)?.length ?? 0 } = options;
    return this.run('read', 'recvFrom', options, (flags) => {
      this.drained = false;
      return this.tryRecvFromInto(buffer, length, flags);
    });
  }

  /**
   * Sends a message: its parts gathered into one, control messages beside them, to the peer or to whom it says. See
   * sendmsg(2).
   *
   * @returns how many bytes the kernel took: of a stream maybe fewer than there are. The control messages went with
   * the first of them.
   * @throws as {@link sendTo}.
   */
  async sendMsg(message: OutgoingMessage<F>, options: SendOptions = {}): Promise<number> {
    const { to, ...rest } = message;
    const addressed =
      to === undefined ? rest : { ...rest, to: await this.addressOf('sendMsg', to, options) };
    return this.run('write', 'sendMsg', options, (flags) => this.trySendMsg(addressed, flags));
  }

  /**
   * Receives a message of up to `size` bytes, with what is beside it. See recvmsg(2).
   *
   * Descriptors that came are in its control messages: new, close-on-exec, and yours to close. A wait that is given up
   * has taken none.
   *
   * @throws as `recv`.
   */
  recvMsg(size: number, options: ReceiveMessageOptions = {}): Promise<IncomingMessage<F>> {
    const { controlLength = CONTROL_LENGTH } = options;
    return this.run('read', 'recvMsg', options, (flags) => {
      this.drained = false;
      return this.tryRecvMsg(size, controlLength, flags);
    });
  }

  /**
   * Sends descriptors over a Unix socket, beside at least one byte. They stay open here, too: close what you gave
   * away. See unix(7), SCM_RIGHTS.
   *
   * @returns how many of the bytes the kernel took; the descriptors went with the first.
   * @throws BadDescriptorError when one is not open; RangeError for more than 253.
   */
  sendFds(bytes: Uint8Array, fds: readonly number[], options: SendOptions = {}): Promise<number> {
    return this.sendMsg(descriptorsMessage(bytes, fds), options);
  }

  /**
   * Receives up to `size` bytes, and up to `maxFds` descriptors that come with them. They are close-on-exec, and
   * yours to close: with `close(fd)`, or as part of what takes them over, such as `new Socket({ fd })`.
   *
   * @throws DescriptorsLostError when more came; none is left open then.
   * @throws as `recv`.
   *
   * @example
   * ```ts
   * const { fds } = await socket.recvFds(1, 1);
   * for (const fd of fds) {
   *   await using passed = new Socket({ fd });
   *   console.log(String(passed));
   * }
   * ```
   */
  recvFds(
    size: number,
    maxFds: number,
    options: ReceiveOptions = {},
  ): Promise<ReceivedDescriptors> {
    return this.run('read', 'recvMsg', options, (flags) => {
      this.drained = false;
      const message = this.tryRecvMsg(size, roomFor(maxFds), flags);
      return message === WOULD_BLOCK ? WOULD_BLOCK : takeDescriptors(this.libc, message, maxFds);
    });
  }
}
