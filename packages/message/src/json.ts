/**
 * JSON as it is read here: `JSON.parse`, and then stricter.
 *
 * `JSON.parse` already refuses what is not JSON: `NaN`, `Infinity`, a byte order mark, trailing commas.
 * Three things it lets through are refused here, because they change silently on the way:
 *
 * - nesting deeper than 64, which breaks recursive code later;
 * - an integer beyond 2^53-1, which a double cannot hold exactly;
 * - a number such as `1e400`, which becomes Infinity.
 *
 * They are looked for in the text, before it is parsed, in one pass that jumps over strings. Short texts
 * without long digit runs and large exponents cannot contain any of them and skip the pass.
 *
 * Keys such as `__proto__` become own properties: plain data, never a prototype. Of a key that occurs
 * twice the last value counts. JavaScript puts keys that look like array indices first.
 */
import { forgetLastMatch } from '@wireline/framing/text';
import { MAX_JSON_DEPTH } from './limits.ts';

/** A value that JSON can hold. */
export type JsonValue = string | number | boolean | null | JsonArray | JsonObject;
/** A JSON array. */
export type JsonArray = readonly JsonValue[];
/** A JSON object. Its keys come from outside: ask with `Object.hasOwn` whether one is there. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** One level more than allowed takes at least so many characters: a bracket to open each, one to close. */
const SHORTEST_TOO_DEEP = 2 * (MAX_JSON_DEPTH + 1);

/**
 * What every troublesome number contains: 16 digits in a row (2^53 has 16), or an exponent of three
 * digits (the largest double is about 1.8e308, and fewer than 16 digits with `e99` stay far below).
 */
const LONG_NUMBER = /\d{16}|[eE]\+?\d{3}/;

/** A number's characters; sticky, so that it reads where the scan stands. */
const NUMBER = /-?\d+([.eE][-+.\deE]*)?/y;

/** Options of {@link findJsonFault}. */
export interface JsonFaultOptions {
  /** Let integers beyond 2^53-1 pass; they are rounded. False unless told. */
  readonly wideIntegers?: boolean;
}

/**
 * Reads a JSON text.
 *
 * @throws SyntaxError when it is no JSON, or breaks one of the three rules above.
 */
export function readJson(text: string): JsonValue {
  if (text.length >= SHORTEST_TOO_DEEP || LONG_NUMBER.test(text)) {
    const fault = findJsonFault(text);
    forgetLastMatch();
    if (fault !== undefined) throw new SyntaxError(fault);
  }
  return parseJson(text);
}

/** `JSON.parse` with a type, and a word about byte order marks. */
export function parseJson(text: string): JsonValue {
  try {
    // JSON.parse declares `any`; what it returns is a JsonValue by definition.
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    if (text.charCodeAt(0) !== 0xfeff) throw cause;
    throw new SyntaxError('it starts with a byte order mark', { cause });
  }
}

/** Whether a value is a JSON object: neither null nor an array nor a scalar. */
export function isJsonObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Looks for the three things that `JSON.parse` lets through. Says what it found, or undefined. The text
 * need not be JSON; one that is not may get either answer.
 */
export function findJsonFault(text: string, options: JsonFaultOptions = {}): string | undefined {
  const { wideIntegers = false } = options;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22 /* " */) {
      at = endOfString(text, at);
    } else if (code === 0x7b /* { */ || code === 0x5b /* [ */) {
      if (++depth > MAX_JSON_DEPTH)
        return `it nests deeper than ${MAX_JSON_DEPTH} at character ${at}`;
    } else if (code === 0x7d /* } */ || code === 0x5d /* ] */) {
      depth--;
    } else if (code === 0x2d /* - */ || (code >= 0x30 /* 0 */ && code <= 0x39) /* 9 */) {
      NUMBER.lastIndex = at;
      const literal = NUMBER.exec(text);
      if (literal === null) continue;
      const fault = numberFault(literal[0], literal[1] === undefined && !wideIntegers);
      if (fault !== undefined) return `${fault} at character ${at}`;
      at = NUMBER.lastIndex - 1;
    }
  }
  return undefined;
}

/** Where the string that opens at `quote` closes; the end of the text if it does not. */
function endOfString(text: string, quote: number): number {
  for (let at = text.indexOf('"', quote + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === 0x5c /* \ */) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return text.length;
}

function numberFault(literal: string, mustBeSafe: boolean): string | undefined {
  const value = Number(literal);
  if (mustBeSafe && !Number.isSafeInteger(value)) return 'an integer lies beyond 2^53-1';
  if (value === Infinity || value === -Infinity) return 'a number overflows to Infinity';
  return undefined;
}
