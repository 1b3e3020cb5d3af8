/**
 * Real sockets on this machine for the tests of this package: listening ones, connected pairs, and waiting
 * until one is ready. No port is fixed, nothing sleeps, and everything closes when its test is over.
 */
import { once } from 'node:events';
import { createServer, type Server, type Socket as NodeSocket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { onTestFinished } from 'vitest';
import type { IpAddress, IpFamily } from '../src/address/address.ts';
import { EventLoop } from '../src/event-loop/event-loop.ts';
import { WOULD_BLOCK } from '../src/libc/syscall.ts';
import { SocketDescriptor, type Accepted } from '../src/descriptor/socket-descriptor.ts';

/** Whether the machine has the IPv6 loopback address. */
export const HAS_IPV6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

/** Both families, for tests of both; `missing` is for `skipIf`, and the name says why. */
export const FAMILIES: readonly { family: IpFamily; name: string; missing: boolean }[] = [
  { family: 'inet', name: 'IPv4', missing: false },
  {
    family: 'inet6',
    name: HAS_IPV6 ? 'IPv6' : 'IPv6 (skipped: this machine has no ::1)',
    missing: !HAS_IPV6,
  },
];

const loop = new EventLoop();

/** The loopback address of `family`. */
export function loopback(family: IpFamily = 'inet', port = 0): IpAddress {
  return family === 'inet'
    ? { family, host: '127.0.0.1', port }
    : { family, host: '::1', port, flowinfo: 0, scopeId: 0 };
}

/** `socket`, closed when the test is over. */
export function closing(socket: SocketDescriptor): SocketDescriptor {
  onTestFinished(() => socket.close());
  return socket;
}

/** A socket that listens at a port of the kernel's choice. */
export function listening(family: IpFamily = 'inet'): SocketDescriptor {
  const socket = closing(new SocketDescriptor({ family }));
  socket.bind(loopback(family));
  socket.listen();
  return socket;
}

/** Resolves, with the events, when `socket` can be read or written. */
export function ready(socket: SocketDescriptor, interest: 'read' | 'write'): Promise<number> {
  return new Promise((resolve) => {
    const registration = loop.register(socket.fileno(), interest, {
      onReady(events) {
        registration.unregister();
        resolve(events);
      },
    });
  });
}

/** The next connection of `listener`. */
export async function accept(listener: SocketDescriptor): Promise<Accepted> {
  await ready(listener, 'read');
  const accepted = listener.tryAccept();
  if (accepted === WOULD_BLOCK) throw new Error('accept: nothing came');
  closing(accepted.socket);
  return accepted;
}

/** The two ends of one connection: who connected, and who was accepted. */
export async function connectedPair(
  family: IpFamily = 'inet',
): Promise<[SocketDescriptor, SocketDescriptor]> {
  const listener = listening(family);
  const near = closing(new SocketDescriptor({ family }));
  near.tryConnectEx(listener.getsockname());
  const { socket: far } = await accept(listener);
  await ready(near, 'write');
  return [near, far];
}

/** What comes next: at least one byte, or none at the end of the stream. */
export async function receive(socket: SocketDescriptor): Promise<Uint8Array> {
  const buffer = new Uint8Array(64 * 1024);
  for (;;) {
    const count = socket.tryRecvInto(buffer);
    if (count !== WOULD_BLOCK) return buffer.subarray(0, count);
    await ready(socket, 'read');
  }
}

/** Everything until the peer has sent its last byte. */
export async function receiveToEnd(socket: SocketDescriptor): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const part = await receive(socket);
    if (part.length === 0) return Buffer.concat(parts);
    parts.push(part);
  }
}

/** All of `bytes`, with waits where the kernel takes no more. */
export async function sendAll(socket: SocketDescriptor, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) {
    const count = socket.trySend(bytes.subarray(sent));
    if (count === WOULD_BLOCK) await ready(socket, 'write');
    else sent += count;
  }
}

/** A server of Node's, as an independent peer, and the port where it listens. */
export async function nodeServer(
  onConnection: (socket: NodeSocket) => void,
  host = '127.0.0.1',
): Promise<{ server: Server; port: number }> {
  const server = createServer({ allowHalfOpen: true }, onConnection);
  onTestFinished(() => void server.close());
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listen: no port');
  return { server, port: address.port };
}

/** Bytes that differ from their neighbours, so that a lost or doubled one shows. */
export function pattern(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) bytes[i] = i * 31 + (i >> 8) * 7;
  return bytes;
}
