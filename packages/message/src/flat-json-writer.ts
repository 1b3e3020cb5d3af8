/**
 * Writes flat records as JSON in UTF-8: on the stage, in one pass, without a text in between.
 *
 * A flat record is an object of strings, booleans, null and safe integers whose values were read, each of
 * them once; so writing it runs nobody's code. The bytes are those of `writeJson`: strings that stand in
 * JSON as they are, which is most of them, are written here, and any other is what `JSON.stringify` says.
 * A record that might not fit on the stage is left to `writeJson`.
 */
import { MAX_UNIT_LENGTH, stage } from './content-stage.ts';
import { countDigits, writeDigits } from '@wireline/framing/text';
import { findMarked } from './find-marked.ts';

/** A value that is not nested; a number is a safe integer. What is undefined is left out. */
export type FlatValue = string | number | boolean | null | undefined;

/** The keys of an object and its values, in the same order. */
export interface FlatRecord {
  readonly keys: readonly string[];
  readonly values: readonly FlatValue[];
}

/**
 * Room that is left behind a string for what is written before room is asked for again: a quote, a colon,
 * spaces, an integer, a comma or brace, the next quote. 24 would do.
 */
const MARGIN = 32;

/** Up to here a loop over the characters is ahead of the platform's encoder, tried on Node 20 to 24. */
const SHORT_TEXT = 32;

/** What a function answers that writes, if the stage might be too short. */
const NO_ROOM = -1;

/**
 * Bytes of UTF-8 that call for `JSON.stringify`: control characters, quote, backslash, and the first byte
 * of the replacement character, which an encoder puts where a surrogate stands alone.
 */
const IS_SPECIAL = new Uint8Array(0x100).fill(1, 0, 0x20);
IS_SPECIAL[0x22 /* " */] = 1;
IS_SPECIAL[0x5c /* \ */] = 1;
IS_SPECIAL[0xef] = 1;

const view = new DataView(stage.buffer);
const encoder = new TextEncoder();

/** Writes a record on the stage. Returns its length in bytes; undefined when it might not fit. */
export function maybeStageRecord({ keys, values }: FlatRecord): number | undefined {
  let at = 0;
  for (let index = 0; index < keys.length; index++) {
    const value = values[index];
    if (value === undefined) continue;
    at = at === 0 ? writeByte(0x7b /* { */, at) : writePair(0x2c /* , */, at);
    at = writeString(keys[index] ?? '', at);
    if (at === NO_ROOM) return undefined;
    at = writePair(0x3a /* : */, at);
    at = writeValue(value, at);
    if (at === NO_ROOM) return undefined;
  }
  if (at === 0) at = writeByte(0x7b /* { */, at);
  return writeByte(0x7d /* } */, at);
}

/** Writes at `at`, and returns where that ends; so do all functions that follow. */
function writeByte(byte: number, at: number): number {
  stage[at] = byte;
  return at + 1;
}

/** A character and a space. */
function writePair(byte: number, at: number): number {
  stage[at] = byte;
  stage[at + 1] = 0x20;
  return at + 2;
}

function writeValue(value: string | number | boolean | null, at: number): number {
  if (typeof value === 'string') return writeString(value, at);
  if (typeof value === 'number') return writeInteger(value, at);
  return writeWord(String(value), at);
}

function writeWord(word: string, at: number): number {
  for (let index = 0; index < word.length; index++) stage[at + index] = word.charCodeAt(index);
  return at + word.length;
}

function writeInteger(value: number, at: number): number {
  const size = Math.abs(value);
  const start = value < 0 ? writeByte(0x2d /* - */, at) : at;
  const end = start + countDigits(size);
  writeDigits(size, stage, end);
  return end;
}

function writeString(text: string, at: number): number {
  if (at + text.length * MAX_UNIT_LENGTH + MARGIN > stage.length) return NO_ROOM;
  return text.length <= SHORT_TEXT ? writeShort(text, at) : writeLong(text, at);
}

function writeShort(text: string, start: number): number {
  let at = writeByte(0x22 /* " */, start);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x80) {
      if (IS_SPECIAL[code] === 1) return writeEscaped(text, start);
      stage[at++] = code;
    } else if (code < 0x800) {
      stage[at++] = 0xc0 | (code >> 6);
      stage[at++] = 0x80 | (code & 0x3f);
    } else if (code < 0xd800 || code > 0xdfff) {
      stage[at++] = 0xe0 | (code >> 12);
      stage[at++] = 0x80 | ((code >> 6) & 0x3f);
      stage[at++] = 0x80 | (code & 0x3f);
    } else {
      // Behind the end stands NaN, which is no low surrogate either.
      const low = text.charCodeAt(++index);
      if (code > 0xdbff || (low & 0xfc00) !== 0xdc00) return writeEscaped(text, start);
      const point = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
      stage[at++] = 0xf0 | (point >> 18);
      stage[at++] = 0x80 | ((point >> 12) & 0x3f);
      stage[at++] = 0x80 | ((point >> 6) & 0x3f);
      stage[at++] = 0x80 | (point & 0x3f);
    }
  }
  return writeByte(0x22 /* " */, at);
}

function writeLong(text: string, start: number): number {
  const from = writeByte(0x22 /* " */, start);
  const end = from + encoder.encodeInto(text, stage.subarray(from)).written;
  if (findMarked(view, from, end, IS_SPECIAL) < end) return writeEscaped(text, start);
  return writeByte(0x22 /* " */, end);
}

function writeEscaped(text: string, start: number): number {
  const quoted = JSON.stringify(text);
  if (start + quoted.length * MAX_UNIT_LENGTH + MARGIN > stage.length) return NO_ROOM;
  return start + encoder.encodeInto(quoted, stage.subarray(start)).written;
}
