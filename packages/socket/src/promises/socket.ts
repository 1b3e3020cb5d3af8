/**
 * Socket of the awaited face: the textbook's names, and nothing waits but who awaits.
 *
 * A call is tried at once. What would have to wait does so in the event loop (`readiness.ts`), together with
 * all other sockets of this thread. Two things keep a busy socket from costing too much:
 *
 * - A receive that got less than it had room for has emptied the kernel's queue: the next one does not ask
 *   again, it waits. Should more have come meanwhile, the loop says so in its next turn.
 * - Calls that succeed at once, again and again, would never let Node's loop run: after
 *   {@link STREAK_LIMIT} of them the next one goes through the loop.
 *
 * Long, because it is the whole list of calls: what each does is a few lines, what they share is `#run`. How they
 * wait is elsewhere.
 *
 * What never waits (`listen`, `shutdown`, options, addresses) is not a promise; to await it does no harm.
 */
import { acceptNext } from '../accept-next.ts';
import { duplicate } from '../adopt.ts';
import { formatAddress, isAddress, type Address, type Endpoint } from '../address.ts';
import { IncompleteReadError, SocketBusyError, systemError, TimeoutError } from '../errors.ts';
import { systemClock } from '../event-loop/clock.ts';
import { currentEventLoop } from '../event-loop/event-loop.ts';
import type { SocketFileOptions } from '../file/options.ts';
import { ERRNO } from '../libc/errno.ts';
import { WOULD_BLOCK, type WouldBlock } from '../libc/syscall.ts';
import { warnOfLoopbackName } from '../loopback-name.ts';
import { flagBits, neverWaits, type ReceiveFlag, type SendFlag } from '../message-flags.ts';
import { checkSize, copyOut, receiveRoom } from '../receive-room.ts';
import type { Accepted } from '../socket-descriptor.ts';
import { isUnderWay, wouldBlock } from '../socket-mode.ts';
import { preparedDescriptor } from '../socket.ts';
import { TimedSocket } from '../timed-socket.ts';
import { forgetUnclosed, watchUnclosed } from '../unclosed.ts';
import { lookUp } from './look-up.ts';
import type {
  ChunksOptions,
  ReceiveIntoOptions,
  ReceiveOptions,
  SendAllOptions,
  SendOptions,
  SocketOptions,
  WaitOptions,
} from './options.ts';
import { Readiness, type Direction } from './readiness.ts';
import { SocketFile } from './socket-file.ts';

/** How many bytes iterating over a socket receives at once, unless told. */
const CHUNK = 64 * 1024;

/** What a call is told that is told nothing. */
const NO_OPTIONS: ChunksOptions = {};

/** How many calls in a row may succeed at once: 16 chunks are a megabyte, a fraction of a millisecond. */
const STREAK_LIMIT = 16;

/** The calls that wait, and what each is, of which there is one at a time. */
const EXCLUSIVE = { accept: 'accept', connect: 'connect', recv: 'receive', send: 'send' } as const;
type Attempt = keyof typeof EXCLUSIVE;

/** What iterating over a socket gives. */
type Chunk = IteratorResult<Uint8Array, undefined>;

/** The way to the private method of a socket, for {@link Chunks}. */
let nextChunk: (socket: Socket, options: ChunksOptions) => Promise<Chunk>;

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
export class Socket extends TimedSocket {
  static {
    nextChunk = (socket, options) => socket.#nextChunk(options);
  }

  readonly #readiness: Readiness;
  /** Whether the last receive emptied the kernel's queue. */
  #drained = false;
  /** How many calls in a row succeeded at once. */
  #streak = 0;

