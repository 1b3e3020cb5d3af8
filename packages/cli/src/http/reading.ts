/**
 * Reading: whether anything is read from a connection of `node:http`.
 *
 * Node stops reading from who sends request after request once unsent answers pile up. Here answers wait before any
 * of them is written, so that would never be, and whoever asks without end would fill the memory.
 *
 * It is stopped by Node's own means, which are not in the documentation:
 *
 * - While `socket._paused` is set, a body that is thrown away does not read on, and the parser stops behind the chunk
 *   that it has: that one is parsed to its end, so nothing of it is lost.
 * - The event `drain` of the socket takes both back. To resume the socket alone would not do: its parser, still
 *   stopped, takes what comes for an error.
 */
import type { SocketDuplex } from '@wireline/socket/streams';

/** The reading side of a connection. */
export class Reading {
  readonly #socket: SocketDuplex;
  #isStopped = false;
  readonly #pause = (): void => {
    Object.assign(this.#socket, { _paused: true });
    this.#socket.pause();
  };

  constructor(socket: SocketDuplex) {
    this.#socket = socket;
  }

  /** Whether nothing is read: what does not come then is no fault of the peer's. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Nothing more is read. Calling it again does nothing. */
  stop(): void {
    this.#isStopped = true;
    this.#leaveDrain();
    this.#pause();
    // An answer of several pieces drains, too, and Node, which listens before us, would read a chunk for each.
    this.#socket.on('drain', this.#pause);
  }

  /** Reads on. */
  goOn(): void {
    this.#isStopped = false;
    this.#leaveDrain();
    this.#socket.emit('drain');
  }

  /** Node hears nothing more, neither what comes nor that it ends; nothing more is read. */
  cutOff(): void {
    this.#socket.removeAllListeners('data').removeAllListeners('end');
    this.stop();
  }

  /** Reads and throws away what comes: behind {@link Reading.cutOff}. */
  discard(): void {
    this.#leaveDrain();
    this.#socket.resume();
  }

  #leaveDrain(): void {
    this.#socket.off('drain', this.#pause);
  }
}
