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
/** The first one is short, and so on: a stream may soon go on in another framing, and what was copied be of no use. */
const FIRST_BATCH_LENGTH = 512;

/** Up to here a frame is short: half of a batch, so that no more of it is copied in vain. */
export const SHORT_FRAME = BATCH_LENGTH / 2;

const NOTHING = new Uint8Array(0);

/** The copy that the next frames of one stream are cut from. */
export class Batch {
  /** Where the frame is that {@link place} was asked for: its memory, and where in that it begins. */
  bytes: Uint8Array = NOTHING;
  at = 0;
  /** Which bytes of the stream it holds. */
  #from = 0;
  #to = 0;
  /** How long the next copy may be; 0 before the first frame, which is never in a batch. */
  #most = 0;

  /**
   * Finds room for the next `length` bytes of the buffer, which are a frame: copies them, and others, when they are not
   * there already.
   *
   * @returns whether they are there
   */
  place(buffer: ReceiveBuffer, length: number): boolean {
    const { offset } = buffer;
    if (offset + length > this.#to || offset < this.#from) {
      const most = this.#most;
      this.#most = Math.min(Math.max(most * 2, FIRST_BATCH_LENGTH), BATCH_LENGTH);
      if (most === 0) return false;
      const { bytes, start, end } = buffer;
      this.bytes = copyBytes(bytes, start, Math.min(start + Math.max(most, length), end));
      this.#from = offset;
      this.#to = offset + this.bytes.length;
    }
    this.at = offset - this.#from;
    return true;
  }

  /** Lets go of the memory. */
  clear(): void {
    if (this.#to === 0) return;
    this.bytes = NOTHING;
    this.#from = 0;
    this.#to = 0;
  }
}
