/** What the calls of the awaited face can be told. */
import type { Clock } from '../event-loop/clock.ts';
import type { EventLoop } from '../event-loop/event-loop.ts';
import type { ReceiveFlag, SendFlag } from '../message-flags.ts';
import type { SocketOptions as BlockingSocketOptions } from '../socket.ts';

/** Options of a socket. */
export interface SocketOptions extends BlockingSocketOptions {
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

/** Options of `recvInto`. */
export interface ReceiveIntoOptions extends ReceiveOptions {
  /** How many bytes at most; as many as the buffer has unless told. */
  readonly length?: number;
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