  /**
   * Opens a socket, or takes one over; see socket(2).
   *
   * @throws ResourceExhaustedError, UnsupportedError, BadDescriptorError ...
   * @throws UnsupportedPlatformError where there are no native sockets.
   */
  constructor(options: SocketOptions = {}) {
    // The loop first: when it cannot be made, no descriptor is open yet.
    const { loop = currentEventLoop(), clock = systemClock } = options;
    super(preparedDescriptor(options));
    const { family, type, libc } = this;
    this.#readiness = new Readiness({ family, type, libc, fd: this.fileno() }, loop, clock);
    watchUnclosed(this, this.#readiness);
  }

  /**
   * Gives the socket its local address; an empty host means all interfaces, port 0 lets the kernel choose.
   * See bind(2).
   *
   * @throws AddressInUseError, AddressNotAvailableError, PermissionError, NameResolutionError
   */
  // oxlint-disable-next-line typescript/no-misused-promises -- an address is bound at once, as by the class below
  override bind(where: Address | Endpoint, options: WaitOptions = {}): Promise<void> {
    return this.#bind(where, options);
  }

  /**
   * Connects. See connect(2).
   *
   * @throws ConnectionRefusedError, UnreachableError, NameResolutionError, ...
   * @throws TimeoutError after the kernel's own time, or that of {@link setTimeout}; the signal's reason.
   * After either of the latter two the socket still tries: close it.
   */
  async connect(where: Address | Endpoint, options: WaitOptions = {}): Promise<void> {
    const address = await this.#resolve('connect', where, options);
    const errno = await this.#connect(address, options);
    if (errno !== 0) throw systemError('connect', errno, formatAddress(address));
  }

  /**
   * Connects, and returns the error number instead of throwing: 0 when the connection stands, EINPROGRESS
   * (115) in non-blocking mode, ETIMEDOUT (110) when the time is over.
   *
   * @throws NameResolutionError, the signal's reason, and TypeError or RangeError for what is no address.
   */
  async connectEx(where: Address | Endpoint, options: WaitOptions = {}): Promise<number> {
    const address = await this.#resolve('connect', where, options);
    try {
      return await this.#connect(address, options);
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
  accept(options: WaitOptions = {}): Promise<Accepted<Socket>> {
    return this.#run('read', 'accept', options, () => acceptNext(() => this.tryAccept()));
  }

  override tryAccept(): Accepted<Socket> | WouldBlock {
    // What accept makes is what `own` below makes.
    return super.tryAccept() as Accepted<Socket> | WouldBlock;
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
    if (size === 0) this.#drained = false; // nothing is there at once
    return this.#run('read', 'recv', options, (flags) => this.#recv(size, flags));
  }

  /**
   * Receives into the beginning of `buffer` and resolves to how many bytes came, 0 when the peer has sent
   * its last.
   *
   * @throws as {@link recv}; RangeError when `buffer` is shorter than the length.
   */
  recvInto(buffer: Uint8Array, options: ReceiveIntoOptions = {}): Promise<number> {
    if (options.length === 0) this.#drained = false;
    // As it is now: a buffer that is taken away while this waits has none later, which would look like the end.
    const { length = lengthOf(buffer) } = options;
    return this.#run('read', 'recv', options, (flags) => this.#recvInto(buffer, length, flags));
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
    return this.#run('read', 'recv', options, (flags) => {
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
    return this.#run('write', 'send', options, (flags) => this.trySend(bytes, bytes.length, flags));
  }

  /**
   * Sends all of `bytes`, which must not change until the promise settles. When it rejects, nobody can say
   * how many the peer got: the connection is of no use then. `SocketBusyError` alone sends nothing.
   *
   * @throws as {@link send}.
   */
  sendAll(bytes: Uint8Array, options: SendAllOptions = {}): Promise<void> {
    let rest = bytes;
    return this.#run('write', 'send', options, (flags) => {
      for (;;) {
        const count = this.trySend(rest, rest.length, flags);
        if (count === WOULD_BLOCK) return WOULD_BLOCK;
        rest = rest.subarray(count);
        options.onSent?.(count);
        if (rest.length === 0) return undefined;
        // The kernel took what it had room for. Who may wait does, and lets the others have their turn.
        if (!this.#isImmediate('write', flags)) return WOULD_BLOCK;
      }
    });
  }

  /** A second socket for the same connection, with a descriptor of its own; both must be closed. See dup(2). */
  dup(): Socket {
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

  /** As in the face that blocks. Calls that wait fail with `SocketClosedError`. */
  protected override release(): number {
    this.#readiness.release();
    forgetUnclosed(this);
    return super.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  protected override own(fd: number): Socket {
    const { family, type, libc } = this;
    const { loop, clock } = this.#readiness;
    return new Socket({ family, type, fd, libc, loop, clock });
  }

  #nextChunk(options: ChunksOptions): Promise<Chunk> {
    return this.#run('read', 'recv', options, (flags) => {
      const chunk = this.#recv(options.size ?? CHUNK, flags);
      if (chunk === WOULD_BLOCK) return WOULD_BLOCK;
      // An empty datagram is one like any other.
      const isEnd = chunk.length === 0 && this.type === 'stream';
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
      this.#drained = this.type === 'stream' && count !== WOULD_BLOCK && count < length;
    }
    return count;
  }

  async #bind(where: Address | Endpoint, options: WaitOptions): Promise<void> {
    options.signal?.throwIfAborted();
    if (isAddress('bind', where)) {
      super.bind(where);
      return;
    }
    const address = await this.#resolve('bind', where, options);
    warnOfLoopbackName(where.host, address);
    super.bind(address);
  }

  async #connect(address: Address, options: WaitOptions): Promise<number> {
    this.#checkBusy('write', 'connect');
    const errno = this.tryConnectEx(address);
    if (!isUnderWay(errno)) return errno;
    if (this.getTimeout() === 0) return errno === ERRNO.EINTR ? ERRNO.EINPROGRESS : errno;
    return this.#readiness.wait('write', {
      attempt: 'connect',
      call: () => this.tryFinishConnect(address),
      flags: 0,
      address: formatAddress(address),
      timeoutMs: this.getTimeout(),
      signal: options.signal,
    });
  }

  /** Tries `call`, and waits where it would have to. Whatever is wrong, the promise rejects. */
  #run<T>(
    direction: Direction,
    attempt: Attempt,
    options: ReceiveOptions | SendOptions,
    call: (flags: number) => T | WouldBlock,
  ): Promise<T> {
    try {
      const { signal } = options;
      const flags = flagBits<ReceiveFlag | SendFlag>(options.flags);
      signal?.throwIfAborted();
      this.#checkBusy(direction, attempt);
      const isImmediate = this.#isImmediate(direction, flags);
      if (isImmediate && this.#streak >= STREAK_LIMIT) {
        this.#streak = 0;
        return afterOthers(() => this.#run(direction, attempt, options, call));
      }
      if (isImmediate || !this.#isDue(direction)) {
        this.#streak++; // before the call: one that fails counts, too
        const result = call(flags);
        if (result !== WOULD_BLOCK) return Promise.resolve(result);
        if (isImmediate) throw wouldBlock(attempt);
      }
      this.#streak = 0;
      this.descriptor(attempt);
      const timeoutMs = this.getTimeout();
      return this.#readiness.wait(direction, { attempt, call, flags, timeoutMs, signal });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #checkBusy(direction: Direction, attempt: Attempt): void {
    const waiting = this.#readiness.waiting(direction);
    if (waiting === undefined) return;
    // Only the calls of this class wait there.
    throw new SocketBusyError(attempt, EXCLUSIVE[waiting as Attempt]);
  }

  /** Whether a call may not wait. */
  #isImmediate(direction: Direction, flags: number): boolean {
    return this.getTimeout() === 0 || neverWaits(flags, direction);
  }

  /** Whether it is time to wait without asking first. */
  #isDue(direction: Direction): boolean {
    if (this.#streak >= STREAK_LIMIT) return true;
    return direction === 'read' && (this.#drained || this.#readiness.isConnecting);
  }

  async #resolve(
    attempt: string,
    where: Address | Endpoint,
    { signal }: WaitOptions,
  ): Promise<Address> {
    this.descriptor(attempt);
    const [address] = await lookUp(where, {
      attempt,
      family: this.family,
      // Non-blocking mode is about the socket: a look-up takes its time.
      timeoutMs: this.getTimeout() || null,
      clock: this.#readiness.clock,
      signal,
    });
    // The socket may have been closed meanwhile, or the signal given.
    this.descriptor(attempt);
    signal?.throwIfAborted();
    return address;
  }
}

/** The length of a buffer; 0 for what is none, which is refused when it is used. */
function lengthOf(buffer: Uint8Array | undefined): number {
  return buffer?.length ?? 0;
}

/** Calls `call` when everybody else in this thread has had his turn. */
function afterOthers<T>(call: () => Promise<T>): Promise<T> {
  return new Promise<void>((resolve) => setImmediate(resolve)).then(call);
}

/** The chunks of a socket. By hand and not as a generator, which costs more than the rest of a message. */
class Chunks implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #socket: Socket;
  readonly #options: ChunksOptions;

  constructor(socket: Socket, options: ChunksOptions) {
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
