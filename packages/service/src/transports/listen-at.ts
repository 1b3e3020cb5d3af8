/**
 * Listening sockets of the operating system's, and the files that those of Unix make.
 */
import {
  prepareToListen,
  resolve,
  SocketDescriptor,
  type Address,
  type Endpoint,
  type Family,
} from '@wireline/socket';
import { Listener, type Clock, type ListenerHandler } from '@wireline/socket/event-loop';
import { BoundFile } from './bound-file.ts';

/**
 * Listens at the first address of `endpoint`.
 *
 * @throws AddressInUseError, AddressNotAvailableError, PermissionError, NameResolutionError; nothing is left then.
 */
export async function listenAt(
  endpoint: Endpoint,
  handler: ListenerHandler<Family>,
  clock: Clock,
): Promise<Listener<Family>> {
  const address = await addressOf(endpoint);
  const socket = new SocketDescriptor<Family>({ family: address.family });
  let file: BoundFile | undefined;
  try {
    prepareToListen(socket, address);
    socket.bind(address);
    file = BoundFile.of(address);
    socket.listen();
    return new FileListener(socket, handler, { clock, file });
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
    socket: SocketDescriptor<Family>,
    handler: ListenerHandler<Family>,
    { clock, file }: { readonly clock: Clock; readonly file: BoundFile | undefined },
  ) {
    super(socket, handler, { clock });
    this.#file = file;
  }

  override close(): void {
    this.#file?.remove();
    super.close();
  }
}
