/** What the calls of the awaited face can be told. */
import type { Family } from '../address/address.ts';
import type { Clock } from '../event-loop/clock.ts';
import type { EventLoop } from '../event-loop/event-loop.ts';
import type { ReceiveFlag, SendFlag } from '../messages/message-flags.ts';
import type { SocketOptions as BlockingSocketOptions } from '../call-options.ts';

/** Options of a socket. */
export interface SocketOptions<F extends Family = Family> extends BlockingSocketOptions<F> {
  /** The event loop to wait in: this thread's unless told. */
  readonly loop?: EventLoop;
  readonly clock?: Clock;
}

/** Options of everything that waits. */
export interface WaitOptions {
  /** Gives the wait up; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of calls that receive. */
export interface ReceiveOptions extends WaitOptions {
  readonly flags?: ReceiveFlag | readonly ReceiveFlag[];
}

/** Options of `recvInto` and `recvFromInto`. */
export interface ReceiveIntoOptions extends ReceiveOptions {
  /** How many bytes at most; as many as the buffer has unless told. */
  readonly length?: number;
}

/** Options of `recvMsg`. */
export interface ReceiveMessageOptions extends ReceiveOptions {
  /** Room for control messages, in bytes; 2048 unless told, 0 for none. */
  readonly controlLength?: number;
}

/** Options of `chunks`. */
export interface ChunksOptions extends ReceiveOptions {
  /** How many bytes a chunk has at most; 64 KiB unless told. */
  readonly size?: number;
}

/** Options of calls that send. */
export interface SendOptions extends WaitOptions {
  readonly flags?: SendFlag | readonly SendFlag[];
}

/** Options of `sendAll`. */
export interface SendAllOptions extends SendOptions {
  /** Called with how many bytes the kernel took, each time that it took some. */
  readonly onSent?: (count: number) => void;
}
