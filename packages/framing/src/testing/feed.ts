/**
 * Feed: how the bytes of one stream reach a decoder, and what becomes of their memory.
 *
 * Views are found out by making them wrong. Bytes that a decoder has consumed, and bytes in the scratch
 * buffer after it was given back, are inverted once each, so a frame that still looks at them changes:
 *
 * ```
 *   before decode   |already inverted|start  unread .......... end|
 *   after spoil     |already inverted|inverted now|start .... end |
 *   after settle    |already inverted|inverted    |inverted now   |   scratch only
 * ```
 *
 * Receives go to the two halves of the scratch buffer in turn, so that bytes kept for the next receive
 * never land where they were.
 */
import { Fault } from './fault.ts';
import { WatchedBuffer } from './watched-buffer.ts';

/** How a call of the decoder ended. */
export type Outcome<Result> = { readonly value: Result } | { readonly thrown: unknown };

/** The bytes of one stream on their way to a decoder. */
export class Feed {
  // The decoder's own limits are what is tried; the buffer's must not speak first.
  readonly buffer = new WatchedBuffer({ maxLength: Infinity });
  readonly #halves: readonly [Uint8Array, Uint8Array] | undefined;
  #delivered = 0;
  #receives = 0;
  /** Where the unread bytes began before the last call. */
  #before = { bytes: this.buffer.bytes, start: 0 };

  /** @param scratch twice the shared buffer to receive into; without it, chunks are appended */
  constructor(scratch?: Uint8Array) {
    const half = (scratch?.length ?? 0) / 2;
    this.#halves = scratch && [scratch.subarray(0, half), scratch.subarray(half)];
    // What an earlier run left must not make a difference.
    scratch?.fill(0xa5);
  }

  /** How many bytes have come. */
  get delivered(): number {
    return this.#delivered;
  }

  /** Delivers `chunk` in as many pieces as its room takes; `decodeAll` answers whether to go on. */
  deliver(chunk: Uint8Array, decodeAll: () => boolean): void {
    const halves = this.#halves;
    if (halves !== undefined) {
      this.#receive(chunk, halves, decodeAll);
      return;
    }
    this.buffer.append(chunk);
    this.#delivered += chunk.length;
    decodeAll();
  }

  /** Calls the decoder, watched, and checks that it removed nothing but what was there. */
  call<Result>(action: (buffer: WatchedBuffer) => Result): Outcome<Result> {
    const { buffer } = this;
    this.#before = { bytes: buffer.bytes, start: buffer.start };
    const outcome = attempt(() => buffer.watched(action));
    const { start, end, offset } = buffer;
    if (start <= end && offset + end - start === this.#delivered) return outcome;
    throw new Fault({
      expected: `consumed and unread bytes to be the ${this.#delivered} that came`,
      received: `${offset} consumed and ${end - start} unread`,
      hint: 'Remove bytes with consume() or take() only.',
    });
  }

  /** Makes unreadable what the last call consumed. */
  spoil(): void {
    const { bytes, start } = this.buffer;
    invert(bytes, bytes === this.#before.bytes ? this.#before.start : 0, start);
  }

  #receive(
    chunk: Uint8Array,
    halves: readonly [Uint8Array, Uint8Array],
    decodeAll: () => boolean,
  ): void {
    const { buffer } = this;
    for (let at = 0; at < chunk.length;) {
      const scratch = halves[this.#receives++ % 2 === 0 ? 0 : 1];
      const room = buffer.beginReceive(scratch);
      const piece = chunk.subarray(at, at + room.length);
      room.set(piece);
      buffer.endReceive(piece.length);
      this.#delivered += piece.length;
      at += piece.length;
      const goOn = decodeAll();
      const { bytes, start, end } = buffer;
      buffer.settle();
      if (bytes === scratch) invert(scratch, start, end);
      if (!goOn) return;
    }
  }
}

/** What `action` returns or throws; a fault is thrown on. */
export function attempt<Result>(action: () => Result): Outcome<Result> {
  try {
    return { value: action() };
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown;
    return { thrown };
  }
}

/** Changes every byte to one that it was not. */
function invert(bytes: Uint8Array, start: number, end: number): void {
  for (let index = start; index < end; index++) bytes[index] = ~(bytes[index] ?? 0);
}
