/**
 * The header: one JSON object that says what the content is.
 *
 * ```
 * {"byteorder": "little", "content-type": "text/json", "content-encoding": "utf-8", "content-length": 41}
 * ```
 *
 * Four keys are required, in lower case, in any order; of a key that occurs twice the last one counts.
 * All other keys are extensions and kept as they are. Numbers in extensions are doubles. One beyond 2^53-1
 * is rounded, to a number that is no safe integer either, so whoever expects an id finds out with
 * `Number.isSafeInteger`.
 */
import type { Byteorder } from './byteorder.ts';
import type { JsonValue } from './json.ts';

/** What a message says about its content. Frozen: several messages may share one. */
export interface Header {
  /** The sender's own byte order. */
  readonly byteorder: Byteorder;
  /** `text/json`, possibly with parameters, or the type of binary content. */
  readonly contentType: string;
  /** A character encoding for text; `binary`, by custom, for anything else. */
  readonly contentEncoding: string;
  /** The length of the content in bytes. */
  readonly contentLength: number;
  /** All further keys in their order, own properties whatever their name. */
  readonly extensions: Readonly<Record<string, JsonValue>>;
}

/** The required keys in the order in which they are written. */
export const REQUIRED_KEYS = [
  'byteorder',
  'content-type',
  'content-encoding',
  'content-length',
] as const; // the tuple is needed: its items are keys, not any strings

/** The extensions of most headers. */
const NO_EXTENSIONS: Header['extensions'] = Object.freeze({});

/** Puts a header together and freezes it. */
export function createHeader(
  byteorder: Byteorder,
  contentType: string,
  contentEncoding: string,
  contentLength: number,
  extensions: Header['extensions'],
): Header {
  return Object.freeze({
    byteorder,
    contentType,
    contentEncoding,
    // JSON knows -0; a length does not.
    contentLength: contentLength + 0,
    extensions: Object.keys(extensions).length === 0 ? NO_EXTENSIONS : Object.freeze(extensions),
  });
}

/** Whether a header has keys besides the four. */
export function hasExtensions({ extensions }: Header): boolean {
  return extensions !== NO_EXTENSIONS;
}
