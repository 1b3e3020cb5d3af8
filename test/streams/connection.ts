/**
 * Connections between a native socket that becomes a stream and a `net.Socket`, over each kind of network and by each
 * way to get a native socket. All is closed when its test is over.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as nodeConnect, createServer as createNodeServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as blocking from '@wireline/socket';
import type { Family } from '@wireline/socket';
import { connect, currentEventLoop } from '@wireline/socket/event-loop';
import * as awaited from '@wireline/socket/promises';
import type { NetSocketOptions, StreamSource } from '@wireline/socket/streams';
import { onTestFinished } from 'vitest';
import { HAS_IPV6 } from '../conformance/sockets.ts';
import { KINDS, type NativeStream, type StreamKind } from './stream-kind.ts';

/** A kind of network, and a new place to listen at. */
export interface Network {
  readonly name: string;
  readonly missing: boolean;
  readonly place: () => Place;
}

/** Where to listen: a port of the kernel's choice, or a path. */
export type Place = { readonly host: string; readonly port: number } | { readonly path: string };

/** IPv4. */
export const IPV4: Network = {
  name: 'IPv4',
  missing: false,
  place: () => ({ host: '127.0.0.1', port: 0 }),
};

/** Unix sockets. */
export const UNIX: Network = {
  name: 'Unix',
  missing: false,
  place: () => ({ path: join(folder(), 'socket') }),
};

/** All three; `missing` is for `skipIf`, and the name says why. */
export const NETWORKS: readonly Network[] = [
  IPV4,
  {
    name: HAS_IPV6 ? 'IPv6' : 'IPv6 (skipped: this machine has no ::1)',
    missing: !HAS_IPV6,
    place: () => ({ host: '::1', port: 0 }),
  },
  UNIX,
];

/** A native socket and the peer that it is connected with. */
export interface SourceAndPeer {
  readonly source: StreamSource;
  readonly peer: Socket;
}

/** A way to get a native socket that is connected. */
export interface Origin {
  readonly name: string;
  readonly open: (network: Network) => Promise<SourceAndPeer>;
}

/** All ways: by either face and by what lies below them, accepted and connected. */
export const ORIGINS: readonly Origin[] = [
  { name: 'accepted, awaited', open: acceptedAwaited },
  { name: 'accepted, blocking', open: acceptedBlocking },
  { name: 'connected, awaited', open: connectedBy(awaitedConnection) },
  { name: 'connected, blocking', open: connectedBy(blockingConnection) },
  { name: 'connected, SocketDescriptor', open: connectedBy(connectDescriptor) },
];

/** A stream over a native socket, and its peer. */
export interface StreamAndPeer {
  readonly stream: NativeStream;
  readonly peer: Socket;
}

/** Options of {@link connection}. */
export interface ConnectionOptions extends NetSocketOptions {
  readonly network?: Network;
}

/** A stream over a connection that the awaited face accepted, and its peer, both sides of which stay open. */
export async function connection(
  kind: StreamKind,
  { network = IPV4, ...options }: ConnectionOptions = {},
): Promise<StreamAndPeer> {
  const { source, peer } = await acceptedAwaited(network);
  return { stream: kept(kind.make(source, options)), peer };
}

/** Both kinds over each network: for `describe.each`. */
export const CASES: readonly { kind: StreamKind; network: Network; title: string }[] =
  KINDS.flatMap((kind) =>
    NETWORKS.filter(({ missing }) => !missing).map((network) => ({
      kind,
      network,
      title: `${kind.name} over ${network.name}`,
    })),
  );

/** `stream`, destroyed when its test is over. */
export function kept<S extends { destroy(): unknown }>(stream: S): S {
  onTestFinished(() => void stream.destroy());
  return stream;
}

/** A folder that is gone when its test is over. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'wl-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A native socket that the awaited face accepted. */
export async function acceptedAwaited(
  network: Network = IPV4,
): Promise<SourceAndPeer & { readonly source: awaited.Socket<Family> }> {
  const listener = await listen(network);
  const accepted = listener.accept();
  const peer = await peerOf(listener);
  const { socket: source } = await accepted;
  listener.close();
  onTestFinished(() => source.close());
  return { source, peer };
}

async function acceptedBlocking(network: Network): Promise<SourceAndPeer> {
  const place = network.place();
  const listener: blocking.Socket<Family> =
    'path' in place ? blocking.createServer(place) : blocking.createServer(place);
  onTestFinished(() => listener.close());
  const peer = await peerOf(listener); // it is in the queue then: accept does not wait
  const { socket: source } = listener.accept();
  onTestFinished(() => source.close());
  return { source, peer };
}

function connectedBy(
  connectTo: (place: Place) => Promise<StreamSource & { close(): void }>,
): Origin['open'] {
  return async (network) => {
    const server = createNodeServer({ allowHalfOpen: true });
    onTestFinished(() => void server.close());
    const place = network.place();
    await once(server.listen(place), 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const came = once(server, 'connection');
    const source = await connectTo('path' in place ? place : { ...place, port });
    onTestFinished(() => source.close());
    const [peer] = (await came) as [Socket]; // what the event carries
    server.close();
    return { source, peer: kept(peer.on('error', () => {})) };
  };
}

async function awaitedConnection(place: Place): Promise<awaited.Socket<Family>> {
  return 'path' in place ? awaited.createConnection(place) : awaited.createConnection(place);
}

async function blockingConnection(place: Place): Promise<blocking.Socket<Family>> {
  return 'path' in place ? blocking.createConnection(place) : blocking.createConnection(place);
}

async function connectDescriptor(place: Place): Promise<blocking.SocketDescriptor<Family>> {
  if ('path' in place) return connect({ family: 'unix', path: place.path });
  return place.host.includes(':')
    ? connect({ family: 'inet6', ...place, flowinfo: 0, scopeId: 0 })
    : connect({ family: 'inet', ...place });
}

/** A native socket of the awaited face that listens. */
export async function listen(network: Network = IPV4): Promise<awaited.Socket<Family>> {
  const place = network.place();
  const listener: awaited.Socket<Family> =
    'path' in place ? await awaited.createServer(place) : await awaited.createServer(place);
  onTestFinished(() => listener.close());
  return listener;
}

/** A `net.Socket` that is connected with `listener`. */
async function peerOf(listener: Pick<awaited.Socket<Family>, 'getsockname'>): Promise<Socket> {
  const where = listener.getsockname();
  const peer = nodeConnect({
    ...('path' in where ? { path: where.path } : { host: where.host, port: where.port }),
    allowHalfOpen: true,
    noDelay: true,
  });
  kept(peer).on('error', () => {}); // a reset is what some tests are about
  await once(peer, 'connect');
  return peer;
}

/** Lets the loop of Wireline begin: what it needs for itself is not counted as somebody's leak. */
export function warmUp(): void {
  currentEventLoop();
}
