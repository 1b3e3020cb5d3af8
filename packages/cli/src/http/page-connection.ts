/**
 * PageConnection: the connection that a page comes over, and why it broke.
 *
 * It is given up when nothing comes for too long. Time in which nobody takes what has come does not count, nor does
 * time in which this process had no processor to take it: the server cannot help it.
 */
import {
  formatAddress,
  formatEndpoint,
  SystemError,
  type ConnectionAttempt,
  type TcpInfo,
} from '@wireline/socket';
import { createConnection } from '@wireline/socket/promises';
import { toDuplex, type SocketDuplex } from '@wireline/socket/streams';

/** Options of {@link PageConnection.open}. */
export interface PageConnectionOptions {
  /** To connect, and for each silence. */
  readonly timeoutMs: number;
  /** Whether whoever takes the page is slow just now. */
  readonly isStalled: () => boolean;
  readonly onAttempt: (attempt: ConnectionAttempt) => void;
}

/** A connection to a web server. */
export class PageConnection {
  readonly socket: SocketDuplex;
  /** The address that answered, with its port. */
  readonly address: string;
  #failure: Error | undefined;
  #tcpInfo: TcpInfo | undefined;

  private constructor(socket: SocketDuplex, where: string, options: PageConnectionOptions) {
    this.socket = socket;
    this.address = formatAddress(socket.descriptor.getpeername());
    const { timeoutMs, isStalled } = options;
    let readBefore = -1;
    socket.setTimeout(timeoutMs);
    socket.on('timeout', () => {
      const isOurs = isStalled() || (hasUnread(socket) && socket.bytesRead > readBefore);
      readBefore = socket.bytesRead;
      if (isOurs) {
        socket.setTimeout(timeoutMs); // it says so once: the time begins anew
        return;
      }
      const silence = `nothing came for ${timeoutMs / 1000} s; --timeout waits longer`;
      this.#failure = new Error(`${where}: ${silence}`);
      socket.destroy(this.#failure);
    });
    socket.on('error', (error) => {
      // What node:http and node:tls give up a connection with, they tell themselves.
      if (error instanceof SystemError) this.#failure ??= error;
    });
    socket.once('end', () => this.tcpInfo()); // it may be closed right after
  }

  /**
   * Connects to the first address that answers.
   *
   * @throws ConnectionRefusedError, UnreachableError, NameResolutionError, TimeoutError, ...
   */
  static async open(
    where: { readonly host: string; readonly port: number },
    options: PageConnectionOptions,
  ): Promise<PageConnection> {
    const { timeoutMs, onAttempt } = options;
    const socket = await createConnection(where, { timeoutMs, onAttempt });
    const stream = toDuplex(socket);
    try {
      return new PageConnection(stream, formatEndpoint(where), options);
    } catch (error) {
      // It has no address any more.
      stream.destroy();
      const told = `${formatEndpoint(where)}: it closed the connection at once`;
      throw new Error(told, { cause: error });
    }
  }

  /** Why it broke: the system's error, or the silence. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** What the kernel knows about it now, or knew last. */
  tcpInfo(): TcpInfo | undefined {
    const { socket } = this;
    if (socket.fileno() >= 0) this.#tcpInfo = socket.descriptor.tcpInfo();
    return this.#tcpInfo;
  }

  close(): void {
    this.socket.destroy();
  }
}

/** Whether something has come that was not received: after a pause, or because others have the processor. */
function hasUnread(socket: SocketDuplex): boolean {
  return socket.fileno() >= 0 && socket.descriptor.queueDepths().recvQ > 0;
}
