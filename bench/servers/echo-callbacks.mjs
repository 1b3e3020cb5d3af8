/**
 * wireline-callbacks: the echo server on `@wireline/socket/event-loop`. A handler per connection receives
 * into the loop's shared buffer and sends from it at once. Only what a send did not take is copied, and the
 * connection is not read from until that has gone, so a peer that does not read is not read from.
 *
 * Prints `listening on 127.0.0.1:PORT` once it accepts connections.
 */
import { formatAddress, SocketDescriptor, SystemError, WOULD_BLOCK } from '@wireline/socket';
import { currentEventLoop, Listener } from '@wireline/socket/event-loop';

/** @typedef {import('@wireline/socket/event-loop').Registration} Registration */

const loop = currentEventLoop();

/** One peer. */
class Connection {
  /**
   * @readonly
   * @type {SocketDescriptor}
   */
  #socket;
  /**
   * @readonly
   * @type {Registration}
   */
  #registration;
  /**
   * What the kernel did not take yet.
   *
   * @type {Uint8Array | undefined}
   */
  #unsent;

  /** @param {SocketDescriptor} socket */
  constructor(socket) {
    this.#socket = socket;
    this.#registration = loop.register(socket.fileno(), 'read', this);
  }

  /** Called by the loop. */
  onReady() {
    try {
      if (this.#unsent === undefined) this.#receive();
      else this.#send(this.#unsent, this.#unsent.length);
    } catch (error) {
      // The peer has reset the connection, or closed while something was on its way.
      this.#close();
      if (!(error instanceof SystemError)) throw error;
    }
  }

  #receive() {
    const count = this.#socket.tryRecvInto(loop.receiveBuffer);
    if (count === WOULD_BLOCK) return;
    if (count === 0) this.#close();
    else this.#send(loop.receiveBuffer, count);
  }

  /**
   * @param {Uint8Array} bytes
   * @param {number} length
   */
  #send(bytes, length) {
    const taken = this.#socket.trySend(bytes, length);
    if (taken === length) {
      if (this.#unsent !== undefined) this.#finish();
      return;
    }
    // The receive buffer is everybody's: what stays is copied.
    this.#unsent = bytes.slice(taken === WOULD_BLOCK ? 0 : taken, length);
    this.#registration.modify('write');
  }

  #finish() {
    this.#unsent = undefined;
    this.#registration.modify('read');
  }

  #close() {
    this.#registration.unregister();
    this.#socket.close();
  }
}

const socket = new SocketDescriptor();
socket.setsockopt('TCP_NODELAY', true); // accepted connections inherit it
socket.bind({ family: 'inet', host: '127.0.0.1', port: 0 });
socket.listen();

const listener = new Listener(socket, {
  onConnection: (accepted) => void new Connection(accepted.socket), // the loop holds it
  onError: (error) => {
    throw error;
  },
});
console.log(`listening on ${formatAddress(listener.address)}`);
