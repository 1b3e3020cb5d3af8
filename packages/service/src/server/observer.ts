/**
 * What a server tells about itself: for logs, counters, and tests. Every method is optional. One that
 * throws ends the connection it was told about; where there is none, or none any more, it becomes a warning
 * of the process.
 */
import type { RemoteProtocolError } from '@wireline/framing/decoder';
import type { Message, OutgoingMessage } from '@wireline/message';
import type { Address, SystemError } from '@wireline/socket';
import type { LimitHit } from '../limit-hit.ts';

/** A connection as observers see it. */
export interface ObservedConnection {
  /** Counts from 1 within a server. */
  readonly id: number;
  readonly remoteAddress: Address;
  /** How many requests have come on it, bad ones included. */
  readonly requestCount: number;
}

/** Who watches a server. */
export interface ServerObserver {
  opened?(connection: ObservedConnection): void;
  /** A request was answered. */
  answered?(connection: ObservedConnection, request: Message, answer: OutgoingMessage): void;
  /** The peer broke the protocol; it was told so where it could be. Its `limit` may be one of ours. */
  badInput?(connection: ObservedConnection, error: RemoteProtocolError): void;
  /** A limit was reached in another way than by bad input. No connection where it is one of the server's own. */
  limitReached?(hit: LimitHit, connection: ObservedConnection | undefined): void;
  /** A handler failed, or gave an answer that cannot be sent. */
  handlerFailed?(connection: ObservedConnection, request: Message, error: unknown): void;
  /** It is over. `error` when it did not end in good order. */
  closed?(connection: ObservedConnection, error: Error | undefined): void;
  /** A connection was accepted and could not be served: gone again, or no memory for it in the kernel. */
  acceptFailed?(remoteAddress: Address, error: SystemError): void;
  /** No connections are accepted for want of descriptors or memory; those that stand are served. */
  acceptPaused?(error: SystemError): void;
  acceptResumed?(): void;
  /** The listener is broken; the connections that stand are served. */
  listenerFailed?(error: SystemError): void;
}
