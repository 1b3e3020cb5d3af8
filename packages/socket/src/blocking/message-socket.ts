/**
 * MessageSocket: the calls of datagrams, and of messages with control messages beside them, in the face that blocks.
 */
import type { Family, Where } from '../address/address.ts';
import type {
  ReceiveIntoOptions,
  ReceiveMessageOptions,
  ReceiveOptions,
  SendOptions,
} from '../call-options.ts';
import {
  descriptorsMessage,
  roomFor,
  takeDescriptors,
  type ReceivedDescriptors,
} from '../messages/descriptor-passing.ts';
import { flagBits } from '../messages/message-flags.ts';
import {
  CONTROL_LENGTH,
  type IncomingMessage,
  type OutgoingMessage,
  type Received,
  type ReceivedInto,
} from '../messages/message-io.ts';
import { copyOut, receiveRoom } from '../messages/receive-room.ts';
import { WaitingSocket } from './waiting-socket.ts';

/** A socket that sends to, and receives from, whoever it is told. */
export abstract class MessageSocket<F extends Family> extends WaitingSocket<F> {
  /**
   * Sends `bytes` to `where`, as one datagram, and returns how many bytes the kernel took. See sendto(2).
   *
   * @throws MessageTooLargeError, UnreachableError, NameResolutionError, PermissionError (broadcast without
   * SO_BROADCAST), ConnectionRefusedError (what became of an earlier one), ...
   *
   * @example
   * ```ts
   * using socket = new Socket({ type: 'dgram' });
   * socket.sendTo(new TextEncoder().encode('hello'), { host: '127.0.0.1', port: 9000 });
   * ```
   */
  sendTo(bytes: Uint8Array, where: Where<F>, options: SendOptions = {}): number {
    const flags = flagBits(options.flags);
    const address = this.addressOf('sendTo', where);
    return this.blocking('sendTo', 'write', flags, () => this.trySendTo(bytes, address, flags));
  }

  /**
   * Receives up to `size` bytes and says who sent them. What a datagram has beyond `size` is lost; `recvMsg` tells.
   * See recvfrom(2).
   *
   * @throws as `recv`.
   */
  recvFrom(size: number, options: ReceiveOptions = {}): Received<F> {
    const room = receiveRoom(size);
    const { count, address } = this.recvFromInto(room, { ...options, length: size });
    return { bytes: copyOut(room, count), address };
  }

  /**
   * As {@link recvFrom}, into the beginning of `buffer`.
   *
   * @throws as `recv`; RangeError when `buffer` is shorter than the length.
   */
  recvFromInto(buffer: Uint8Array, options: ReceiveIntoOptions = {}): ReceivedInto<F> {
    const { length = buffer.length } = options;
    const flags = flagBits(options.flags);
    return this.blocking('recvFrom', 'read', flags, () =>
      this.tryRecvFromInto(buffer, length, flags),
    );
  }

  /**
   * Sends a message: its parts gathered into one, control messages beside them, to the peer or to whom it says. See
   * sendmsg(2).
   *
   * @returns how many bytes the kernel took: of a stream maybe fewer than there are. The control messages went with
   * the first of them.
   * @throws as {@link sendTo}.
   */
  sendMsg(message: OutgoingMessage<F>, options: SendOptions = {}): number {
    const flags = flagBits(options.flags);
    const { to, ...rest } = message;
    const addressed = to === undefined ? rest : { ...rest, to: this.addressOf('sendMsg', to) };
    return this.blocking('sendMsg', 'write', flags, () => this.trySendMsg(addressed, flags));
  }

  /**
   * Receives a message of up to `size` bytes, with what is beside it. See recvmsg(2).
   *
   * Descriptors that came are in its control messages: new, close-on-exec, and yours to close.
   *
   * @throws as `recv`.
   */
  recvMsg(size: number, options: ReceiveMessageOptions = {}): IncomingMessage<F> {
    const flags = flagBits(options.flags);
    const { controlLength = CONTROL_LENGTH } = options;
    return this.blocking('recvMsg', 'read', flags, () =>
      this.tryRecvMsg(size, controlLength, flags),
    );
  }

  /**
   * Sends descriptors over a Unix socket, beside at least one byte. They stay open here, too: close what you gave
   * away. See unix(7), SCM_RIGHTS.
   *
   * @returns how many of the bytes the kernel took; the descriptors went with the first.
   * @throws BadDescriptorError when one is not open; RangeError for more than 253.
   */
  sendFds(bytes: Uint8Array, fds: readonly number[], options: SendOptions = {}): number {
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
   * const { fds } = socket.recvFds(1, 1);
   * for (const fd of fds) {
   *   using passed = new Socket({ fd });
   *   console.log(String(passed));
   * }
   * ```
   */
  recvFds(size: number, maxFds: number, options: ReceiveOptions = {}): ReceivedDescriptors {
    const message = this.recvMsg(size, { ...options, controlLength: roomFor(maxFds) });
    return takeDescriptors(this.libc, message, maxFds);
  }
}
