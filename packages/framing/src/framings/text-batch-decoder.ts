/**
 * TextBatchDecoder: frames of text between delimiters, many of them decoded at a time.
 *
 * To make text of the bytes of each short frame takes longer than all else. So all whole frames within the next 4 KiB
 * become one text, and the frames are cut from that:
 *
 * ```
 *   receive buffer   |one\n|two\n|three\nfo      bytes, removed frame by frame
 *   batch            "one\ntwo\nthree\n"         text, of which a frame is a slice
 * ```
 *
 * Where all is ASCII, a character is a byte. Elsewhere the delimiters are looked for in both: no byte of another
 * character looks like one. What a batch cannot do, a frame that is longer or cut or above the limit or no text, is
 * left to the decoder that reads one at a time; so is its order among the others.
 */
import type { TextContent } from '../contents/text.ts';
import type { CuttingDecoder } from '../cutting/cutting-decoder.ts';
import type { Delimiters } from '../cutting/delimiters.ts';
import type { FrameDecoder, NeedData } from '../decoder.ts';
import type { ReceiveBuffer } from '../receive-buffer.ts';

/** 4 KiB: beyond that a batch gains nothing, and what one kept frame can hold on to stays small. */
const BATCH_LENGTH = 4 * 1024;

/** What does not come out of bytes, but where they were no text. */
const REPLACEMENT = '\ufffd';

/** What a {@link TextBatchDecoder} has to know of the framing. */
export interface TextBatchOptions {
  readonly content: TextContent;
  /** Of ASCII, all with the same last byte. */
  readonly delimiters: Delimiters;
  readonly keepDelimiter: boolean;
  readonly maxLength: number;
}

/** Reads the text between the delimiters of one stream. */
export class TextBatchDecoder implements FrameDecoder<string> {
  readonly #one: CuttingDecoder<string>;
  readonly #options: TextBatchOptions;
  readonly #lastCharacter: string;
  #text = '';
  /** Where in the text the next frame begins. */
  #at = 0;
  /** Where in the stream it begins. */
  #offset = 0;
  #isAscii = true;
  /** Whether to look for a batch: once for each frame that is not in one. */
  #mayBegin = true;

  /** @param one the decoder that reads one frame at a time */
  constructor(one: CuttingDecoder<string>, options: TextBatchOptions) {
    this.#one = one;
    this.#options = options;
    this.#lastCharacter = String.fromCharCode(options.delimiters.lastByte);
  }

  get closed(): boolean {
    return this.#one.closed;
  }

  /** How many bytes it holds outside of the buffer; a batch is text of bytes that are still there. */
  get heldBytes(): number {
    return this.#one.heldBytes + this.#text.length;
  }

  decode(buffer: ReceiveBuffer): string | NeedData {
    if (this.#text !== '' || this.#begin(buffer)) {
      const frame = this.#maybeNext(buffer);
      if (frame !== undefined) return frame;
      this.#text = '';
    }
    const frame = this.#one.decode(buffer);
    this.#mayBegin = typeof frame === 'string';
    return frame;
  }

  end(buffer: ReceiveBuffer): void {
    this.#one.end(buffer);
  }

  /** Makes a batch of the frames at the front of the buffer, if there is one. */
  #begin(buffer: ReceiveBuffer): boolean {
    if (!this.#mayBegin || buffer.length === 0) return false;
    this.#mayBegin = false;
    const { bytes, start } = buffer;
    const { content, delimiters } = this.#options;
    let end = Math.min(buffer.end, start + BATCH_LENGTH);
    while (end > start && bytes[end - 1] !== delimiters.lastByte) end--;
    if (end === start || !this.#one.stepAside()) return false;
    const text = content.maybeRead(bytes, start, end);
    if (text === undefined) return false;
    this.#text = text;
    this.#at = 0;
    this.#offset = buffer.offset;
    this.#isAscii = text.length === end - start && !text.includes(REPLACEMENT);
    return true;
  }

  /** The next frame of the batch, unless it has none that is a frame here and now. */
  #maybeNext(buffer: ReceiveBuffer): string | undefined {
    // Somebody else may have taken bytes since.
    if (buffer.offset !== this.#offset) return undefined;
    const { delimiters, keepDelimiter, maxLength } = this.#options;
    const text = this.#text;
    const from = this.#at;
    for (let at = text.indexOf(this.#lastCharacter, from); at !== -1;) {
      const end = at + 1;
      const length = delimiterBefore(text, from, end, delimiters.longestFirst);
      if (length === 0) {
        at = text.indexOf(this.#lastCharacter, end);
        continue;
      }
      const used = this.#isAscii ? end - from : this.#lengthInBytes(buffer);
      if (used > maxLength) return undefined;
      buffer.consume(used);
      this.#offset = buffer.offset;
      this.#at = end;
      if (end === text.length) this.#text = '';
      this.#mayBegin = true;
      return text.slice(from, keepDelimiter ? end : end - length);
    }
    return undefined;
  }

  #lengthInBytes({ bytes, start, end }: ReceiveBuffer): number {
    return this.#options.delimiters.find(bytes, start, start, end) - start;
  }
}

/** The length of the longest delimiter that ends at `end` and does not begin before `from`; 0 if there is none. */
function delimiterBefore(
  text: string,
  from: number,
  end: number,
  longestFirst: readonly Uint8Array[],
): number {
  for (const delimiter of longestFirst) {
    const { length } = delimiter;
    const start = end - length;
    if (start < from) continue;
    let index = length - 1;
    while (index >= 0 && text.charCodeAt(start + index) === delimiter[index]) index--;
    if (index < 0) return length;
  }
  return 0;
}
