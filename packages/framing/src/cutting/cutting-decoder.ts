/**
 * CuttingDecoder: the frames of any framing, whole.
 *
 * How the bytes of a frame get to their reader depends on how they came:
 *
 * - A short frame is read straight from the receive buffer. Where the result keeps bytes it is a view of the chunk, if
 *   that was adopted, or else of a `Batch`; a frame that came alone is copied.
 * - A longer one that is all there is taken out of the buffer.
 * - One that comes in many receives is collected in `FrameParts`.
 */
import { NEED_DATA, type NeedData } from '../decoder.ts';
import type { ReceiveBuffer } from '../receive-buffer.ts';
import { Batch, SHORT_FRAME } from './batch.ts';
import { FrameParts, PART_LENGTH } from './frame-parts.ts';
import { GuardedDecoder } from './guarded-decoder.ts';

/** Reads the frames of one stream. */
export class CuttingDecoder<Frame> extends GuardedDecoder<Frame, Frame> {
  readonly #parts = new FrameParts();
  readonly #batch = new Batch();

  /** How many bytes it holds outside of the buffer, but for the frames that it gave away. */
  get heldBytes(): number {
    return this.#parts.length + this.#batch.bytes.length;
  }

  override decode(buffer: ReceiveBuffer): Frame | NeedData {
    if (this.state !== 'cutting') return super.decode(buffer);
    const { cutter } = this;
    const { bytes, start, end } = buffer;
    const unread = end - start;
    // As `measure` does, which says why.
    const most = start + cutter.limit - this.passed;
    let length: number;
    try {
      length = cutter.measure(bytes, start, most < end ? most : end);
    } catch (error) {
      throw this.placed(error, buffer.offset - this.passed, bytes.subarray(start, end));
    }
    const isShort = length >= 0 && length <= SHORT_FRAME && length <= unread;
    if (!isShort || length > cutter.limit || this.passed > 0) return this.measured(buffer, length);
    let memory = bytes;
    let at = start;
    let owned = buffer.isStable;
    if (!owned && cutter.keepsBytes && length < unread && this.#batch.place(buffer, length)) {
      memory = this.#batch.bytes;
      at = this.#batch.at;
      owned = true;
    }
    buffer.consume(length);
    try {
      return cutter.read(memory, at, at + length, owned);
    } catch (error) {
      throw this.placed(error, buffer.offset - length, memory.subarray(at, at + length));
    }
  }

  protected override begin(): void {
    // Nothing is kept for it before its bytes come.
  }

  protected override receive(buffer: ReceiveBuffer): Frame | NeedData {
    const { missing } = this;
    if (buffer.length < missing) {
      this.#batch.clear();
      if (buffer.length >= PART_LENGTH) {
        this.missing -= buffer.length;
        this.#collect(buffer, buffer.length);
      }
      return NEED_DATA;
    }
    const whole = this.passed === 0 ? buffer.take(missing) : this.#parts.join(buffer, missing);
    this.next();
    try {
      return this.cutter.read(whole, 0, whole.length, true);
    } catch (error) {
      throw this.placed(error, buffer.offset - whole.length, whole);
    }
  }

  protected override receiveSettled(buffer: ReceiveBuffer, count: number): NeedData {
    this.#batch.clear();
    if (count >= PART_LENGTH) {
      this.#collect(buffer, count);
      this.cutter.forget(count);
    }
    return NEED_DATA;
  }

  protected override release(): void {
    this.#parts.clear();
    this.#batch.clear();
  }

  #collect(buffer: ReceiveBuffer, count: number): void {
    this.#parts.add(buffer, count);
    this.passed += count;
  }
}
