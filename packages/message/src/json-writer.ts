/**
 * JSON as it is written here: byte for byte what Python's `json.dumps(value, ensure_ascii=False)` writes
 * for strings, booleans, null, safe integers, and lists and dictionaries of them.
 *
 * That is `", "` and `": "` between items, keys in the order of insertion, and non-ASCII characters as
 * they are. Fractions are written as JavaScript writes them (`1e-7`, where Python has `1e-07`): equal in
 * meaning. Lone surrogates, which no encoding can carry, are escaped.
 *
 * What the reader on the other side would refuse or misread is refused here, with the path to it:
 * NaN and Infinity, integers beyond 2^53-1 that are no bigint, nesting deeper than 64 (a cycle is
 * infinitely deep), functions, symbols, and undefined in an array. A property whose value is undefined is
 * left out, and `toJSON` is honoured, as in `JSON.stringify`.
 */
import { LocalProtocolError } from '@wireline/framing/decoder';
import type { MessageErrorCode } from './errors.ts';
import type { FlatRecord, FlatValue } from './flat-json-writer.ts';
import { forgetLastMatch } from '@wireline/framing/text';
import { MAX_JSON_DEPTH } from './limits.ts';

/** Options of {@link writeJson}. */
export interface WriteJsonOptions {
  /** The code of the error; `content-invalid` unless told. */
  readonly code?: MessageErrorCode;
  /** What the path in an error starts with; `value` unless told. */
  readonly root?: string;
}

/** How we got to a value: a list from the inside out, built only where objects nest. */
interface Step {
  readonly parent: Step | undefined;
  readonly key: string | number;
}

/** What was read of a record: all of its keys, and the values of the first of them. */
interface Reading {
  readonly keys: readonly string[];
  readonly values: readonly unknown[];
}

/** What says by itself how it is written. */
interface Replaced {
  toJSON(key: string): unknown;
}

const ROOT: Step = { parent: undefined, key: '' };

/** A value that is not JSON, and where it is. Becomes a LocalProtocolError at the top. */
class JsonFault extends Error {
  override readonly name = 'JsonFault';
  readonly step: Step;

  constructor(problem: string, step: Step) {
    super(problem);
    this.step = step;
  }
}

