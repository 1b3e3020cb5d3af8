/**
 * The native network: sockets of the operating system's on this thread's event loop.
 */
import type { ReceiveBuffer, SendBuffer } from '@wireline/framing/decoder';
import {
  ConnectionFailedError,
  flagBits,
  formatEndpoint,
  mostConnections,
  resolve,
  SystemError,
  WOULD_BLOCK,
  type Address,
  type Family,
  type InternetEndpoint,
  type SocketDescriptor,
  type UnixEndpoint,
  type WouldBlock,
} from '@wireline/socket';
import {
  connect,
  CONNECT_TIMEOUT_MS,
  connectFirst,
  currentEventLoop,
  listenAt,
  withDeadline,
  type EventLoop,
  type Interest,
  type ReadinessHandler,
  type Registration,
  type TurnTask,
} from '@wireline/socket/event-loop';
import { ConnectError } from '../errors.ts';
import type { Network, NetworkConnectOptions } from '../network.ts';
import type { Transport } from '../transport.ts';
import { KEEP_ALIVE } from './keep-alive.ts';

const MORE = flagBits('MSG_MORE');

/** A connected socket as a {@link Transport}. */
export class NativeTransport implements Transport {
  readonly remoteAddress: Address;
  readonly #socket: SocketDescriptor<Family>;
  readonly #loop: EventLoop;
  #registration: Registration | undefined;

  /** @param socket connected; the transport owns it from here on */
  constructor(
    socket: SocketDescriptor<Family>,
    remoteAddress: Address,
    loop: EventLoop = currentEventLoop(),
  ) {
    this.#socket = socket;
    this.remoteAddress = remoteAddress;
    this.#loop = loop;
  }

  start(owner: ReadinessHandler, interest: Interest): void {
    try {
      this.#registration = this.#loop.register(this.#socket.fileno(), interest, owner);
    } catch (error) {
      this.#socket.close();
      throw error;
    }
  }

  waitFor(interest: Interest): void {
    this.#registration?.modify(interest);
  }

  receive(buffer: ReceiveBuffer): number | WouldBlock {
    const space = buffer.beginReceive(this.#loop.receiveBuffer);
    const count = this.#socket.tryRecvInto(space);
    if (count !== WOULD_BLOCK) buffer.endReceive(count);
    return count;
  }

  send(buffer: SendBuffer, follows?: 'more' | 'nothing'): number | WouldBlock {
    const { bytes, start, end } = buffer;
    const flags = follows === 'more' ? MORE : 0;
    const taken =
      start === 0
        ? this.#socket.trySend(bytes, end, flags)
        : this.#socket.trySend(bytes.subarray(start, end), end - start, flags);
    if (taken !== WOULD_BLOCK) buffer.consume(taken);
    return taken;
  }

  endOutput(): void {
    this.#socket.shutdown('write');
  }

  close(): void {
    this.#registration?.unregister();
    this.#socket.close();
  }

  abort(): void {
    try {
      if (this.#socket.family !== 'unix' && !this.#socket.closed) {
        this.#socket.setsockopt('SO_LINGER', 0);
      }
    } finally {
      this.close();
    }
  }

  atEndOfTurn(task: TurnTask): void {
    this.#loop.atEndOfTurn(task);
  }
}

/** The operating system's network. */
export const nativeNetwork: Network = {
  capacity: () => mostConnections(),

  listen(endpoint, handler, clock) {
    return listenAt(
      endpoint,
      {
        onConnection: ({ socket, address }) =>
          handler.onTransport(new NativeTransport(socket, address)),
        onStarved: (error) => handler.onStarved(error),
        onRecovered: () => handler.onRecovered(),
        onError: (error) => handler.onError(error),
      },
      { clock, prepare },
    );
  },

  connect(endpoint, options) {
    return 'path' in endpoint ? connectUnix(endpoint, options) : connectNative(endpoint, options);
  },
};

/** Sets what connections of TCP need; accepted ones inherit it from their listener. */
function prepare(socket: SocketDescriptor<Family>): void {
  if (socket.family === 'unix') return;
  // Answers are gathered here, one send a turn; Nagle's algorithm would only hold them back.
  socket.setsockopt('TCP_NODELAY', true);
  socket.setsockopt('SO_KEEPALIVE', true);
  socket.setsockopt('TCP_KEEPIDLE', KEEP_ALIVE.idleSeconds);
  socket.setsockopt('TCP_KEEPINTVL', KEEP_ALIVE.intervalSeconds);
  socket.setsockopt('TCP_KEEPCNT', KEEP_ALIVE.count);
}

/** A socket that was connected from here, prepared. */
function connected(socket: SocketDescriptor<Family>, address: Address): NativeTransport {
  try {
    prepare(socket);
  } catch (error) {
    socket.close();
    throw error;
  }
  return new NativeTransport(socket, address);
}

/** A Unix socket is connected at once or not at all. */
async function connectUnix(
  endpoint: UnixEndpoint,
  options: NetworkConnectOptions,
): Promise<NativeTransport> {
  const address = { family: 'unix', path: endpoint.path } as const; // the family, not any text
  try {
    return connected(await connect(address, options), address);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof SystemError)) throw error;
    throw new ConnectError(formatEndpoint(endpoint), [error]);
  }
}

/**
 * Tries the addresses of the host until one answers, in turns of their families and each a little after the one
 * before (RFC 8305). One time-out holds for all of it, the look-up of the name included.
 */
async function connectNative(
  endpoint: InternetEndpoint,
  options: NetworkConnectOptions,
): Promise<NativeTransport> {
  const { clock, timeoutMs = CONNECT_TIMEOUT_MS, signal } = options;
  const target = formatEndpoint(endpoint);
  const startedAt = clock.now();
  const addresses = await withDeadline(resolve(endpoint.host, endpoint.port), {
    clock,
    timeoutMs,
    signal,
    onTimeout: () => lookUpTooLong(endpoint, timeoutMs),
  });
  try {
    const plan = { target, startedAt, timeoutMs, signal, clock };
    const { socket, address } = await connectFirst(addresses, plan);
    return connected(socket, address);
  } catch (error) {
    if (error instanceof SystemError) throw new ConnectError(target, [error]);
    if (!(error instanceof ConnectionFailedError)) throw error;
    if (error.errors.length === 0) throw lookUpTooLong(endpoint, timeoutMs);
    throw new ConnectError(target, error.errors);
  }
}

function lookUpTooLong(endpoint: InternetEndpoint, timeoutMs: number): ConnectError {
  return new ConnectError(formatEndpoint(endpoint), [
    new Error(`resolve ${endpoint.host}: no answer within ${timeoutMs} ms (connectTimeoutMs)`),
  ]);
}
