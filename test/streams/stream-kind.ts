/**
 * StreamKind: the two streams that a native socket can become, under one type, so that each case is written once.
 */
import {
  type NetSocketOptions,
  type SocketDuplex,
  type StreamSource,
  toDuplex,
  toNetSocket,
} from '@wireline/socket/streams';
import type { Socket } from 'node:net';

/**
 * Either. What both have can be called without asking which it is: a `Duplex`, and what `node:http` and `node:tls`
 * ask for beside that.
 */
export type NativeStream = SocketDuplex | Socket;

/** One of the two. */
export interface StreamKind {
  readonly name: 'toDuplex' | 'toNetSocket';
  readonly make: (socket: StreamSource, options?: NetSocketOptions) => NativeStream;
}

/** The bytes go through the calls of the package. */
export const DUPLEX: StreamKind = { name: 'toDuplex', make: toDuplex };

/** The bytes go through Node. */
export const NET_SOCKET: StreamKind = { name: 'toNetSocket', make: toNetSocket };

/** Both. */
export const KINDS: readonly StreamKind[] = [DUPLEX, NET_SOCKET];
