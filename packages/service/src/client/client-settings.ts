/**
 * ClientSettings: the options of a client that are its own, checked, with the defaults and their reasons.
 */
import type { ClientOptions } from './client-options.ts';
import { Reconnection } from './reconnection.ts';

/** 60 s for a whole request: longer than any look-up, shorter than a user's patience. */
const REQUEST_TIMEOUT_MS = 60_000;

/** 128: as many as a server takes in flight. */
const MAX_IN_FLIGHT = 128;

/** 128: as many as may be in flight. Who has more to ask waits for answers. */
const MAX_WAITING = 128;

/** 8: one for requests, and more streams at a time than one program reads with care. */
const MAX_CONNECTIONS = 8;

/** 256 KiB, as on the server's side. */
const MAX_STREAM_QUEUED = 256 * 1024;

/** What a client does by. */
export interface ClientSettings {
  readonly requestTimeoutMs: number;
  /** `undefined`: the network knows. */
  readonly connectTimeoutMs: number | undefined;
  readonly maxWaiting: number;
  readonly maxInFlight: number;
  readonly maxConnections: number;
  readonly maxStreamQueued: number;
  /** Whether requests carry ids. */
  readonly sendsIds: boolean;
  /** Whether the caller vouches for a peer that takes several requests at once. */
  readonly isVouchedFor: boolean;
  readonly reconnection: Reconnection;
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws RangeError when a number is not in its range, TypeError when an option is none of its words.
 */
export function clientSettings(options: Omit<ClientOptions, 'contract'>): ClientSettings {
  const { connectTimeoutMs, ids = 'always', pipelining = 'proven' } = options;
  return {
    requestTimeoutMs: checkMs('requestTimeoutMs', options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS),
    connectTimeoutMs:
      connectTimeoutMs === undefined ? undefined : checkMs('connectTimeoutMs', connectTimeoutMs),
    maxWaiting: checkCount('maxWaiting', options.maxWaiting ?? MAX_WAITING),
    maxInFlight: checkCount('maxInFlight', options.maxInFlight ?? MAX_IN_FLIGHT),
    maxConnections: checkCount('maxConnections', options.maxConnections ?? MAX_CONNECTIONS),
    maxStreamQueued: checkCount('maxStreamQueued', options.maxStreamQueued ?? MAX_STREAM_QUEUED),
    sendsIds: checkWord('ids', ids, ['always', 'never']) === 'always',
    isVouchedFor: checkWord('pipelining', pipelining, ['proven', 'always']) === 'always',
    reconnection: new Reconnection(options.reconnect),
  };
}

function checkCount(name: string, count: number): number {
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw new RangeError(`set ${name} to ${count}: expected a whole number of at least 1`);
}

function checkMs(name: string, ms: number): number {
  if (typeof ms === 'number' && ms >= 0) return ms;
  throw new RangeError(`set ${name} to ${ms}: expected milliseconds, at least 0`);
}

function checkWord<W extends string>(name: string, word: W, words: readonly W[]): W {
  if (words.includes(word)) return word;
  const expected = words.map((each) => `'${each}'`).join(' or ');
  throw new TypeError(`set ${name} to ${JSON.stringify(word)}: expected ${expected}`);
}
