/**
 * The native transport: a socket of the operating system's on this thread's event loop.
 */
import type { ReceiveBuffer } from '@wireline/framing';
import { resolve, Socket, WOULD_BLOCK, type Address, type WouldBlock } from '@wireline/socket';
import {
  connect,
  CONNECT_TIMEOUT_MS,
  currentEventLoop,
  type ConnectOptions,
  type EventLoop,
  type Interest,
  type ReadinessHandler,
  type Registration,
  type TurnTask,
} from '@wireline/socket/event-loop';
import { formatEndpoint, type Endpoint } from '../endpoint.ts';
import { ConnectError } from '../errors.ts';
import type { Transport } from '../transport.ts';

/** A connected socket as a {@link Transport}. */
export class NativeTransport implements Transport {
  readonly remoteAddress: Address;
  readonly #socket: Socket;
  readonly #loop: EventLoop;
  #registration: Registration | undefined;

  /** @param socket connected; the transport owns it from here on */
  constructor(socket: Socket, remoteAddress: Address, loop: EventLoop = currentEventLoop()) {
    this.#socket = socket;
    this.remoteAddress = remoteAddress;
    this.#loop = loop;
    // Answers are gathered here, one send a turn; Nagle's algorithm would only hold them back.
    socket.setsockopt('TCP_NODELAY', true);
  }

  get localAddress(): Address {
    return this.#socket.getsockname();
  }

  start(owner: ReadinessHandler, interest: Interest): void {
    this.#registration = this.#loop.register(this.#socket.fileno(), interest, owner);
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

  send(bytes: Uint8Array): number | WouldBlock {
    return this.#socket.trySend(bytes);
  }

  endOutput(): void {
    this.#socket.shutdown('write');
  }

  close(): void {
    this.#registration?.unregister();
    this.#socket.close();
  }

  atEndOfTurn(task: TurnTask): void {
    this.#loop.atEndOfTurn(task);
  }
}

/** Opens a socket that listens at the first address of `endpoint`. */
export async function listenNative(endpoint: Endpoint, backlog?: number): Promise<Socket> {
  const [address] = await resolve(endpoint.host, endpoint.port);
  const socket = new Socket({ family: address.family });
  try {
    // A restarted server must not wait for the old connections' TIME_WAIT to pass.
    socket.setsockopt('SO_REUSEADDR', true);
    socket.bind(address);
    socket.listen(backlog);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/**
 * Connects to the first address of `endpoint` that answers, trying one after the other within one
 * time-out.
 *
 * @throws ConnectError that says what was tried and how each attempt ended.
 */
export async function connectNative(
  endpoint: Endpoint,
  options: ConnectOptions = {},
): Promise<NativeTransport> {
  const deadline = performance.now() + (options.timeoutMs ?? CONNECT_TIMEOUT_MS);
  const failures: Error[] = [];
  for (const address of await resolve(endpoint.host, endpoint.port)) {
    const timeoutMs = Math.max(deadline - performance.now(), 1);
    try {
      const socket = await connect(address, { ...options, timeoutMs });
      return new NativeTransport(socket, address, options.loop);
    } catch (error) {
      options.signal?.throwIfAborted();
      failures.push(error instanceof Error ? error : new Error(String(error)));
    }
  }
  throw new ConnectError(formatEndpoint(endpoint), failures);
}
