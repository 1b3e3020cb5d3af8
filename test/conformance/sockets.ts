/**
 * Real sockets of either face on this machine: each is closed when its test is over, and none waits longer
 * than a test can, so that a hang fails its test and not the run.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { Family, InternetEndpoint, IpFamily } from '@wireline/socket';
import { onTestFinished } from 'vitest';
import type { Face, FaceSocket } from './face.ts';

/** Far more than anything here takes. */
const GIVE_UP_MS = 8_000;

/** Whether this machine has the IPv6 loopback address. */
export const HAS_IPV6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

/** Both families; `missing` is for `skipIf`, and the name says why. */
export const FAMILIES: readonly {
  readonly name: string;
  readonly family: IpFamily;
  readonly host: string;
  readonly missing: boolean;
}[] = [
  { name: 'IPv4', family: 'inet', host: '127.0.0.1', missing: false },
  {
    name: HAS_IPV6 ? 'IPv6' : 'IPv6 (skipped: this machine has no ::1)',
    family: 'inet6',
    host: '::1',
    missing: !HAS_IPV6,
  },
];

/** `socket`, closed when its test is over, and with an end to its patience. */
export function kept<S extends FaceSocket<Family>>(socket: S): S {
  onTestFinished(() => socket.close());
  if (socket.getTimeout() === null) socket.setTimeout(GIVE_UP_MS);
  return socket;
}

/** A socket that listens on loopback. */
export async function listening(face: Face, host = '127.0.0.1'): Promise<FaceSocket> {
  return kept(await face.createServer({ host, port: 0 }));
}

/** A socket that is connected. */
export async function connected(face: Face, { host, port }: InternetEndpoint): Promise<FaceSocket> {
  return kept(await face.createConnection({ host, port }, { timeoutMs: GIVE_UP_MS }));
}

/** The next connection of `listener`. */
export async function acceptedBy<F extends Family>(
  listener: FaceSocket<F>,
): Promise<FaceSocket<F>> {
  const { socket } = await listener.accept();
  return kept(socket);
}

/** How many descriptors this process has open. The one that counts them is among them, each time. */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** Both ends of a connection: who connected, and who was accepted. */
export async function pair(
  face: Face,
  host = '127.0.0.1',
): Promise<readonly [FaceSocket, FaceSocket]> {
  const listener = await listening(face, host);
  // The kernel finishes the handshake by itself: neither call has to wait for the other.
  const near = await connected(face, listener.getsockname());
  const far = await acceptedBy(listener);
  listener.close();
  return [near, far];
}

/** The bit of close-on-exec in {@link flagsOf}, and that of non-blocking. */
export const O_CLOEXEC = 0o2000000;
/** See {@link O_CLOEXEC}. */
export const O_NONBLOCK = 0o4000;

/** The flags of a descriptor, as proc(5) tells them. */
export function flagsOf(fd: number): number {
  const [, octal = ''] =
    /^flags:\s+(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? [];
  return Number.parseInt(octal, 8);
}

/** Everything until the peer's end. */
export async function receiveToEnd(socket: FaceSocket<Family>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Bytes that differ from their neighbours, so that a lost or doubled one shows. */
export function pattern(count: number): Buffer {
  const bytes = Buffer.allocUnsafe(count);
  for (let i = 0; i < count; i++) bytes[i] = i * 31 + (i >> 8) * 7;
  return bytes;
}

/** SHA-256, as the peers tell it. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
