/**
 * Batch: memory for the short frames of one chunk, so that each of them is a view and none a copy of its own.
 *
 * Memory of its own for each frame takes longer than to find it. So what lies at hand is copied in one go, 8 KiB at
 * most, and the frames look into that copy:
 *
 * ```
 *   receive buffer   |used|frame|frame|frame|frame|incompl|
 *   batch                 |frame|frame|frame|frame|incompl|
 *                            ^     ^  views, which their user owns
 * ```
 *
 * The batch belongs to the frames: it is never written to again, and shared with no other stream. Who keeps one short
 * frame keeps the batch.
 */
import { copyBytes } from '../copy-bytes.ts';
import type { ReceiveBuffer } from '../receive-buffer.ts';

/** 8 KiB, as Node's own pool of buffers: what one kept frame can hold on to. */
const BATCH_LENGTH = 8 * 1024;

/** Up to here a frame is short: half of a batch, so that no more of it is copied in vain. */
export const SHORT_FRAME = BATCH_LENGTH / 2;

const NOTHING = new Uint8Array(0);

/** The copy that the next frames of one stream are cut from. */
export class Batch {
  /** The memory of the frame that {@link place} was asked for. */
  bytes: Uint8Array = NOTHING;
  /** Which bytes of the stream it holds. */
  #from = 0;
  #to = 0;

  /** Where in {@link bytes} the next `length` bytes of the buffer are; copies them when they are not. */
  place(buffer: ReceiveBuffer, length: number): number {
    const { offset } = buffer;
    if (offset + length > this.#to || offset < this.#from) {
      const { bytes, start, end } = buffer;
      this.bytes = copyBytes(bytes, start, Math.min(start + BATCH_LENGTH, end));
      this.#from = offset;
      this.#to = offset + this.bytes.length;
    }
    return offset - this.#from;
  }

  /** Lets go of the memory. */
  clear(): void {
    if (this.#to === 0) return;
    this.bytes = NOTHING;
    this.#from = 0;
    this.#to = 0;
  }
}
