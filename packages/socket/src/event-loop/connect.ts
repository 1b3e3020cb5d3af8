/**
 * Connecting without blocking: start, wait until writable, ask how it went.
 */
import { formatAddress, type AddressOf, type Family } from '../address/address.ts';
import { systemError } from '../errors.ts';
import { ERRNO } from '../libc/errno.ts';
import type { Libc } from '../libc/libc.ts';
import { isUnderWay } from '../socket-mode.ts';
import { SocketDescriptor } from '../descriptor/socket-descriptor.ts';
import { whenAborted } from './abort-listeners.ts';
import { systemClock, type Clock } from './clock.ts';
import { currentEventLoop, type EventLoop } from './event-loop.ts';
import { whenConnected, type ConnectHandler } from './when-connected.ts';

/** 10 s: three SYN retransmissions of Linux (after 1, 3 and 7 s) and a little patience. */
export const CONNECT_TIMEOUT_MS = 10_000;

/** Options of {@link connect}. */
export interface ConnectOptions {
  /** How long to try; 10 s unless told. */
  readonly timeoutMs?: number;
  /** Gives the attempt up; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly loop?: EventLoop;
  readonly clock?: Clock;
  readonly libc?: Libc;
}

/**
 * Connects to one address.
 *
 * @returns a connected socket, which the caller owns; nothing stays open when it rejects
 * @throws ConnectionRefusedError, TimeoutError (also after `timeoutMs`), UnreachableError, ...
 * @throws RangeError when `timeoutMs` is no number, or negative; the reason of the signal.
 *
 * @example
 * ```ts
 * const socket = await connect({ family: 'inet', host: '127.0.0.1', port: 65432 });
 * ```
 */
export async function connect<F extends Family>(
  address: AddressOf<F> & { readonly family: F },
  options: ConnectOptions = {},
): Promise<SocketDescriptor<F>> {
  options.signal?.throwIfAborted();
  const socket = new SocketDescriptor<F>({
    family: address.family,
    ...(options.libc === undefined ? {} : { libc: options.libc }),
  });
  try {
    const errno = await attempt(socket, address, options);
    if (errno !== 0) throw systemError('connect', errno, formatAddress(address));
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** Resolves to the error number that the attempt ended with. */
function attempt<F extends Family>(
  socket: SocketDescriptor<F>,
  address: AddressOf<F>,
  options: ConnectOptions,
): Promise<number> {
  const errno = socket.tryConnectEx(address);
  return isUnderWay(errno) ? decided(socket, address, options) : Promise.resolve(errno);
}

/** Resolves when the kernel has decided, or the time is over. */
function decided<F extends Family>(
  socket: SocketDescriptor<F>,
  address: AddressOf<F>,
  options: ConnectOptions,
): Promise<number> {
  const { signal, loop = currentEventLoop(), clock = systemClock } = options;
  return new Promise((resolve, reject) => {
    // The timer first: should either of the two be impossible, the other is not left behind.
    const timer = clock.after(options.timeoutMs ?? CONNECT_TIMEOUT_MS, () =>
      finish(() => resolve(ERRNO.ETIMEDOUT)),
    );
    let stopWaiting: (() => void) | undefined;
    let ignoreSignal: (() => void) | undefined;

    function finish(settle: () => void): void {
      stopWaiting?.();
      timer.cancel();
      ignoreSignal?.();
      settle();
    }

    try {
      const handler: ConnectHandler = {
        onDecided: (errno) => finish(() => resolve(errno)),
        onLost: (error) => finish(() => reject(error)),
      };
      stopWaiting = whenConnected(loop, { socket, address }, handler);
      ignoreSignal = signal && whenAborted(signal, () => finish(() => reject(signal.reason)));
    } catch (error) {
      finish(() => reject(error));
    }
  });
}
