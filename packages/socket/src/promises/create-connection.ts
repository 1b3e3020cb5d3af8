/** A connected socket in one call, awaited. */
import type { Address, Endpoint } from '../address.ts';
import { connectTimeout, shareOf, type CreateConnectionOptions } from '../create-options.ts';
import { lookUp } from './look-up.ts';
import type { WaitOptions } from './options.ts';
import { Socket } from './socket.ts';

/**
 * Connects to the first address of `where` that answers.
 *
 * @returns a socket with the time-out of the options; nothing stays open when it rejects
 * @throws the error of the last address that was tried: ConnectionRefusedError, TimeoutError, ...
 * @throws NameResolutionError, the signal's reason
 *
 * @example
 * ```ts
 * await using socket = await createConnection({ host: 'localhost', port: 65432 }, { timeoutMs: 5000 });
 * ```
 */
export async function createConnection(
  where: Address | Endpoint,
  options: CreateConnectionOptions & WaitOptions = {},
): Promise<Socket> {
  const { localAddress, signal } = options;
  const timeoutMs = connectTimeout(options);
  const deadline = timeoutMs === null ? Infinity : performance.now() + timeoutMs;
  const addresses = await lookUp(where, { ...options, attempt: 'connect', timeoutMs });
  let failure: unknown;
  for (const [index, address] of addresses.entries()) {
    const socket = new Socket({ family: address.family });
    try {
      if (localAddress !== undefined) await socket.bind(localAddress, options);
      socket.setTimeout(shareOf(deadline, addresses.length - index));
      await socket.connect(address, options);
      socket.setTimeout(timeoutMs);
      return socket;
    } catch (error) {
      socket.close();
      signal?.throwIfAborted();
      failure = error;
    }
  }
  throw failure;
}
