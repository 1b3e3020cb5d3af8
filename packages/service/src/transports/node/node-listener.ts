/**
 * NodeListener: takes what a server of Node's accepts, and hands it on.
 *
 * Node accepts whatever comes and cannot be stopped from it but by closing. So while it is paused, a listener holds
 * connections that nobody reads from, a bounded number, and resets those beyond. They are handed on in their order
 * when it goes on.
 *
 * For want of a descriptor libuv turns connections away by itself, with one that it keeps for that, and says nothing;
 * where it cannot, it says so. Either way the peer is refused where a native listener would let it wait, and there is
 * nothing to rest for.
 */
import {
  acceptVerdict,
  ERRNO,
  formatAddress,
  resolve,
  systemError,
  type Address,
  type Endpoint,
  type SystemError,
} from '@wireline/socket';
import type { Clock } from '@wireline/socket/event-loop';
import { existsSync } from 'node:fs';
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type { AcceptHandler, TransportListener } from '../../network.ts';
import { KEEP_ALIVE } from '../keep-alive.ts';
import { MAX_HELD } from './capacity.ts';
import { ipAddress, systemErrorOf } from './node-errors.ts';
import { NodeTransport } from './node-transport.ts';
import { placeAt, removeLeftBehind, type UnixPlace } from './unix-place.ts';

/** 4096: as native listeners have it, the default of `net.core.somaxconn`. */
const BACKLOG = 4096;

const SOCKET_OPTIONS = {
  allowHalfOpen: true,
  pauseOnConnect: true,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: KEEP_ALIVE.idleSeconds * 1000,
} as const;

/** Listens at the first address of `endpoint`. See `Network.listen`. */
export async function listenAtNode(
  endpoint: Endpoint,
  handler: AcceptHandler,
  clock: Clock,
): Promise<TransportListener> {
  if ('path' in endpoint) return listenAtPath(placeAt(endpoint.path), handler, clock);
  const [address] = await resolve(endpoint.host, endpoint.port);
  const server = createServer(SOCKET_OPTIONS);
  await listening(server, address, { host: address.host, port: address.port });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('listen: no port was bound');
  return new NodeListener(server, ipAddress(bound.address, bound.port), { handler, clock });
}

async function listenAtPath(
  place: UnixPlace,
  handler: AcceptHandler,
  clock: Clock,
): Promise<TransportListener> {
  const { path, remove } = place;
  const address = { family: 'unix', path } as const; // the family, not any text
  let server = createServer(SOCKET_OPTIONS);
  try {
    await listening(server, address, { path });
  } catch (error) {
    if (!isInUse(error) || !(await removeLeftBehind(path))) {
      remove();
      throw error;
    }
    server = createServer(SOCKET_OPTIONS);
    await listening(server, address, { path });
  }
  return new NodeListener(server, address, { handler, clock, onClosed: remove });
}

function isInUse(error: unknown): boolean {
  return error instanceof Error && 'errno' in error && error.errno === ERRNO.EADDRINUSE;
}

/** Resolves when `server` listens. */
function listening(server: Server, address: Address, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => reject(listenError(error, address));
    server.once('error', onError);
    server.listen({ ...options, backlog: BACKLOG }, () => {
      server.off('error', onError);
      resolve();
    });
  });
}

/** Node says of a folder that is missing that it may not be entered. */
function listenError(error: Error, address: Address): SystemError {
  const told = systemErrorOf(error, 'listen', address);
  const isMissing =
    told.code === 'EACCES' && address.family === 'unix' && !existsSync(dirname(address.path));
  return isMissing ? systemError('bind', ERRNO.ENOENT, formatAddress(address)) : told;
}

/** What a listener is made of, besides its server. */
interface ListenerParts {
  readonly handler: AcceptHandler;
  readonly clock: Clock;
  /** Called when it listens no more. */
  readonly onClosed?: () => void;
}

/** A server of Node's as a {@link TransportListener}. */
class NodeListener implements TransportListener {
  readonly address: Address;
  readonly #server: Server;
  readonly #parts: ListenerParts;
  /** Accepted, and not handed on. */
  readonly #held: Socket[] = [];
  #paused = false;
  /** From the first connection that was turned away for want of resources to the next that was not. */
  #starved = false;
  #closed = false;

  /** @param server listens; the listener owns it */
  constructor(server: Server, address: Address, parts: ListenerParts) {
    this.#server = server;
    this.address = address;
    this.#parts = parts;
    server.on('connection', (socket) => this.#onConnection(socket));
    server.on('error', (error) => this.#onError(systemErrorOf(error, 'accept')));
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    // Not within whatever made room: who is told of a connection may pause and resume.
    if (this.#held.length > 0) setImmediate(() => this.#handOnHeld());
  }

  descriptorFreed(): void {}

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#server.close();
    for (const socket of this.#held.splice(0)) turnAway(socket);
    this.#parts.onClosed?.();
  }

  #onConnection(socket: Socket): void {
    if (this.#closed) turnAway(socket);
    else if (!this.#paused && this.#held.length === 0) this.#handOn(socket);
    else if (this.#held.length < MAX_HELD) this.#held.push(socket);
    else turnAway(socket);
  }

  #handOnHeld(): void {
    while (!this.#paused && !this.#closed) {
      const socket = this.#held.shift();
      if (socket === undefined) return;
      this.#handOn(socket);
    }
  }

  #handOn(socket: Socket): void {
    const { handler, clock } = this.#parts;
    const address = remoteAddressOf(socket, this.address);
    if (address === undefined) {
      socket.destroy();
      handler.onAcceptFailed(this.address, systemError('accept', ERRNO.ECONNABORTED));
      return;
    }
    const recovered = this.#starved;
    this.#starved = false;
    handler.onTransport(new NodeTransport(socket, address, clock));
    if (recovered) handler.onRecovered();
  }

  #onError(error: SystemError): void {
    switch (acceptVerdict(error)) {
      case 'skip':
        break;
      case 'pause':
        if (this.#starved) return;
        this.#starved = true;
        this.#parts.handler.onStarved(error);
        break;
      case 'fail':
        this.close();
        this.#parts.handler.onError(error);
        break;
    }
  }
}

/** Who is at the other end; `undefined` when it is gone already. Those who connect to a path have no name. */
function remoteAddressOf(socket: Socket, local: Address): Address | undefined {
  if (local.family === 'unix') return { family: 'unix', path: '' };
  const { remoteAddress, remotePort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return undefined;
  return ipAddress(remoteAddress, remotePort);
}

/** Ends a connection that nobody will serve, so that its peer need not find out by waiting. */
function turnAway(socket: Socket): void {
  if (socket.remoteAddress === undefined) socket.destroy();
  else socket.resetAndDestroy();
}
