/**
 * Limits by their names: what is counted when one is reached, and what is said about it.
 *
 * A name is the option that moves the limit, so that whoever reads a log knows what to write.
 */

/** Every limit of a connection or a server. */
export const LIMIT_NAMES = [
  'maxHeaderLength',
  'maxContentLength',
  'headerMs',
  'messageMs',
  'idleMs',
  'writeStallMs',
  'maxInFlight',
  'maxQueued',
  'maxStreamQueued',
  'maxConnections',
  'maxConnectionsPerAddress',
  'maxMemory',
] as const; // the tuple is needed: its items are names, not any strings

/** The option that moves a limit. */
export type LimitName = (typeof LIMIT_NAMES)[number];

/** A limit was reached. */
export interface LimitHit {
  readonly option: LimitName;
  /** What it stands at. */
  readonly value: number;
  /** A sentence: what was met, what was done about it, and what to change. */
  readonly message: string;
}

/** All connections together hold too much, and one of them, which holds `bytes`, is given up. */
export function shedHit(bytes: number, maxMemory: number): LimitHit {
  const message =
    `hold ${bytes} bytes for this connection: all together hold more than ${maxMemory}, this one ` +
    'most of all, so it was given up; raise maxMemory, or lower maxContentLength';
  return { option: 'maxMemory', value: maxMemory, message };
}

/** A peer takes nothing of the `bytes` that wait for it. */
export function stallHit(bytes: number, writeStallMs: number): LimitHit {
  const message =
    `send ${bytes} bytes: the peer took none of them for ${writeStallMs} ms; ` +
    'it does not read, or is gone; raise writeStallMs to wait longer';
  return { option: 'writeStallMs', value: writeStallMs, message };
}

/** Nothing came for the idle time; `awaited` says of what. */
export function idleHit(awaited: 'a request' | 'another part', idleMs: number): LimitHit {
  const message = `wait for ${awaited}: none came for ${idleMs} ms, so the connection was closed; raise idleMs to keep it`;
  return { option: 'idleMs', value: idleMs, message };
}

/** As many requests of a connection wait for their answers as may. */
export function inFlightHit(inFlight: number, maxInFlight: number): LimitHit {
  const message = `read requests: ${inFlight} on this connection wait for their answers, so no more are read until then; raise maxInFlight to read on`;
  return { option: 'maxInFlight', value: maxInFlight, message };
}

/** As many requests of a connection wait for their parts as may. */
export function incompleteHit(maxInFlight: number): LimitHit {
  const message = `read a request in parts: ${maxInFlight} others on this connection have not come whole, so it was refused; raise maxInFlight to take it`;
  return { option: 'maxInFlight', value: maxInFlight, message };
}

/** So many bytes of answers wait for a peer to read them. */
export function queuedHit(bytes: number, maxQueued: number): LimitHit {
  const message = `read requests: ${bytes} bytes of answers wait for this peer to read them, so no more requests are read until then; raise maxQueued to read on`;
  return { option: 'maxQueued', value: maxQueued, message };
}

/** More parts of one message wait for their reader than may. */
export function partsHit(maxStreamQueued: number): LimitHit {
  const message = `read parts: more than ${maxStreamQueued} bytes of one request wait for its handler, so nothing more is read on this connection until it has read them; raise maxStreamQueued to read on`;
  return { option: 'maxStreamQueued', value: maxStreamQueued, message };
}

/** Whether a protocol error names one of our limits. */
export function isLimitName(option: string): option is LimitName {
  // The tuple's own type refuses any other string, which is what is to be found out.
  return (LIMIT_NAMES as readonly string[]).includes(option);
}
