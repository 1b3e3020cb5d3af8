/**
 * Socket: the textbook's socket, call by call. It blocks this thread until there is something to return.
 *
 * Three modes, as everywhere: blocking (the default), non-blocking (`setBlocking(false)`: what would have to
 * wait throws `BlockingIOError`), and timed (`setTimeout(ms)`: what waits longer throws `TimeoutError`).
 * The descriptor itself is always non-blocking; a blocking call waits in `blocking-wait.ts`, where a signal
 * or the end of a worker can reach it.
 *
 * While a call blocks, nothing else happens in this thread: no timer, no other connection. For programs that
 * wait for one thing at a time, for scripts, workers and lessons. A server takes the same names from
 * `@wireline/socket/promises`, or the event loop.
 */
import { checkBytes, lengthOf } from '../check-bytes.ts';
import { duplicate } from '../descriptor/adopt.ts';
import {
  formatAddress,
  type AddressOf,
  type Family,
  type IpFamily,
  type Where,
} from '../address/address.ts';
import { acceptNext } from '../listening/accept-next.ts';
import type {
  ChunksOptions,
  ReceiveIntoOptions,
  ReceiveOptions,
  SendOptions,
  SocketOptions,
} from '../call-options.ts';
import { IncompleteReadError, systemError } from '../errors.ts';
import type { SocketFileOptions } from '../file/options.ts';
import { SocketFile } from '../file/socket-file.ts';
import { ERRNO } from '../libc/errno.ts';
import { preparedDescriptor } from '../descriptor/prepared-descriptor.ts';
import { WOULD_BLOCK, type WouldBlock } from '../libc/syscall.ts';
import { flagBits, neverWaits } from '../messages/message-flags.ts';
import { finishConnect } from '../connecting/finish-connect.ts';
import { MessageSocket } from './message-socket.ts';
import { checkSize, copyOut, receiveRoom } from '../messages/receive-room.ts';
import type { Accepted } from '../descriptor/socket-descriptor.ts';
import { isUnderWay, timedOut } from '../socket-mode.ts';
import { endsWithNothing } from '../descriptor/socket-type.ts';
import { forgetUnclosed, Remains, watchUnclosed } from '../descriptor/unclosed.ts';
import { warnOfLoopbackName } from '../address/loopback-name.ts';

/** How many bytes iterating over a socket receives at once, unless told. */
const CHUNK = 64 * 1024;

/**
 * A socket whose calls block.
 *
 * @example
 * ```ts
 * using socket = new Socket();
 * socket.connect({ host: 'localhost', port: 65432 });
 * socket.sendAll(new TextEncoder().encode('Hello, world'));
 * const data = socket.recv(1024);
 * ```
 */
export class Socket<F extends Family = IpFamily> extends MessageSocket<F> {
  /**
   * Opens a socket, or takes one over; see socket(2).
   *
   * @throws ResourceExhaustedError, UnsupportedError, BadDescriptorError ...
   * @throws UnsupportedPlatformError where there are no native sockets.
   */
  constructor(options: SocketOptions<F> = {}) {
    super(preparedDescriptor(options));
    const { family, type, libc } = this;
    watchUnclosed(this, new Remains({ family, type, libc, fd: this.fileno() }));
  }

  /**
   * Gives the socket its local address; an empty host means all interfaces, port 0 lets the kernel choose.
   * See bind(2).
   *
   * @throws AddressInUseError, AddressNotAvailableError, PermissionError, NameResolutionError
   */
  override bind(where: Where<F>): void {
    const address = this.addressOf('bind', where);
    warnOfLoopbackName(where, address);
    super.bind(address);
  }

  /**
   * Connects. See connect(2).
   *
   * @throws ConnectionRefusedError, UnreachableError, NameResolutionError, ...
   * @throws TimeoutError after the kernel's own time, or that of {@link setTimeout}; InterruptedError. The
   * attempt goes on: connect again to wait for it, or close.
   * @throws BlockingIOError (EINPROGRESS, then EALREADY) in non-blocking mode: the socket is writable when it
   * is decided.
   */
  connect(where: Where<F>): void {
    const address = this.addressOf('connect', where);
    const errno = this.#connect(address);
    if (errno === 'over') throw timedOut('connect', this.getTimeout(), formatAddress(address));
    if (errno !== 0) throw systemError('connect', errno, formatAddress(address));
  }

  /**
   * Connects, and returns the error number instead of throwing: 0 when the connection stands, EINPROGRESS
   * (115) in non-blocking mode, ETIMEDOUT (110) when the time is over.
   *
   * @throws NameResolutionError, InterruptedError, and TypeError or RangeError for what is no address.
   */
  connectEx(where: Where<F>): number {
    const errno = this.#connect(this.addressOf('connect', where));
    return errno === 'over' ? ERRNO.ETIMEDOUT : errno;
  }

  /**
   * Takes the next connection. Those that are over before they are taken are passed by. See accept(2).
   *
   * @throws ResourceExhaustedError when this process is out of descriptors; the connection waits.
   */
  accept(): Accepted<Socket<F>, AddressOf<F>> {
    return this.blocking('accept', 'read', 0, () => acceptNext(() => this.tryAccept()));
  }

