/** Feeds a server of Node's, of HTTP or TLS, with connections that native sockets accept. */
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { once, type EventEmitter } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { IPV4, kept, listen, type Network } from './connection.ts';
import type { NativeStream, StreamKind } from './stream-kind.ts';

/** Where the connections come in, and those that came. */
export interface Feed {
  readonly port: number;
  /** Of a Unix socket. */
  readonly path: string;
  readonly streams: readonly NativeStream[];
}

/** Options of {@link feed}. */
export interface FeedOptions {
  readonly network?: Network;
  readonly allowHalfOpen?: boolean;
}

/** A server of HTTP that is fed. */
export interface FedSite extends Feed {
  readonly site: Server;
  readonly url: string;
}

/** Has `server` serve all who connect to a new listener of the awaited face. */
export async function feed(
  server: EventEmitter,
  kind: StreamKind,
  { network = IPV4, allowHalfOpen = true }: FeedOptions = {},
): Promise<Feed> {
  const streams: NativeStream[] = [];
  const listener = await listen(network);
  const acceptAll = async (): Promise<void> => {
    for (;;) {
      const { socket } = await listener.accept();
      const stream = kind.make(socket, { allowHalfOpen });
      streams.push(stream);
      server.emit('connection', stream);
    }
  };
  acceptAll().catch(() => {}); // it ends when the listener is closed
  onTestFinished(() => streams.forEach((stream) => void stream.destroy()));
  const where = listener.getsockname();
  return {
    port: 'port' in where ? where.port : 0,
    path: 'path' in where ? where.path : '',
    streams,
  };
}

/** A server of HTTP whose connections are native. `emit('listening')` has it watch its time-outs. */
export async function fedSite(
  kind: StreamKind,
  handler: RequestListener,
  { network, allowHalfOpen, ...options }: FeedOptions & ServerOptions = {},
): Promise<FedSite> {
  const site = createServer(options, handler);
  site.emit('listening');
  onTestFinished(() => {
    site.closeAllConnections();
    site.close(() => {});
  });
  const fed = await feed(site, kind, {
    ...(network && { network }),
    ...(allowHalfOpen !== undefined && { allowHalfOpen }),
  });
  return { ...fed, site, url: `http://127.0.0.1:${fed.port}` };
}

/** A plain connection of Node's to a port here, which stays open in both directions. */
export async function dial(port: number): Promise<Socket> {
  const socket = kept(connect({ port, host: '127.0.0.1', allowHalfOpen: true }));
  socket.on('error', () => {}); // a reset is what some tests are about
  await once(socket, 'connect');
  return socket;
}
