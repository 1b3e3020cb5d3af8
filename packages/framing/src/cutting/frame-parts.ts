/**
 * FrameParts: a long frame while it comes, out of the receive buffer.
 *
 * A buffer that had to hold it in one piece would move it each time it grows. Here what has come is kept as it came,
 * and becomes one piece when all of it is there:
 *
 * ```
 *   parts   |64 KiB|64 KiB|64 KiB| ...        nothing moves
 *   joined  |64 KiB|64 KiB|64 KiB| ... |tail| each byte is copied once
 * ```
 *
 * Nothing is reserved for what was only announced: when the parts are joined, half of the memory that it takes holds
 * bytes that came already, and the other half is about to.
 */
import { memoryToFill } from '../platform.ts';
import type { ReceiveBuffer } from '../receive-buffer.ts';

/** 16 KiB: less is left in the buffer until it is more, so that single bytes are no parts. */
export const PART_LENGTH = 16 * 1024;

/** 4 KiB, a page: to copy takes less time to the same place in a page than to most others. */
const PAGE_LENGTH = 4 * 1024;

const NOTHING = new Uint8Array(0);

/** The bytes of one frame, as far as they have been taken out of the buffer. */
export class FrameParts {
  #parts: Uint8Array[] = [];
  #length = 0;

  /** How many bytes it holds. */
  get length(): number {
    return this.#length;
  }

  /** Takes the next `count` bytes of the frame. */
  add(buffer: ReceiveBuffer, count: number): void {
    this.#parts.push(buffer.take(count));
    this.#length += count;
  }

  /** The whole frame in one piece, the last `count` bytes of it still in the buffer; and holds nothing any more. */
  join(buffer: ReceiveBuffer, count: number): Uint8Array {
    // The first part is short when the frame began in the middle of a chunk; the others are like the second.
    const [first = NOTHING, second = first] = this.#parts;
    const lead = (second.byteOffset - first.length) & (PAGE_LENGTH - 1);
    const memory = memoryToFill(lead + this.#length + count);
    let at = lead;
    for (const part of this.#parts) {
      memory.set(part, at);
      at += part.length;
    }
    memory.set(buffer.bytes.subarray(buffer.start, buffer.start + count), at);
    buffer.consume(count);
    this.clear();
    return memory.subarray(lead);
  }

  /** Lets go of everything. */
  clear(): void {
    this.#parts = [];
    this.#length = 0;
  }
}
