/**
 * TextBatchDecoder: frames of text between delimiters, many of them decoded at a time.
 *
 * To make text of the bytes of each short frame takes longer than all else. So all whole frames within the next 8 KiB
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
 *
 * No byte is in two batches: where one was given up, frames are read one at a time to its end. The first frame is, too,
 * for it may say that the next ones have another framing; then batches grow.
 */
import type { TextContent } from '../contents/text.ts';
import type { CuttingDecoder } from '../cutting/cutting-decoder.ts';
import type { Delimiters } from '../cutting/delimiters.ts';
import type { FrameDecoder, NeedData } from '../decoder.ts';
import type { ReceiveBuffer } from '../receive-buffer.ts';

/** 8 KiB: beyond that a batch gains nothing, and what one kept frame can hold on to stays small. */
const BATCH_LENGTH = 8 * 1024;
/** 128 bytes: a stream that soon goes on in another framing has not had much of it made text in vain. */
const FIRST_BATCH_LENGTH = 128;

/** Instead of the place of a character: the delimiter would begin before the frame does. */
const NO_ROOM = -2;

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
  readonly #content: TextContent;
  readonly #delimiters: Delimiters;
  readonly #lastCharacter: string;
  /** Whether the delimiters are one character, or one and the same behind another, as `\n` and `\r\n`. */
  readonly #isLikeLines: boolean;
  /** The other one; empty when there is none. */
  readonly #before: string;
  readonly #keepDelimiter: boolean;
  readonly #maxLength: number;
  #text = '';
  /** Where in the text the next frame begins, and where the text ends; the same when there is no batch. */
  #at = 0;
  #textEnd = 0;
  /** Where in the stream the next frame begins. */
  #offset = 0;
  /** The length of the delimiter that was found last, where there are others than those of lines. */
  #length = 0;
  #isAscii = true;
  /** Whether there may be pairs of characters that are delimiters: to ask once is cheaper than at each frame. */
  #hasPairs = false;
  /** Whether no frame has come yet. */
  #isFirst = true;
  /** How long the next batch may be. */
  #most = FIRST_BATCH_LENGTH;
  /** Where in the stream the last batch ends, used or not, or what was looked at in vain. */
  #batchEnd = 0;

  /** @param one the decoder that reads one frame at a time */
  constructor(one: CuttingDecoder<string>, options: TextBatchOptions) {
    const { content, delimiters, keepDelimiter, maxLength } = options;
    this.#one = one;
    this.#content = content;
    this.#delimiters = delimiters;
    this.#lastCharacter = String.fromCharCode(delimiters.lastByte);
    const [shortest = [], pair = [], ...others] = delimiters.longestFirst.toReversed();
    this.#isLikeLines = shortest.length === 1 && pair.length <= 2 && others.length === 0;
    this.#before = pair.length === 2 ? String.fromCharCode(pair[0] ?? 0) : '';
    this.#keepDelimiter = keepDelimiter;
    this.#maxLength = maxLength;
  }

  get closed(): boolean {
    return this.#one.closed;
  }

  /** How many bytes it holds outside of the buffer; a batch is text of bytes that are still there. */
  get heldBytes(): number {
    return this.#one.heldBytes + this.#text.length;
  }

  decode(buffer: ReceiveBuffer): string | NeedData {
    if (this.#at === this.#textEnd && !this.#begin(buffer)) return this.#decodeOne(buffer);
    const text = this.#text;
    const from = this.#at;
    let end = text.indexOf(this.#lastCharacter, from) + 1;
    let length = 1;
    if (!this.#isLikeLines) {
      end = this.#endOfFrame(text, from, end);
      length = this.#length;
    } else if (this.#hasPairs && end - 2 >= from && text[end - 2] === this.#before) {
      length = 2;
    }
    // It may end later, and somebody else may have taken bytes since.
    if (end === 0 || buffer.offset !== this.#offset) {
      this.#drop();
      return this.#decodeOne(buffer);
    }
    const used = this.#isAscii ? end - from : this.#lengthInBytes(buffer);
    this.#offset += used;
    this.#at = end;
    if (end === this.#textEnd) this.#drop();
    // A frame above the limit: if it is skipped, the batch goes on behind it.
    if (used > this.#maxLength) return this.#decodeOne(buffer);
    buffer.consume(used);
    return text.slice(from, this.#keepDelimiter ? end : end - length);
  }

  end(buffer: ReceiveBuffer): void {
    this.#one.end(buffer);
  }

  /** Makes a batch of the frames at the front of the buffer, if there is one. */
  #begin(buffer: ReceiveBuffer): boolean {
    if (this.#isFirst || buffer.offset < this.#batchEnd || buffer.length === 0) return false;
    const { bytes, start } = buffer;
    let end = Math.min(buffer.end, start + this.#most);
    this.#batchEnd = buffer.offset + end - start;
    while (end > start && bytes[end - 1] !== this.#delimiters.lastByte) end--;
    if (end === start || !this.#one.stepAside()) return false;
    this.#batchEnd = buffer.offset + end - start;
    const text = this.#content.maybeRead(bytes, start, end);
    if (text === undefined) return false;
    this.#most = Math.min(this.#most * 2, BATCH_LENGTH);
    this.#text = text;
    this.#textEnd = text.length;
    this.#at = 0;
    this.#offset = buffer.offset;
    this.#hasPairs = this.#before !== '' && text.includes(this.#before);
    this.#isAscii = text.length === end - start && !text.includes(REPLACEMENT);
    return true;
  }

  #decodeOne(buffer: ReceiveBuffer): string | NeedData {
    const frame = this.#one.decode(buffer);
    if (typeof frame === 'string') this.#isFirst = false;
    else if (this.#one.closed) this.#drop();
    return frame;
  }

  /** Where the frame that begins at `from` ends in the text, at `firstEnd` at the earliest; 0 if it does not. */
  #endOfFrame(text: string, from: number, firstEnd: number): number {
    const { longestFirst } = this.#delimiters;
    for (let end = firstEnd; end > 0; end = text.indexOf(this.#lastCharacter, end) + 1) {
      for (const delimiter of longestFirst) {
        const { length } = delimiter;
        const front = end - length;
        let back = front < from ? NO_ROOM : length - 2; // the last character is there
        while (back >= 0 && text.charCodeAt(front + back) === delimiter[back]) back--;
        if (back !== -1) continue;
        this.#length = length;
        return end;
      }
    }
    return 0;
  }

  /** Lets go of the batch, which is used up or of no use. */
  #drop(): void {
    this.#text = '';
    this.#at = 0;
    this.#textEnd = 0;
  }

  #lengthInBytes({ bytes, start, end }: ReceiveBuffer): number {
    return this.#delimiters.find(bytes, start, start, end) - start;
  }
}
