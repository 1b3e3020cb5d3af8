/**
 * What is being verified: how to make a decoder, judge its frames and know what it holds.
 */
import type { Decoder } from '../decoder.ts';

/** How to make a decoder and judge its frames. */
export interface Subject<Frame> {
  createDecoder(): Decoder<Frame>;
  equals(actual: Frame, expected: Frame): boolean;
  heldBytes(decoder: Decoder<Frame>): number;
  readonly maxMemory: number;
}

/** Whether the decoder has gone quiet. Those that never do have no `closed`. */
export function isClosed(decoder: Decoder<unknown>): boolean {
  return 'closed' in decoder && decoder.closed === true;
}
