/**
 * Socket of the awaited face: the textbook's names, and nothing waits but who awaits.
 *
 * What never waits (`listen`, `shutdown`, options, addresses) is not a promise; to await it does no harm.
 */
import { acceptNext } from '../listening/accept-next.ts';
import {
  formatAddress,
  isAddress,
  withoutLookUp,
  type AddressOf,
  type Family,
  type IpFamily,
  type Where,
} from '../address/address.ts';
import { checkBytes, lengthOf } from '../check-bytes.ts';
import { duplicate } from '../descriptor/adopt.ts';
import { IncompleteReadError, systemError, TimeoutError } from '../errors.ts';
import type { SocketFileOptions } from '../file/options.ts';
import { WOULD_BLOCK, type WouldBlock } from '../libc/syscall.ts';
import { warnOfLoopbackName } from '../address/loopback-name.ts';
import { checkSize, copyOut, receiveRoom } from '../messages/receive-room.ts';
import type { Accepted } from '../descriptor/socket-descriptor.ts';
import { endsWithNothing } from '../descriptor/socket-type.ts';
import { MessageSocket } from './message-socket.ts';
import type {
  ChunksOptions,
  ReceiveIntoOptions,
  ReceiveOptions,
  SendAllOptions,
  SendOptions,
  SocketOptions,
  WaitOptions,
} from './options.ts';
import { SocketFile } from './socket-file.ts';

/** How many bytes iterating over a socket receives at once, unless told. */
const CHUNK = 64 * 1024;

/** What a call is told that is told nothing. */
const NO_OPTIONS: ChunksOptions = {};

/** What iterating over a socket gives. */
type Chunk = IteratorResult<Uint8Array, undefined>;

/** The way to the private method of a socket, for {@link Chunks}. */
let nextChunk: (socket: Socket<Family>, options: ChunksOptions) => Promise<Chunk>;

/**
 * A socket whose calls are awaited.
 *
 * @example
 * ```ts
 * await using socket = new Socket();
 * await socket.connect({ host: 'localhost', port: 65432 });
 * await socket.sendAll(new TextEncoder().encode('Hello, world'));
 * for await (const chunk of socket) console.log(chunk);
 * ```
 */
export class Socket<F extends Family = IpFamily> extends MessageSocket<F> {
  static {
    nextChunk = (socket, options) => socket.#nextChunk(options);
  }

  /**
   * Opens a socket, or takes one over; see socket(2).
   *
   * @throws ResourceExhaustedError, UnsupportedError, BadDescriptorError ...
   * @throws UnsupportedPlatformError where there are no native sockets.
   */
  constructor(options: SocketOptions<F> = {}) {
    super(options);
  }

  /**
   * Gives the socket its local address; an empty host means all interfaces, port 0 lets the kernel choose.
   * See bind(2).
   *
   * @throws AddressInUseError, AddressNotAvailableError, PermissionError, NameResolutionError
   */
  // oxlint-disable-next-line typescript/no-misused-promises -- an address is bound at once, as by the class below
  override bind(where: Where<F>, options: WaitOptions = {}): Promise<void> {
    return this.#bind(where, options);
  }

  /**
   * Connects. See connect(2).
   *
   * @throws ConnectionRefusedError, UnreachableError, NameResolutionError, ...
   * @throws TimeoutError after the kernel's own time, or that of {@link setTimeout}; the signal's reason.
   * After either of the latter two the socket still tries: close it.
   */
  async connect(where: Where<F>, options: WaitOptions = {}): Promise<void> {
    const address = await this.addressOf('connect', where, options);
    const errno = await this.connectTo(address, options);
    if (errno !== 0) throw systemError('connect', errno, formatAddress(address));
  }

  /**
   * Connects, and returns the error number instead of throwing: 0 when the connection stands, EINPROGRESS
   * (115) in non-blocking mode, ETIMEDOUT (110) when the time is over.
   *
   * @throws NameResolutionError, the signal's reason, and TypeError or RangeError for what is no address.
   */
  async connectEx(where: Where<F>, options: WaitOptions = {}): Promise<number> {
    const address = await this.addressOf('connect', where, options);
    try {
      return await this.connectTo(address, options);
    } catch (error) {
      if (error instanceof TimeoutError) return error.errno;
      throw error;
    }
  }

