/**
 * What one peer may cost a server, and all of them together.
 */
import type { Limits } from '@wireline/message';

/** The limits of a server's own; beyond them, {@link ServerLimits} has those of a message. */
export interface ConnectionLimits {
  /** The most connections at once; more wait in the kernel's backlog until others are over. */
  readonly maxConnections: number;
  /**
   * The most connections at once from one host; more are told `overloaded` and closed. Peers on Unix sockets
   * have none and are not counted: `maxConnections` bounds them, and who may connect is up to the file's folder.
   */
  readonly maxConnectionsPerAddress: number;
  /**
   * The most requests of one connection whose handlers are at work, or whose answers wait for earlier ones; more
   * are not read until then. Also the most requests of which parts are missing; another one is refused.
   */
  readonly maxInFlight: number;
  /**
   * Bytes of answers that wait to be sent on one connection: while there are more, it is not read. The
   * answer that crosses the mark is still added.
   */
  readonly maxQueued: number;
  /**
   * Bytes of one request's parts that wait for its handler: while there are more, its connection is not read,
   * with all that is on it.
   */
  readonly maxStreamQueued: number;
}

/** All limits of a server. */
export interface ServerLimits extends Limits, ConnectionLimits {}

/** 128 requests in flight: with answers of 1 KiB, one every millisecond over a line with 128 ms of delay. */
const MAX_IN_FLIGHT = 128;

/** 1 MiB of answers unsent: some bandwidth-delay products. */
const MAX_QUEUED = 1024 * 1024;

/** 256 KiB: what a line of 100 Mbit/s brings in 20 ms, in which a handler has had its turn. */
const MAX_STREAM_QUEUED = 256 * 1024;

/**
 * Fills in the defaults.
 *
 * @param capacity how many connections the network can hold
 * @throws RangeError when a limit is no whole number from 1, or Infinity.
 */
export function resolveConnectionLimits(
  limits: Partial<ConnectionLimits>,
  capacity: () => number,
): ConnectionLimits {
  const resolved = {
    maxConnections: limits.maxConnections ?? capacity(),
    // Off: whole offices and whole countries share one address.
    maxConnectionsPerAddress: limits.maxConnectionsPerAddress ?? Infinity,
    maxInFlight: limits.maxInFlight ?? MAX_IN_FLIGHT,
    maxQueued: limits.maxQueued ?? MAX_QUEUED,
    maxStreamQueued: limits.maxStreamQueued ?? MAX_STREAM_QUEUED,
  };
  for (const [name, value] of Object.entries(resolved)) {
    if ((Number.isInteger(value) || value === Infinity) && value >= 1) continue;
    throw new RangeError(`set ${name} to ${value}: expected a whole number from 1, or Infinity`);
  }
  return resolved;
}