  override tryAccept(): Accepted<Socket<F>, AddressOf<F>> | WouldBlock {
    // What accept makes is what `own` below makes.
    return super.tryAccept() as Accepted<Socket<F>, AddressOf<F>> | WouldBlock;
  }

  /**
   * Receives up to `size` bytes: at least one, or none when the peer has sent its last. (A datagram may be
   * empty.) See recv(2).
   *
   * The bytes are yours, the `buffer` beneath them is not: short ones share it. A view of them is
   * `new DataView(bytes.buffer, bytes.byteOffset, bytes.length)`.
   *
   * @throws ConnectionResetError, TimeoutError, BlockingIOError, InterruptedError, ...
   */
  recv(size: number, options: ReceiveOptions = {}): Uint8Array {
    const room = receiveRoom(size);
    return copyOut(room, this.recvInto(room, { ...options, length: size }));
  }

  /**
   * Receives into the beginning of `buffer` and returns how many bytes came, 0 when the peer has sent its
   * last.
   *
   * @throws as {@link recv}; RangeError when `buffer` is shorter than the length.
   */
  recvInto(buffer: Uint8Array, options: ReceiveIntoOptions = {}): number {
    const { length = buffer.length } = options;
    const flags = flagBits(options.flags);
    return this.blocking('recv', 'read', flags, () => this.tryRecvInto(buffer, length, flags));
  }

  /**
   * Receives exactly `size` bytes. The time of {@link setTimeout} is that of all of them.
   *
   * @throws IncompleteReadError when the peer closes before; what came is its `partial`.
   * @throws as {@link recv}; what had come by then is lost.
   */
  recvExactly(size: number): Uint8Array {
    checkSize('recvExactly', size);
    const bytes = new Uint8Array(size);
    const deadline = this.deadline();
    for (let at = 0; at < size;) {
      const rest = bytes.subarray(at);
      const count = this.until('recv', 'read', deadline, () => this.tryRecvInto(rest));
      if (count === 0) throw new IncompleteReadError(size, bytes.slice(0, at));
      at += count;
    }
    return bytes;
  }

  /**
   * Sends, and returns how many bytes the kernel took: at least one, maybe fewer than there are. See send(2).
   *
   * @throws BrokenPipeError, ConnectionResetError, TimeoutError, BlockingIOError, InterruptedError, ...
   */
  send(bytes: Uint8Array, options: SendOptions = {}): number {
    const flags = flagBits(options.flags);
    return this.blocking('send', 'write', flags, () => this.trySend(bytes, lengthOf(bytes), flags));
  }

  /**
   * Sends all of `bytes`. The time of {@link setTimeout} is that of all of them. When it throws, nobody can
   * say how many the peer got: the connection is of no use then.
   *
   * @throws as {@link send}.
   */
  sendAll(bytes: Uint8Array, options: SendOptions = {}): void {
    checkBytes('sendAll', bytes);
    const flags = flagBits(options.flags);
    const deadline = neverWaits(flags, 'write') ? 0 : this.deadline();
    let rest = bytes;
    do {
      const part = rest;
      const trySend = (): number | WouldBlock => this.trySend(part, part.length, flags);
      rest = rest.subarray(this.until('send', 'write', deadline, trySend));
    } while (rest.length > 0);
  }

  /**
   * A second socket for the same connection, with a descriptor of its own; both must be closed. See dup(2).
   */
  dup(): Socket<F> {
    const copy = this.own(duplicate(this.libc, this.descriptor('dup')));
    copy.setTimeout(this.getTimeout());
    return copy;
  }

  /** The connection as a file, with buffered reading and writing. Do not forget to flush. */
  makeFile(options?: SocketFileOptions): SocketFile {
    return new SocketFile(this, options);
  }

  /** What comes, in chunks, until the peer has sent its last byte. The socket stays open. */
  *chunks(options: ChunksOptions = {}): Generator<Uint8Array, undefined, undefined> {
    for (;;) {
      const chunk = this.recv(options.size ?? CHUNK, options);
      if (chunk.length === 0 && endsWithNothing(this.type)) return undefined;
      yield chunk;
    }
  }

  /** What comes, in chunks of up to 64 KiB: {@link chunks} without options. */
  [Symbol.iterator](): Generator<Uint8Array, undefined, undefined> {
    return this.chunks();
  }

  protected override release(): number {
    forgetUnclosed(this);
    return super.release();
  }

  protected override own(fd: number): Socket<F> {
    return new Socket({ family: this.family, type: this.type, fd, libc: this.libc });
  }

  /** The error number of connecting, 0 for none; or that the time of this side is over. */
  #connect(address: AddressOf<F>): number | 'over' {
    const errno = this.tryConnectEx(address);
    if (!isUnderWay(errno)) return errno;
    if (this.getTimeout() === 0) return errno === ERRNO.EINTR ? ERRNO.EINPROGRESS : errno;
    const deadline = this.deadline();
    for (;;) {
      if (!this.sleep('connect', 'write', deadline)) return 'over';
      const decided = finishConnect(this, address);
      if (decided !== WOULD_BLOCK) return decided;
    }
  }
}
