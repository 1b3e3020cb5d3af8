/**
 * Two transports that are connected in memory: the least that a connection can be tried with.
 */
import type { Address } from '@wireline/socket';
import type { Clock } from '@wireline/socket/event-loop';
import { ManualClock } from '@wireline/socket/testing';
import type { Transport } from '../transport.ts';
import { BUFFER_LENGTH, MemoryConnection } from './memory-connection.ts';
import { MemoryLoop } from './memory-loop.ts';

/** Options of {@link transportPair}. */
export interface TransportPairOptions {
  /** How many bytes each direction holds at most; 64 KiB unless told. */
  readonly bufferLength?: number;
  /** Where both are registered; a loop of their own unless told. */
  readonly loop?: MemoryLoop;
  /** What `connection.breakAfter` waits by; a clock that stands still unless told. */
  readonly clock?: Clock;
}

/** Two ends, and what moves them. */
export interface TransportPair {
  /** The end that connected. */
  readonly client: Transport;
  /** The end that was accepted. */
  readonly server: Transport;
  /** What is between them: resets, stalls, breaks. */
  readonly connection: MemoryConnection;
  /** Nothing is called until `loop.turn()`. */
  readonly loop: MemoryLoop;
}

/**
 * Makes two connected transports. What one sends has arrived at the other at once.
 *
 * @example
 * ```ts
 * const { client, server, loop } = transportPair();
 * server.start({ onReady: () => console.log('ready') }, 'read');
 * client.send(buffer);
 * loop.turn(); // ready
 * ```
 */
export function transportPair(options: TransportPairOptions = {}): TransportPair {
  const loop = options.loop ?? new MemoryLoop();
  const connection = new MemoryConnection({
    id: 1,
    loop,
    clock: options.clock ?? new ManualClock(),
    clientAddress: loopbackAddress(1),
    serverAddress: loopbackAddress(2),
    bufferLength: options.bufferLength ?? BUFFER_LENGTH,
    lines: {},
    note: () => {},
    onClosed: () => {},
  });
  return { client: connection.client, server: connection.server, connection, loop };
}

function loopbackAddress(port: number): Address {
  return { family: 'inet', host: '127.0.0.1', port };
}
