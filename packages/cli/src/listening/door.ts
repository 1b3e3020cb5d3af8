/**
 * Door: where connections come in, and no more than may be inside at once.
 *
 * When it is full it accepts nothing until one has left: others wait in the kernel's backlog, where their peers take
 * them as made.
 */
import type {
  Accepted,
  Address,
  Endpoint,
  Family,
  SocketDescriptor,
  SystemError,
} from '@wireline/socket';
import { listenAt } from '@wireline/socket/event-loop';

/** Who stands behind a door. */
export interface Host {
  /** The most that may be inside at once. */
  readonly maxConnections: number;
  /** A connection came; the socket is yours. Say {@link Door.left} when it is over. */
  onConnection(accepted: Accepted<SocketDescriptor<Family>, Address>): void;
  /** As many are inside as may be. */
  onFull(connections: number): void;
  /** Nothing is accepted for want of descriptors or memory. */
  onStarved(error: SystemError): void;
  onRecovered(): void;
}

/** A place where connections come in; made by {@link openDoor}. */
export interface Door {
  /** Where it is: with the kernel's choice where port 0 was asked for. */
  readonly address: Address;
  /** Rejects when the listening socket breaks. */
  readonly broken: Promise<never>;
  /** One of those inside is over. */
  left(): void;
  /** Lets nobody in any more; a Unix socket's file goes. Calling it again does nothing. */
  close(): void;
}

/**
 * Listens at the first address of `endpoint`.
 *
 * @throws AddressInUseError, AddressNotAvailableError, PermissionError, NameResolutionError; nothing is left then.
 */
export async function openDoor(endpoint: Endpoint, host: Host): Promise<Door> {
  let inside = 0;
  let breakDown: (error: SystemError) => void = () => {};
  const broken = new Promise<never>((_resolve, reject) => {
    breakDown = reject;
  });
  broken.catch(() => {}); // whoever is interested awaits it later
  const listener = await listenAt(endpoint, {
    onConnection(accepted) {
      inside += 1;
      host.onConnection(accepted);
      if (inside < host.maxConnections) return;
      listener.pause();
      host.onFull(inside);
    },
    onStarved: (error) => host.onStarved(error),
    onRecovered: () => host.onRecovered(),
    onError: (error) => breakDown(error),
  });
  return {
    address: listener.address,
    broken,
    left() {
      inside -= 1;
      listener.resume();
      listener.descriptorFreed();
    },
    close: () => listener.close(),
  };
}
