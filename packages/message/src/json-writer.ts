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
import { LocalProtocolError } from '@wireline/framing';
import type { MessageErrorCode } from './errors.ts';
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
  const { code = 'content-invalid', root = 'value' } = options;
  try {
    const text = maybeText(value, 1, undefined, '');
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
  return SPECIAL.test(text) ? JSON.stringify(text) : `"${text}"`;
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
  const step = stepTo(parent, key);
  if (hasToJson(value)) {
    const replacement = value.toJSON(String(key));
    if (typeof replacement !== 'object' || replacement === null) {
      return maybeText(replacement, depth, parent, key);
    }
    value = replacement;
  }
  if (depth > MAX_JSON_DEPTH) throw new JsonFault(`nests deeper than ${MAX_JSON_DEPTH}`, step);
  return Array.isArray(value) ? textOfArray(value, depth, step) : textOfRecord(value, depth, step);
}

function hasToJson(value: object): value is { toJSON: (key: string) => unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
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

function textOfRecord(record: object, depth: number, step: Step): string {
  // Any object can be asked for its own string keys.
  const values = record as Readonly<Record<string, unknown>>;
  let text = '';
  for (const key of Object.keys(record)) {
    const item = maybeText(values[key], depth + 1, step, key);
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
