/**
 * Text in UTF-8, read a whole frame at a time: a character that was cut by a chunk is never seen.
 *
 * Nothing is added and nothing taken away: a byte order mark stays, for it may as well be a character.
 */
import { FrameFault } from '../cutting/frame-fault.ts';
import { LocalProtocolError } from '../errors.ts';
import { MAX_SHORT_TEXT, shortText } from '../text/short-text.ts';
import { utf8Length, writeUtf8 } from '../text/utf8.ts';
import type { Content } from './content.ts';

/** Options of {@link text}. */
export interface TextOptions {
  /**
   * What comes of bytes that are no UTF-8: an error with code `content-invalid`, which leaves the framing intact, or
   * U+FFFD in their place. `fail` unless told.
   */
  readonly invalid?: 'fail' | 'replace';
}

/** Half of a character: a surrogate without its other half. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Text in UTF-8. */
export class TextContent implements Content<string> {
  readonly keepsBytes = false;
  readonly #decoder: InstanceType<typeof TextDecoder>;

  constructor({ invalid = 'fail' }: TextOptions) {
    this.#decoder = new TextDecoder('utf-8', { fatal: invalid === 'fail', ignoreBOM: true });
  }

  read(bytes: Uint8Array, start: number, end: number): string {
    const length = end - start;
    if (length <= MAX_SHORT_TEXT && isAscii(bytes, start, end)) {
      return shortText(bytes, start, length);
    }
    const text = this.maybeRead(bytes, start, end);
    if (text !== undefined) return text;
    throw new FrameFault('content-invalid', `read ${length} bytes of text: they are no UTF-8`, {
      framing: 'intact',
      field: 'content',
    });
  }

  /** The text, or `undefined` for what is no UTF-8 and may not be replaced. */
  maybeRead(bytes: Uint8Array, start: number, end: number): string | undefined {
    try {
      return this.#decoder.decode(bytes.subarray(start, end));
    } catch {
      return undefined;
    }
  }

  lengthOf(value: string): number {
    if (typeof value !== 'string') {
      throw new LocalProtocolError(
        'frame-invalid',
        `write text: this is ${value === null ? 'null' : typeof value}; give a string, or leave content out for bytes`,
      );
    }
    if (!LONE_SURROGATE.test(value)) return utf8Length(value);
    throw new LocalProtocolError(
      'frame-invalid',
      'write text as UTF-8: it has half of a surrogate pair, which has none; call toWellFormed() first',
    );
  }

  write(value: string, target: Uint8Array, at: number, length: number): void {
    writeUtf8(value, length, target, at);
  }
}

/**
 * Text in UTF-8.
 *
 * @example
 * ```ts
 * const names = lengthPrefixed('u8', { content: text() }); // frames are strings
 * ```
 */
export function text(options: TextOptions = {}): Content<string> {
  return new TextContent(options);
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  let any = 0;
  for (let index = start; index < end; index++) any |= bytes[index] ?? 0;
  return any < 0x80;
}
