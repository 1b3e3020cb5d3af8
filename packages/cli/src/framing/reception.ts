/**
 * Reception: a door for one connection. Behind the first one it is closed: whoever comes later is refused at once, and
 * the file of a Unix socket is gone.
 */
import { formatAddress, type Address, type Endpoint, type Family } from '@wireline/socket';
import { Socket } from '@wireline/socket/promises';
import { openDoor, type Door } from '../listening/door.ts';

/** The one who came. */
export interface Visitor {
  readonly socket: Socket<Family>;
  /** Its address, as people write it. */
  readonly peer: string;
}

/** How long one waits for a visitor, and who hears of trouble. */
export interface ReceptionOptions {
  /** Says that nothing is accepted for want of descriptors or memory. */
  readonly onStarved: (error: Error) => void;
}

/** Where one connection comes in; closed again when it is disposed of, visitor included. */
export class Reception implements Disposable {
  readonly #door: Door;
  readonly #visitor: Promise<Visitor>;
  #socket: Socket<Family> | undefined;

  private constructor(door: Door, visitor: Promise<Visitor>) {
    this.#door = door;
    this.#visitor = visitor;
  }

  /**
   * Listens at the first address of `endpoint`.
   *
   * @throws AddressInUseError, AddressNotAvailableError, PermissionError, NameResolutionError; nothing is left then.
   */
  static async open(endpoint: Endpoint, { onStarved }: ReceptionOptions): Promise<Reception> {
    let greet: (visitor: Visitor) => void = () => {};
    const visitor = new Promise<Visitor>((resolve) => {
      greet = resolve;
    });
    const door = await openDoor(endpoint, {
      maxConnections: 1,
      onConnection({ socket, address }) {
        const { family, type } = socket;
        greet({
          socket: new Socket<Family>({ family, type, fd: socket.detach() }),
          peer: formatAddress(address),
        });
      },
      onFull: () => {},
      onStarved,
      onRecovered: () => {},
    });
    return new Reception(door, visitor);
  }

  /** Where it is: with the kernel's choice where port 0 was asked for. */
  get address(): Address {
    return this.#door.address;
  }

  /**
   * The first connection. It stays this object's.
   *
   * @throws Error when nobody came for `timeoutMs`, or the listening socket broke.
   */
  async visitor(timeoutMs: number | undefined): Promise<Visitor> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      if (timeoutMs === undefined) return;
      const told = `accept at ${formatAddress(this.address)}: nobody connected for ${timeoutMs / 1000} s`;
      timer = setTimeout(() => reject(new Error(`${told}; --timeout waits longer`)), timeoutMs);
    });
    try {
      const visitor = await Promise.race([this.#visitor, this.#door.broken, late]);
      this.#socket = visitor.socket;
      return visitor;
    } finally {
      clearTimeout(timer);
      this.#door.close();
    }
  }

  [Symbol.dispose](): void {
    this.#door.close();
    this.#socket?.close();
  }
}
