/**
 * The letters of a format: for each its size and its codec, in standard and in native mode.
 *
 * From the table in Python's documentation, https://docs.python.org/3/library/struct.html#format-characters.
 * Native sizes are those of the platforms that our sockets run on, Linux on x64 and arm64, where a `long`, a
 * `size_t` and a pointer have 64 bits (LP64). They are the same where there is no C to be native to, in a browser.
 * Each type is aligned to its own size.
 */
import { BOOLEAN, BYTE, FIXED_BYTES, PASCAL_BYTES } from './byte-codecs.ts';
import type { MakeCodec } from './field-codec.ts';
import { C_FLOAT, FLOAT16, FLOAT32, FLOAT64 } from './float-codecs.ts';
import {
  INT16,
  INT32,
  INT64,
  INT8,
  POINTER,
  UINT16,
  UINT32,
  UINT64,
  UINT8,
} from './integer-codecs.ts';

/** What a letter stands for in one of the two modes. */
export interface CodeForm {
  /** In bytes; what it is aligned to, in native mode. */
  readonly size: number;
  /** Missing in padding, which has no value. */
  readonly makeCodec?: MakeCodec;
  /** What a count before the letter counts: values of this size, or the bytes of the one value. */
  readonly counts: 'values' | 'bytes';
}

/** The two forms of a letter. */
export interface Code {
  /** Missing where a type has a meaning only to a C compiler. */
  readonly standard?: CodeForm;
  readonly native: CodeForm;
}

const SHORT = values(2, INT16);
const UNSIGNED_SHORT = values(2, UINT16);
const INT = values(4, INT32);
const UNSIGNED_INT = values(4, UINT32);
const LONG_LONG = values(8, INT64);
const UNSIGNED_LONG_LONG = values(8, UINT64);

/** The letters that a format is made of. */
export const CODES: Readonly<Record<string, Code>> = {
  x: inBothModes({ size: 1, counts: 'bytes' }),
  c: inBothModes(values(1, BYTE)),
  b: inBothModes(values(1, INT8)),
  B: inBothModes(values(1, UINT8)),
  '?': inBothModes(values(1, BOOLEAN)),
  h: inBothModes(SHORT),
  H: inBothModes(UNSIGNED_SHORT),
  i: inBothModes(INT),
  I: inBothModes(UNSIGNED_INT),
  l: { standard: INT, native: LONG_LONG },
  L: { standard: UNSIGNED_INT, native: UNSIGNED_LONG_LONG },
  q: inBothModes(LONG_LONG),
  Q: inBothModes(UNSIGNED_LONG_LONG),
  n: { native: LONG_LONG },
  N: { native: UNSIGNED_LONG_LONG },
  e: inBothModes(values(2, FLOAT16)),
  f: { standard: values(4, FLOAT32), native: values(4, C_FLOAT) },
  d: inBothModes(values(8, FLOAT64)),
  s: inBothModes({ size: 1, makeCodec: FIXED_BYTES, counts: 'bytes' }),
  p: inBothModes({ size: 1, makeCodec: PASCAL_BYTES, counts: 'bytes' }),
  P: { native: values(8, POINTER) },
};

function values(size: number, makeCodec: MakeCodec): CodeForm {
  return { size, makeCodec, counts: 'values' };
}

function inBothModes(form: CodeForm): Code {
  return { standard: form, native: form };
}
