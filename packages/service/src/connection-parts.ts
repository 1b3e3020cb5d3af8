/**
 * What all connections of one server or client share: codec, memory, clock and time-outs, from the options
 * that both have.
 */
import { BlockPool } from '@wireline/framing';
import {
  HeaderRecognizer,
  MessageDecoder,
  MessageEncoder,
  type Byteorder,
  type Limits,
} from '@wireline/message';
import { systemClock, type Clock } from '@wireline/socket/event-loop';
import { DEFAULT_MESSAGE_TIMEOUTS, type MessageTimeouts } from './message-timer.ts';
import type { Network } from './network.ts';

/** Options that servers and clients have in common. */
export interface ConnectionOptions {
  /** Limits of one message, for both directions. */
  readonly limits?: Partial<Limits>;
  /** What `byteorder` our messages carry; the machine's own unless told. */
  readonly byteorder?: Byteorder;
  /** How long one message may take to arrive. */
  readonly timeouts?: Partial<MessageTimeouts>;
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
  readonly timeouts: MessageTimeouts;
  /** The most received bytes that may wait undecoded. */
  readonly maxReceived: number;
  /** The most bytes that may wait to be sent. */
  readonly maxSending: number;
}

/** What one `recv` may bring beyond a whole message. */
const RECEIVE_SLACK = 64 * 1024;

/**
 * Puts the parts together.
 *
 * @param queued the most bytes that wait to be sent when another message is written
 * @throws RangeError when a limit is no whole number in its range, or a time-out no positive number.
 */
export function connectionParts(options: ConnectionOptions, queued: number): ConnectionParts {
  const { byteorder, clock = systemClock, timeouts } = options;
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
    timeouts: checkTimeouts({ ...DEFAULT_MESSAGE_TIMEOUTS, ...timeouts }),
    maxReceived: longestMessage + RECEIVE_SLACK,
    maxSending: longestMessage + queued,
  };
}

/** Infinity is a time-out too: none. */
function checkTimeouts(timeouts: MessageTimeouts): MessageTimeouts {
  for (const [name, ms] of Object.entries(timeouts)) {
    if (!(ms > 0)) throw new RangeError(`set ${name} to ${ms}: expected milliseconds, more than 0`);
  }
  return timeouts;
}
