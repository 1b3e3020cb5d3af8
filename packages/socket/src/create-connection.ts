/** A connected socket in one call; see socket.ts for what its calls do. */
import { isAddress, type Address, type Endpoint } from './address.ts';
import { connectTimeout, shareOf, type CreateConnectionOptions } from './create-options.ts';
import { InterruptedError } from './errors.ts';
import { openLibc } from './libc/library.ts';
import { resolveWaiting } from './resolve.ts';
import { Socket } from './socket.ts';

/**
 * Connects to the first address of `where` that answers, and blocks until it stands.
 *
 * @returns a socket with the time-out of the options; nothing stays open when it throws
 * @throws the error of the last address that was tried: ConnectionRefusedError, TimeoutError, ...
 * @throws NameResolutionError, InterruptedError
 *
 * @example
 * ```ts
 * using socket = createConnection({ host: 'localhost', port: 65432 }, { timeoutMs: 5000 });
 * ```
 */
export function createConnection(
  where: Address | Endpoint,
  options: CreateConnectionOptions = {},
): Socket {
  const { localAddress } = options;
  const timeoutMs = connectTimeout(options);
  const deadline = timeoutMs === null ? Infinity : performance.now() + timeoutMs;
  const addresses = isAddress('connect', where)
    ? [where]
    : resolveWaiting(openLibc(), where.host, where.port, options);
  let failure: unknown;
  for (const [index, address] of addresses.entries()) {
    const socket = new Socket({ family: address.family });
    try {
      if (localAddress !== undefined) socket.bind(localAddress);
      socket.setTimeout(shareOf(deadline, addresses.length - index));
      socket.connect(address);
      socket.setTimeout(timeoutMs);
      return socket;
    } catch (error) {
      socket.close();
      if (error instanceof InterruptedError) throw error;
      failure = error;
    }
  }
  throw failure;
}
