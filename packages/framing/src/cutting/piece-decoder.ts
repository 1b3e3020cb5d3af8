/**
 * PieceDecoder: the frames of any framing as they come, so that a frame may be longer than all memory.
 *
 * ```
 *   wire     | lead | head | content .................... | tail |
 *   pieces   |first |      |piece |piece |piece ......last|
 * ```
 *
 * A piece holds what the buffer has of its frame, so pieces differ with the chunks, and only joined are they the same.
 * A frame that is all there is one piece, unless it has a lead. Where the tail comes later than the content, the last
 * piece is empty.
 *
 * The limit counts as ever; whoever wants frames of any length says `maxLength: Number.MAX_SAFE_INTEGER`.
 */
import { NEED_DATA, type NeedData } from '../decoder.ts';
import type { Piece } from '../framing.ts';
import type { ReceiveBuffer } from '../receive-buffer.ts';
import { GuardedDecoder } from './guarded-decoder.ts';

const NOTHING = new Uint8Array(0);

/** Gives the frames of one stream in pieces. */
export class PieceDecoder extends GuardedDecoder<unknown, Piece> {
  /** Whether the next piece is the first of its frame. */
  #first = true;
  // What is still to come of each part of a frame whose length is known.
  #lead = 0;
  #head = 0;
  #content = 0;
  #tail = 0;

  protected override begin(length: number): void {
    const { lead, head, tail } = this.cutter;
    this.#lead = Math.max(lead - this.passed, 0);
    this.#head = head;
    this.#tail = tail;
    this.#content = length - this.#lead - head - tail;
  }

  protected override receive(buffer: ReceiveBuffer): Piece | NeedData {
    if (this.#lead > 0) {
      const count = Math.min(this.#lead, buffer.length);
      if (count === 0) return NEED_DATA;
      this.#lead -= count;
      return this.#piece(buffer, count, false);
    }
    this.#head -= this.#drop(buffer, Math.min(this.#head, buffer.length));
    if (this.#head > 0) return NEED_DATA;
    const count = Math.min(this.#content, buffer.length);
    const isLast = buffer.length >= this.#content + this.#tail;
    if (count === 0 && !isLast) return NEED_DATA;
    this.#content -= count;
    return isLast ? this.#lastPiece(buffer, count) : this.#piece(buffer, count, false);
  }

  protected override receiveSettled(buffer: ReceiveBuffer, count: number): Piece | NeedData {
    if (count === 0) return NEED_DATA;
    this.cutter.forget(count);
    return this.#piece(buffer, count, false);
  }

  protected override release(): void {
    // It keeps nothing.
  }

  protected override next(): void {
    super.next();
    this.#first = true;
  }

  #lastPiece(buffer: ReceiveBuffer, count: number): Piece {
    const { bytes, start, offset } = buffer;
    const end = start + count + this.#tail;
    try {
      this.cutter.checkTail(bytes, end);
    } catch (error) {
      throw this.placed(error, offset - this.passed, bytes.subarray(start, end));
    }
    const piece = this.#piece(buffer, count, true);
    this.#drop(buffer, this.#tail);
    this.cutter.reset();
    this.next();
    return piece;
  }

  #piece(buffer: ReceiveBuffer, count: number, last: boolean): Piece {
    const first = this.#first;
    this.#first = false;
    this.#pass(count);
    return { bytes: count === 0 ? NOTHING : buffer.take(count), first, last };
  }

  #drop(buffer: ReceiveBuffer, count: number): number {
    buffer.consume(count);
    this.#pass(count);
    return count;
  }

  #pass(count: number): void {
    this.passed += count;
    if (this.state === 'coming') this.missing -= count;
  }
}
