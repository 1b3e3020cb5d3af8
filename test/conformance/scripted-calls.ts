/** Words for scripts: what the kernel of a `ScriptedStage` answers. */
import type { Address, ErrnoName } from '@wireline/socket';
import type { ScriptedBeside, ScriptedStep } from '@wireline/socket/testing';

/** Where scripted sockets connect to: no such host is ever there (RFC 5737). */
export const PEER = { family: 'inet', host: '192.0.2.1', port: 7 } as const satisfies Address;

/** `PEER` as the kernel writes it: a `sockaddr_in`. */
export const PEER_BYTES = Uint8Array.of(2, 0, 0, 7, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0);

/** These bytes come. */
export function receives(...bytes: readonly number[]): ScriptedStep {
  return { call: 'recv', returns: bytes.length, fills: Uint8Array.from(bytes) };
}

/** These bytes come, from `PEER`. */
export function receivesFrom(...bytes: readonly number[]): ScriptedStep {
  return {
    call: 'recvfrom',
    returns: bytes.length,
    fills: Uint8Array.from(bytes),
    beside: { name: PEER_BYTES },
  };
}

/** These bytes come as a message, from `PEER` and with this beside them. */
export function receivesMessage(
  bytes: readonly number[],
  beside: ScriptedBeside = {},
): ScriptedStep {
  return {
    call: 'recvmsg',
    returns: bytes.length,
    fills: Uint8Array.from(bytes),
    beside: { name: PEER_BYTES, ...beside },
  };
}

/** The peer has sent its last byte. */
export const END_OF_STREAM: ScriptedStep = { call: 'recv', returns: 0 };

/** The first `count` bytes are taken, and found again at the end of `into`. */
export function takes(count: number, into: number[] = []): ScriptedStep {
  return {
    call: 'send',
    returns: count,
    // The second argument of send, as Libc has it.
    during: ([, buffer]) => into.push(...(buffer as Uint8Array).subarray(0, count)),
  };
}

/** A connection comes, with this descriptor. */
export function connectionComes(fd = 6): ScriptedStep {
  return { call: 'accept4', returns: fd, fills: PEER_BYTES };
}

/** How connecting went, as the same call says that is made once more. */
export function connectEnds(how: ErrnoName | 'well'): ScriptedStep {
  return how === 'well' ? { call: 'connect', returns: 0 } : { call: 'connect', fails: how };
}
