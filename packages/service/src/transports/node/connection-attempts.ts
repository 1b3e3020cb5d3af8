/**
 * ConnectionAttempts: what comes of a socket of Node's that is connecting, address by address.
 */
import {
  ERRNO,
  formatEndpoint,
  systemError,
  type Address,
  type Endpoint,
  type SystemError,
} from '@wireline/socket';
import type { Socket } from 'node:net';
import { ConnectError } from '../../errors.ts';
import { ipAddress, systemErrorOf } from './node-errors.ts';

/** The attempts of one socket. */
export class ConnectionAttempts {
  /** Resolves when one has succeeded; rejects with a ConnectError when all have failed. */
  readonly connected: Promise<void>;
  readonly #endpoint: Endpoint;
  readonly #failures: SystemError[] = [];
  /** What is being tried, or has been reached; `undefined` between two attempts. */
  #current: Address | undefined;

  constructor(socket: Socket, endpoint: Endpoint) {
    this.#endpoint = endpoint;
    if ('path' in endpoint) this.#current = { family: 'unix', path: endpoint.path };
    socket.on('connectionAttempt', (host, port) => {
      this.#current = ipAddress(host, port);
    });
    socket.on('connectionAttemptFailed', (_host, _port, _family, error) => {
      if (this.#current !== undefined) this.#fail(systemErrorOf(error, 'connect', this.#current));
    });
    socket.on('connectionAttemptTimeout', () => {
      if (this.#current !== undefined) this.#timeOut('before the next address was tried');
    });
    this.connected = new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.on('error', (error) => {
        if (this.#isUntold) this.#fail(systemErrorOf(error, 'connect', this.#current));
        reject(this.#error());
      });
    });
  }

  /** The address that was reached. */
  get address(): Address {
    if (this.#current === undefined) throw new Error('connect: Node named no address');
    return this.#current;
  }

  /** The error of those that did not answer within `timeoutMs`, and of those that failed before. */
  timedOut(timeoutMs: number): ConnectError {
    if (this.#isUntold) this.#timeOut(`within ${timeoutMs} ms`);
    return this.#error();
  }

  /** Whether there is something that no failure tells of yet. */
  get #isUntold(): boolean {
    return this.#current !== undefined || this.#failures.length === 0;
  }

  #timeOut(when: string): void {
    const where = this.#current ?? this.#endpoint;
    const told = `no answer ${when}: the peer may be down, or a firewall drops the packets`;
    this.#fail(systemError('connect', ERRNO.ETIMEDOUT, formatEndpoint(where), told));
  }

  #fail(error: SystemError): void {
    this.#failures.push(error);
    this.#current = undefined;
  }

  #error(): ConnectError {
    return new ConnectError(formatEndpoint(this.#endpoint), this.#failures);
  }
}
