/**
 * What server and client both let their user say about messages, and the buffer sizes that follow.
 */
import type { Byteorder, Limits, MessageEncoderOptions } from '@wireline/message';

/** Options about the messages themselves. */
export interface CodecOptions {
  /** Limits of one message, for both directions. */
  readonly limits?: Partial<Limits>;
  /** What `byteorder` our messages carry; the machine's own unless told. */
  readonly byteorder?: Byteorder;
}

/** What one `recv` may bring beyond a whole message. */
export const RECEIVE_SLACK = 64 * 1024;

/** The options of an encoder, as `exactOptionalPropertyTypes` wants them. */
export function codecOptions({ limits, byteorder }: CodecOptions): MessageEncoderOptions {
  return byteorder === undefined ? { ...limits } : { ...limits, byteorder };
}

/** The bytes of the longest message that `limits` allow. */
export function longestMessage(limits: Limits): number {
  return 2 + limits.maxHeaderLength + limits.maxContentLength;
}
