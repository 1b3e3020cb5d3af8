/**
 * The native network: sockets of the operating system's on this thread's event loop.
 */
import type { ReceiveBuffer, SendBuffer } from '@wireline/framing';
import {
  descriptorLimit,
  formatEndpoint,
  resolve,
  SocketDescriptor,
  SystemError,
  WOULD_BLOCK,
  type Accepted,
  type Address,
  type Endpoint,
  type WouldBlock,
} from '@wireline/socket';
import {
  connect,
  CONNECT_TIMEOUT_MS,
  currentEventLoop,
  Listener,
  withDeadline,
  type EventLoop,
  type Interest,
  type ReadinessHandler,
  type Registration,
  type TurnTask,
} from '@wireline/socket/event-loop';
import { ConnectError } from '../errors.ts';
import type { AcceptHandler, Network, NetworkConnectOptions } from '../network.ts';
import type { Transport } from '../transport.ts';

/**
 * Descriptors kept back from connections: Node opens some 25 for itself, and a program has files to read
 * and names to look up.
 */
const RESERVED_DESCRIPTORS = 64;

/** A connected socket as a {@link Transport}. */
export class NativeTransport implements Transport {
  readonly remoteAddress: Address;
  readonly #socket: SocketDescriptor;
  readonly #loop: EventLoop;
  #registration: Registration | undefined;

  /**
   * @param socket connected; the transport owns it from here on
   * @throws SystemError when the connection is gone already; the socket is closed then.
   */
  constructor(
    socket: SocketDescriptor,
    remoteAddress: Address,
    loop: EventLoop = currentEventLoop(),
  ) {
    this.#socket = socket;
    this.remoteAddress = remoteAddress;
    this.#loop = loop;
    try {
      // Answers are gathered here, one send a turn; Nagle's algorithm would only hold them back.
      socket.setsockopt('TCP_NODELAY', true);
    } catch (error) {
      socket.close();
      throw error;
    }
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

  send(buffer: SendBuffer): number | WouldBlock {
    const { bytes, start, end } = buffer;
    const taken =
      start === 0
        ? this.#socket.trySend(bytes, end)
        : this.#socket.trySend(bytes.subarray(start, end));
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

  atEndOfTurn(task: TurnTask): void {
    this.#loop.atEndOfTurn(task);
  }
}

/** The operating system's network. */
export const nativeNetwork: Network = {
  capacity,

  async listen(endpoint, handler, clock) {
    const socket = await openListening(endpoint);
    try {
      return new Listener(
        socket,
        {
          onConnection: (accepted) => passOn(accepted, handler),
          onStarved: (error) => handler.onStarved(error),
          onRecovered: () => handler.onRecovered(),
          onError: (error) => handler.onError(error),
        },
        { clock },
      );
    } catch (error) {
      socket.close();
      throw error;
    }
  },
  connect: connectNative,
};

/** What the descriptor limit allows, less a reserve; of a very small limit half. */
function capacity(): number {
  const limit = descriptorLimit();
  return Math.max(limit - Math.min(RESERVED_DESCRIPTORS, Math.floor(limit / 2)), 1);
}

function passOn({ socket, address }: Accepted, handler: AcceptHandler): void {
  let transport: Transport;
  try {
    transport = new NativeTransport(socket, address);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    handler.onAcceptFailed(address, error);
    return;
  }
  handler.onTransport(transport);
}

async function openListening(endpoint: Endpoint): Promise<SocketDescriptor> {
  const [address] = await resolve(endpoint.host, endpoint.port);
  const socket = new SocketDescriptor({ family: address.family });
  try {
    // A restarted server must not wait for the old connections' TIME_WAIT to pass.
    socket.setsockopt('SO_REUSEADDR', true);
    // All interfaces means those of IPv4 too, whatever the system's default is.
    if (address.host === '::') socket.setsockopt('IPV6_V6ONLY', false);
    socket.bind(address);
    socket.listen();
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/**
 * Tries one address after the other. One time-out holds for all of it, the look-up of the name included;
 * each address gets an equal share of what is left.
 */
async function connectNative(
  endpoint: Endpoint,
  options: NetworkConnectOptions,
): Promise<NativeTransport> {
  const { clock, timeoutMs = CONNECT_TIMEOUT_MS, signal } = options;
  const target = formatEndpoint(endpoint);
  const deadline = clock.now() + timeoutMs;
  const addresses = await withDeadline(resolve(endpoint.host, endpoint.port), {
    clock,
    timeoutMs,
    signal,
    onTimeout: () =>
      new ConnectError(target, [
        new Error(`resolve ${endpoint.host}: no answer within ${timeoutMs} ms (connectTimeoutMs)`),
      ]),
  });
  const failures: Error[] = [];
  for (const [index, address] of addresses.entries()) {
    const share = Math.max((deadline - clock.now()) / (addresses.length - index), 1);
    try {
      const socket = await connect(address, { ...options, timeoutMs: share });
      return new NativeTransport(socket, address);
    } catch (error) {
      signal?.throwIfAborted();
      failures.push(error instanceof Error ? error : new Error(String(error)));
    }
  }
  throw new ConnectError(target, failures);
}
