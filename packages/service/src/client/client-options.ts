/**
 * What a client and its requests can be told.
 */
import type { OutgoingMessage } from '@wireline/message';
import type { ConnectionOptions } from '../connection-parts.ts';
import type { Contract, NoContract } from '../contract/contract.ts';
import type { ActionName, PartInput } from '../contract/inference.ts';
import type { ReconnectOptions } from './reconnection.ts';

/** Options of a `Client`. */
export interface ClientOptions<C extends Contract = NoContract> extends ConnectionOptions {
  /** What can be asked of the server: the same value that the server implements. */
  readonly contract?: C;
  /** How long to try to connect; 10 s unless told. */
  readonly connectTimeoutMs?: number;
  /** How long a request may take, waiting and connecting included; 60 s unless told. */
  readonly requestTimeoutMs?: number;
  /** The most requests that may wait their turn; 128 unless told. At least 1, as every count here. */
  readonly maxWaiting?: number;
  /** The most requests in flight on one connection; 128 unless told. */
  readonly maxInFlight?: number;
  /** The most connections: one for requests, and one for each stream; 8 unless told. */
  readonly maxConnections?: number;
  /** The most bytes of a stream that wait for its reader; 256 KiB unless told. */
  readonly maxStreamQueued?: number;
  /**
   * Whether requests carry a `message-id`. `never` is for servers that are disturbed by headers they do not
   * know; nothing can be streamed then, and what is given up costs its connection.
   */
  readonly ids?: 'always' | 'never';
  /**
   * When several requests are in flight on one connection. `proven`: when the server has shown that it knows
   * ids. `always`: at once; you vouch for a server that does not close behind its first answer.
   */
  readonly pipelining?: 'proven' | 'always';
  /** When to try again after the server was lost. */
  readonly reconnect?: ReconnectOptions;
}

/** Options of one request. */
export interface RequestOptions {
  /** Doing it twice is the same as doing it once, so it may be repeated if the connection breaks. */
  readonly idempotent?: boolean;
  /**
   * How long it may take, waiting included; the client's `requestTimeoutMs` unless told. Where it or its answer
   * comes in parts: how long nothing of either may go by.
   */
  readonly timeoutMs?: number;
  /**
   * How long the server is told that the answer is of use, from when it has the request; what is left of the
   * time-out unless told, and nothing for what comes in parts. Infinity: nothing.
   */
  readonly deadlineMs?: number;
  /** Gives it up; the request rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * What follows the message: each is sent with `more`, when there is room for it, and then the last one. All
   * have the content type of the message. Only for servers that know parts: to any other each is a request.
   */
  readonly parts?: Parts<OutgoingMessage>;
}

/** Things to be sent one after the other, there already or to come. */
export type Parts<T> = AsyncIterable<T> | Iterable<T>;

/** Options of a call: those of a request, with parts that fit the contract. */
export interface CallOptions<C extends Contract, A extends ActionName<C>> extends Omit<
  RequestOptions,
  'parts'
> {
  /** What follows the input: bytes, or items. */
  readonly parts?: Parts<PartInput<C, A>>;
}
