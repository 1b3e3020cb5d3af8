/**
 * A format, read once: which fields stand where, and how many bytes they take.
 *
 * ```text
 * '@b2h0i'    prefix @: native byte order, sizes and alignment
 *
 *   0   1   2   3   4   5   6   7
 * +---+---+---+---+---+---+---+---+
 * | b |   |   h   |   h   |       |    h stands at an even offset; 0i has no value, and aligns the end
 * +---+---+---+---+---+---+---+---+
 * ```
 *
 * The grammar is Python's: a prefix, if at all, as the very first character; then letters, each with a count right
 * before it; white space between them. A field stands for all of its repetitions, so that `1000000H` is as small
 * as `H` here.
 */
import { LITTLE_ENDIAN } from './byte-order.ts';
import { CODES, type CodeForm } from './codes.ts';
import type { FieldCodec } from './field-codec.ts';
import { counted, shown, StructError } from './struct-error.ts';

/** One letter of a format with its count. */
export interface Field {
  readonly codec: FieldCodec;
  /** Where its first value begins. */
  readonly offset: number;
  /** How many values it has. */
  readonly count: number;
  /** How many bytes each of them takes. */
  readonly size: number;
}

/** What a format says. */
export interface Layout {
  readonly fields: readonly Field[];
  /** In bytes. */
  readonly size: number;
  /** How many values there are in all fields. */
  readonly valueCount: number;
}

/**
 * The most bytes that a format may stand for. Python's limit, 2 ** 63 - 1, is none: it only fails later. This one is
 * what a Uint8Array can hold in every engine, and one call on a socket can move; below it, no sum of sizes
 * loses a digit. It is also the most that a single `pack` reserves: a count costs what it says, in bytes.
 */
export const MAX_STRUCT_SIZE = 2 ** 31 - 1;

interface Mode {
  readonly form: 'standard' | 'native';
  readonly littleEndian: boolean;
  readonly aligned: boolean;
}

const NATIVE: Mode = { form: 'native', littleEndian: LITTLE_ENDIAN, aligned: true };

const PREFIXES: Readonly<Record<string, Mode>> = {
  '@': NATIVE,
  '=': { form: 'standard', littleEndian: LITTLE_ENDIAN, aligned: false },
  '<': { form: 'standard', littleEndian: true, aligned: false },
  '>': { form: 'standard', littleEndian: false, aligned: false },
  '!': { form: 'standard', littleEndian: false, aligned: false },
};

/** White space as C's `isspace` knows it, or a letter with its count; at the very end maybe a count alone. */
const ITEM = /[ \t\n\v\f\r]+|(?<digits>\d*)(?<letter>[^\d]|$)/gu;

/**
 * Reads a format.
 *
 * @throws StructError when it is none, or stands for more than {@link MAX_STRUCT_SIZE} bytes.
 * @throws TypeError when it is no text.
 */
export function layoutOf(format: string): Layout {
  if (typeof format !== 'string') {
    throw new TypeError(`compile ${shown(format)}: a format is text, such as '>HI'`);
  }
  const prefix = PREFIXES[format.charAt(0)];
  const mode = prefix ?? NATIVE;
  const fields: Field[] = [];
  let size = 0;
  let valueCount = 0;

  for (const { index, groups } of format.matchAll(ITEM)) {
    if (index === 0 && prefix !== undefined) continue;
    const { digits = '', letter = '' } = groups ?? {};
    if (letter === '' && digits === '') continue; // white space, or the end
    const form = formOf(letter, { format, index: index + digits.length, mode });
    const number = digits === '' ? 1 : Number(digits);
    const offset = mode.aligned ? Math.ceil(size / form.size) * form.size : size;
    size = offset + number * form.size;
    if (size > MAX_STRUCT_SIZE) throw tooLarge(format, index);
    const field = fieldOf(form, { number, offset, littleEndian: mode.littleEndian });
    if (field === undefined) continue;
    fields.push(field);
    valueCount += field.count;
  }
  return { fields, size, valueCount };
}

interface Place {
  readonly format: string;
  readonly index: number;
  readonly mode: Mode;
}

function formOf(letter: string, { format, index, mode }: Place): CodeForm {
  const facts = { format, formatIndex: index };
  if (letter === '') {
    throw new StructError('compile', 'a count at the end; a letter has to follow it', facts);
  }
  const code = CODES[letter];
  const form = code?.[mode.form];
  if (form !== undefined) return form;
  const problem = `${shown(letter)} at index ${index}`;
  if (code !== undefined) {
    const change = `only native mode has it, a format without a prefix or with '@'`;
    throw new StructError('compile', `${problem}; ${change}`, facts);
  }
  const expected = PREFIXES[letter] === undefined ? Object.keys(CODES).join(' ') : 'it at index 0';
  throw new StructError('compile', `${problem}; expected ${expected}`, facts);
}

interface Counted {
  readonly number: number;
  readonly offset: number;
  readonly littleEndian: boolean;
}

/** The field of a letter; none where it has no value. */
function fieldOf(form: CodeForm, { number, offset, littleEndian }: Counted): Field | undefined {
  const { makeCodec } = form;
  if (makeCodec === undefined) return undefined;
  const [count, size] = form.counts === 'values' ? [number, form.size] : [1, number];
  if (count === 0) return undefined;
  return { codec: makeCodec({ littleEndian, length: size }), offset, count, size };
}

function tooLarge(format: string, index: number): StructError {
  const problem = `it stands for more than ${counted(MAX_STRUCT_SIZE, 'byte')}; use smaller counts`;
  return new StructError('compile', problem, { format, formatIndex: index });
}