  /**
   * Takes the next connection. Those that are over before they are taken are passed by. See accept(2).
   *
   * @throws ResourceExhaustedError when this process is out of descriptors; the connection waits.
   */
  accept(options: WaitOptions = {}): Promise<Accepted<Socket<F>, AddressOf<F>>> {
    return this.run('read', 'accept', options, () => acceptNext(() => this.tryAccept()));
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
   * @throws ConnectionResetError, TimeoutError, BlockingIOError, SocketBusyError, ...
   */
  recv(size: number, options: ReceiveOptions = {}): Promise<Uint8Array> {
    if (size === 0) this.drained = false; // nothing is there at once
    return this.run('read', 'recv', options, (flags) => this.#recv(size, flags));
  }

  /**
   * Receives into the beginning of `buffer` and resolves to how many bytes came, 0 when the peer has sent
   * its last.
   *
   * @throws as {@link recv}; RangeError when `buffer` is shorter than the length.
   */
  recvInto(buffer: Uint8Array, options: ReceiveIntoOptions = {}): Promise<number> {
    if (options.length === 0) this.drained = false;
    // As it is now: a buffer that is taken away while this waits has none later, which would look like the end.
    const { length = lengthOf(buffer) } = options;
    return this.run('read', 'recv', options, (flags) => this.#recvInto(buffer, length, flags));
  }

  /**
   * Receives exactly `size` bytes. The time of {@link setTimeout} is that of all of them.
   *
   * @throws IncompleteReadError when the peer closes before; what came is its `partial`.
   * @throws as {@link recv}; what had come by then is lost.
   */
  recvExactly(size: number, options: WaitOptions = {}): Promise<Uint8Array> {
    let bytes: Uint8Array | undefined;
    let at = 0;
    return this.run('read', 'recv', options, (flags) => {
      checkSize('recvExactly', size);
      bytes ??= new Uint8Array(size);
      if (at < size) {
        const count = this.#recvInto(bytes.subarray(at), size - at, flags);
        if (count === WOULD_BLOCK) return WOULD_BLOCK;
        if (count === 0) throw new IncompleteReadError(size, bytes.slice(0, at));
        at += count;
      }
      // The kernel gave all that it had: the rest has to be waited for.
      return at < size ? WOULD_BLOCK : bytes;
    });
  }

  /**
   * Sends, and resolves to how many bytes the kernel took: at least one, maybe fewer than there are. See
   * send(2).
   *
   * @throws BrokenPipeError, ConnectionResetError, TimeoutError, BlockingIOError, SocketBusyError, ...
   */
  send(bytes: Uint8Array, options: SendOptions = {}): Promise<number> {
    return this.run('write', 'send', options, (flags) =>
      this.trySend(bytes, lengthOf(bytes), flags),
    );
  }

  /**
   * Sends all of `bytes`, which must not change until the promise settles. When it rejects, nobody can say
   * how many the peer got: the connection is of no use then. `SocketBusyError` alone sends nothing.
   *
   * @throws as {@link send}.
   */
  sendAll(bytes: Uint8Array, options: SendAllOptions = {}): Promise<void> {
    let rest = bytes;
    return this.run('write', 'send', options, (flags) => {
      checkBytes('sendAll', bytes);
      for (;;) {
        const count = this.trySend(rest, rest.length, flags);
        if (count === WOULD_BLOCK) return WOULD_BLOCK;
        rest = rest.subarray(count);
        options.onSent?.(count);
        if (rest.length === 0) return undefined;
        // The kernel took what it had room for. Who may wait does, and lets the others have their turn.
        if (!this.isImmediate('write', flags)) return WOULD_BLOCK;
      }
    });
  }

  /** A second socket for the same connection, with a descriptor of its own; both must be closed. See dup(2). */
  dup(): Socket<F> {
    const copy = this.own(duplicate(this.libc, this.descriptor('dup')));
    copy.setTimeout(this.getTimeout());
    return copy;
  }

  /** The connection as a file, with buffered reading and writing. Do not forget to flush. */
  makeFile(options?: SocketFileOptions): SocketFile {
    return new SocketFile(this, options);
  }

  /**
   * What comes, in chunks, until the peer has sent its last byte. The socket stays open.
   *
   * @example
   * ```ts
   * for await (const chunk of socket.chunks({ signal })) await socket.sendAll(chunk, { signal });
   * ```
   */
  chunks(options: ChunksOptions = NO_OPTIONS): AsyncIterableIterator<Uint8Array, undefined> {
    return new Chunks(this, options);
  }

  /** What comes, in chunks of up to 64 KiB: {@link chunks} without options. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array, undefined> {
    return this.chunks();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  protected override own(fd: number): Socket<F> {
    const { family, type, libc } = this;
    const { loop, clock } = this.surroundings;
    return new Socket({ family, type, fd, libc, loop, clock });
  }

  #nextChunk(options: ChunksOptions): Promise<Chunk> {
    return this.run('read', 'recv', options, (flags) => {
      const chunk = this.#recv(options.size ?? CHUNK, flags);
      if (chunk === WOULD_BLOCK) return WOULD_BLOCK;
      const isEnd = chunk.length === 0 && endsWithNothing(this.type);
      return isEnd ? { done: true, value: undefined } : { done: false, value: chunk };
    });
  }

  #recv(size: number, flags: number): Uint8Array | WouldBlock {
    const room = receiveRoom(size);
    const count = this.#recvInto(room, size, flags);
    return count === WOULD_BLOCK ? WOULD_BLOCK : copyOut(room, count);
  }

  #recvInto(buffer: Uint8Array, length: number, flags: number): number | WouldBlock {
    const count = this.tryRecvInto(buffer, length, flags);
    // Behind a datagram the next one may wait.
    if (length > 0) {
      this.drained = this.type === 'stream' && count !== WOULD_BLOCK && count < length;
    }
    return count;
  }

  async #bind(where: Where<F>, options: WaitOptions): Promise<void> {
    options.signal?.throwIfAborted();
    const place = withoutLookUp('bind', where);
    // An address is bound before the first await: whoever does not await finds it bound.
    const address = isAddress(place) ? place : await this.addressOf('bind', where, options);
    warnOfLoopbackName(where, address);
    super.bind(address as AddressOf<F>); // checked there
  }
}

/** The chunks of a socket. By hand and not as a generator, which costs more than the rest of a message. */
class Chunks implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #socket: Socket<Family>;
  readonly #options: ChunksOptions;

  constructor(socket: Socket<Family>, options: ChunksOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  next(): Promise<Chunk> {
    return nextChunk(this.#socket, this.#options);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
