/**
 * listenAt: from a place to a listener, the file of a Unix socket included.
 */
import type { Address, Endpoint, Family } from '../address/address.ts';
import { SocketDescriptor } from '../descriptor/socket-descriptor.ts';
import { BoundFile } from '../listening/bound-file.ts';
import { prepareToListen } from '../listening/prepare-to-listen.ts';
import { resolve } from '../names/resolve.ts';
import { Listener, type ListenerHandler, type ListenerOptions } from './listener.ts';

/** Options of {@link listenAt}. */
export interface ListenAtOptions extends ListenerOptions {
  /** Sets options of the listening socket, before it listens: connections that it accepts inherit those of TCP. */
  readonly prepare?: (socket: SocketDescriptor<Family>) => void;
}

/**
 * Listens at the first address of `endpoint`. A file that a server left behind at a path is removed, if nobody
 * listens there, and so is the new one when the listener is closed, unless somebody has put another in its place.
 *
 * @throws AddressInUseError, AddressNotAvailableError, PermissionError, NameResolutionError; nothing is left then.
 *
 * @example
 * ```ts
 * const listener = await listenAt({ host: '127.0.0.1', port: 0 }, {
 *   onConnection: ({ socket }) => serve(socket),
 *   onError: (error) => console.error(error.message),
 * });
 * ```
 */
export async function listenAt(
  endpoint: Endpoint,
  handler: ListenerHandler<Family>,
  options: ListenAtOptions = {},
): Promise<Listener<Family>> {
  const address = await addressOf(endpoint);
  const socket = new SocketDescriptor<Family>({ family: address.family });
  let file: BoundFile | undefined;
  try {
    prepareToListen(socket, address);
    options.prepare?.(socket);
    socket.bind(address);
    file = BoundFile.of(address);
    socket.listen();
    return new FileListener({ socket, file }, handler, options);
  } catch (error) {
    file?.remove();
    socket.close();
    throw error;
  }
}

async function addressOf(endpoint: Endpoint): Promise<Address> {
  if ('path' in endpoint) return { family: 'unix', path: endpoint.path };
  const [address] = await resolve(endpoint.host, endpoint.port);
  return address;
}

/** A listener that takes its file away when it is closed, also when it closes itself because it is broken. */
class FileListener extends Listener<Family> {
  readonly #file: BoundFile | undefined;

  constructor(
    bound: { readonly socket: SocketDescriptor<Family>; readonly file: BoundFile | undefined },
    handler: ListenerHandler<Family>,
    options: ListenerOptions,
  ) {
    super(bound.socket, handler, options);
    this.#file = bound.file;
  }

  override close(): void {
    this.#file?.remove();
    super.close();
  }
}