/** Characters that cannot stand in a string as they are; surrogates are left to `JSON.stringify`. */
const SPECIAL = /["\\\u0000-\u001f\ud800-\udfff]/;

/** Keys that need no brackets in a path. */
const PLAIN_KEY = /^[A-Za-z_$][\w$]*$/;

/**
 * Writes a value as JSON text. The text contains no lone surrogate.
 *
 * @throws LocalProtocolError naming the path, such as `value.items[3]`, of what cannot be written.
 */
export function writeJson(value: unknown, options: WriteJsonOptions = {}): string {
  return checked(() => maybeText(value, 1, undefined, ''), options);
}

/**
 * Writes a value as {@link writeJson} does, unless it is a flat record: that is only read.
 *
 * What is read is read once, in the same order and up to the same point: nobody's getter can tell.
 */
export function writeJsonUnlessFlat(value: unknown): string | FlatRecord {
  if (typeof value !== 'object' || value === null) return writeJson(value);
  if (hasToJson(value)) return checked(() => maybeTextOfReplacement(value, 1, undefined, ''));
  if (Array.isArray(value)) return checked(() => textOfArray(value, 1, ROOT));
  return readFlat(value);
}

/** The text of a flat record, as {@link writeJson} would have written it. */
export function writeFlatJson(record: FlatRecord): string {
  return textOfRecord({}, 1, ROOT, record);
}

/** Reads a record as long as it is flat. Where it is not, what was read so far begins its text. */
function readFlat(value: object): string | FlatRecord {
  // Any object can be asked for its own string keys.
  const record = value as Readonly<Record<string, unknown>>;
  const keys = Object.keys(record);
  const values = Array<FlatValue>(keys.length);
  for (let index = 0; index < keys.length; index++) {
    const item = record[keys[index] ?? ''];
    if (!isFlat(item)) return writeRest(record, keys, [...values.slice(0, index), item]);
    values[index] = item;
  }
  return { keys, values };
}

function isFlat(value: unknown): value is FlatValue {
  if (typeof value === 'string') return true;
  if (typeof value === 'number') return Number.isSafeInteger(value);
  return typeof value === 'boolean' || value === null || value === undefined;
}

function writeRest(record: object, keys: readonly string[], values: readonly unknown[]): string {
  return checked(() => textOfRecord(record, 1, ROOT, { keys, values }));
}

/** Turns a fault into an error that names the path. */
function checked(write: () => string | undefined, options: WriteJsonOptions = {}): string {
  const { code = 'content-invalid', root = 'value' } = options;
  try {
    const text = write();
    if (text === undefined) throw new JsonFault('is undefined', ROOT);
    return text;
  } catch (fault) {
    if (!(fault instanceof JsonFault)) throw fault;
    const path = pathOf(fault.step, root);
    throw new LocalProtocolError(code, `write ${path} as JSON: it ${fault.message}`, {
      field: path,
    });
  }
}

/** The text of one value; undefined if the value is. `depth` is that of the value, were it an object. */
function maybeText(
  value: unknown,
  depth: number,
  parent: Step | undefined,
  key: string | number,
): string | undefined {
  switch (typeof value) {
    case 'string':
      return textOfString(value);
    case 'number':
      return textOfNumber(value, parent, key);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return value === null ? 'null' : maybeTextOfObject(value, depth, parent, key);
    case 'bigint':
      return value.toString();
    case 'undefined':
      return undefined;
    default:
      throw new JsonFault(`is a ${typeof value}`, stepTo(parent, key));
  }
}

function textOfString(text: string): string {
  if (!SPECIAL.test(text)) return `"${text}"`;
  forgetLastMatch();
  return JSON.stringify(text);
}

function textOfNumber(value: number, parent: Step | undefined, key: string | number): string {
  if (Number.isSafeInteger(value)) return String(value);
  if (!Number.isFinite(value)) throw new JsonFault(`is ${value}`, stepTo(parent, key));
  // From 1e21 on it is written with an exponent, which is read as what it is: no integer, but near.
  if (Number.isInteger(value) && Math.abs(value) < 1e21) {
    const problem = `is ${value}, an integer beyond 2^53-1: pass a bigint or a string`;
    throw new JsonFault(problem, stepTo(parent, key));
  }
  return String(value);
}

function maybeTextOfObject(
  value: object,
  depth: number,
  parent: Step | undefined,
  key: string | number,
): string | undefined {
  if (hasToJson(value)) return maybeTextOfReplacement(value, depth, parent, key);
  return textOfContainer(value, depth, stepTo(parent, key));
}

function hasToJson(value: object): value is Replaced {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

function maybeTextOfReplacement(
  value: Replaced,
  depth: number,
  parent: Step | undefined,
  key: string | number,
): string | undefined {
  const replacement = value.toJSON(String(key));
  if (typeof replacement !== 'object' || replacement === null) {
    return maybeText(replacement, depth, parent, key);
  }
  return textOfContainer(replacement, depth, stepTo(parent, key));
}

function textOfContainer(value: object, depth: number, step: Step): string {
  if (depth > MAX_JSON_DEPTH) throw new JsonFault(`nests deeper than ${MAX_JSON_DEPTH}`, step);
  if (Array.isArray(value)) return textOfArray(value, depth, step);
  return textOfRecord(value, depth, step, { keys: Object.keys(value), values: [] });
}

function textOfArray(items: readonly unknown[], depth: number, step: Step): string {
  let text = '[';
  for (let index = 0; index < items.length; index++) {
    const item = maybeText(items[index], depth + 1, step, index);
    if (item === undefined) throw new JsonFault('is undefined', stepTo(step, index));
    text += index === 0 ? item : `, ${item}`;
  }
  return `${text}]`;
}

/** The text of a record, of which some was read already; nothing is read twice. */
function textOfRecord(record: object, depth: number, step: Step, reading: Reading): string {
  // Any object can be asked for its own string keys.
  const values = record as Readonly<Record<string, unknown>>;
  let text = '';
  for (let index = 0; index < reading.keys.length; index++) {
    const key = reading.keys[index] ?? '';
    const value = index < reading.values.length ? reading.values[index] : values[key];
    const item = maybeText(value, depth + 1, step, key);
    if (item === undefined) continue;
    text += text === '' ? `{${textOfString(key)}: ${item}` : `, ${textOfString(key)}: ${item}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

/** One step further in. Only the top has no parent. */
function stepTo(parent: Step | undefined, key: string | number): Step {
  return parent === undefined ? ROOT : { parent, key };
}

function pathOf({ parent: outer, key }: Step, root: string): string {
  if (outer === undefined) return root;
  const parent = pathOf(outer, root);
  if (typeof key === 'number') return `${parent}[${key}]`;
  return PLAIN_KEY.test(key) ? `${parent}.${key}` : `${parent}[${JSON.stringify(key)}]`;
}
