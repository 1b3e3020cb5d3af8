/**
 * What all connections of one server or client share: codec, memory, clock and time-outs, from the options
 * that both have.
 */
import { BlockPool } from '@wireline/framing/decoder';
import {
  HeaderRecognizer,
  MessageDecoder,
  MessageEncoder,
  type Byteorder,
  type Limits,
} from '@wireline/message';
import { systemClock, type Clock } from '@wireline/socket/event-loop';
import { processBudget, type MemoryBudget } from './memory-budget.ts';
import type { Network } from './network.ts';
import { resolveTimeouts, type Timeouts } from './timeouts.ts';

/** Options that servers and clients have in common. */
export interface ConnectionOptions {
  /** Limits of one message, for both directions. */
  readonly limits?: Partial<Limits>;
  /** How long a peer may take over what. */
  readonly timeouts?: Partial<Timeouts>;
  /** What all connections together may hold; one budget for all of this thread unless told. */
  readonly budget?: MemoryBudget;
  /** What `byteorder` our messages carry; the machine's own unless told. */
  readonly byteorder?: Byteorder;
  /** Where time comes from; the machine's own unless a test moves it. */
  readonly clock?: Clock;
  /** Where connections come from; the operating system unless a test brings its own. */
  readonly network?: Network;
}

/** What a connection is made of, besides its transport and its owner. */
export interface ConnectionParts {
  readonly createDecoder: () => MessageDecoder;
  readonly encoder: MessageEncoder;
  readonly pool: BlockPool;
  readonly clock: Clock;
  readonly timeouts: Timeouts;
  readonly budget: MemoryBudget;
  /** The most received bytes that may wait undecoded. */
  readonly maxReceived: number;
  /** The most bytes that may wait to be sent. */
  readonly maxSending: number;
}

/** What one `recv` may bring beyond a whole message. */
const RECEIVE_SLACK = 128 * 1024;

/**
 * Puts the parts together.
 *
 * @param maxQueued the most bytes that wait to be sent when another message is written
 * @param defaults time-outs, where the options name none
 * @throws RangeError when a limit is no whole number in its range, or a time-out no positive number.
 */
export function connectionParts(
  options: ConnectionOptions,
  maxQueued: number,
  defaults?: Timeouts,
): ConnectionParts {
  const { byteorder, clock = systemClock, budget = processBudget } = options;
  const encoder = new MessageEncoder({
    ...options.limits,
    ...(byteorder === undefined ? {} : { byteorder }),
  });
  const { limits } = encoder;
  const recognizer = new HeaderRecognizer();
  const longestMessage = 2 + limits.maxHeaderLength + limits.maxContentLength;
  return {
    createDecoder: () => new MessageDecoder({ ...limits, recognizer }),
    encoder,
    pool: new BlockPool(),
    clock,
    timeouts: resolveTimeouts(options.timeouts, defaults),
    budget,
    maxReceived: longestMessage + RECEIVE_SLACK,
    maxSending: longestMessage + maxQueued,
  };
}
