/**
 * Comparing and showing frames of unknown type: what a test runner would do, without one.
 *
 * `sameValue` knows primitives, byte arrays and other views, arrays, maps, sets, dates and objects by
 * their own enumerable properties. An object that shows no property, such as one that keeps all in
 * private fields, equals only itself: pass `equals` for those.
 */

/** Bytes, items or properties shown before the rest is counted: enough to recognise a frame by. */
const MAX_SHOWN = 16;
/** Characters of text shown. */
const MAX_TEXT = 60;
const MAX_DEPTH = 3;

/** Says whether two frames have the same content. */
export function sameValue(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (!isObject(left) || !isObject(right)) return false;
  if (Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) return false;
  if (ArrayBuffer.isView(left) && ArrayBuffer.isView(right)) return sameBytes(left, right);
  if (left instanceof Date && right instanceof Date) return left.getTime() === right.getTime();
  if (left instanceof Map && right instanceof Map) return sameValue([...left], [...right]);
  if (left instanceof Set && right instanceof Set) return sameValue([...left], [...right]);
  if (Array.isArray(left) && Array.isArray(right) && left.length !== right.length) return false;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  if (keys.length === 0 && !isPlain(left)) return false;
  return keys.every((key) => Object.hasOwn(right, key) && sameValue(left[key], right[key]));
}

/** A frame in one short line. */
export function showValue(value: unknown, depth = 0): string {
  if (typeof value === 'string') {
    return shorten(JSON.stringify(value.slice(0, MAX_TEXT)), value.length - MAX_TEXT, 'characters');
  }
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return '[function]';
  if (!isObject(value)) return String(value);
  if (ArrayBuffer.isView(value)) return showBytes(value);
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (depth === MAX_DEPTH) return '...';
  if (value instanceof Map) return `Map ${showValue([...value], depth)}`;
  if (value instanceof Set) return `Set ${showValue([...value], depth)}`;
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_SHOWN).map((item) => showValue(item, depth + 1));
    return `[${shorten(items.join(', '), value.length - MAX_SHOWN, 'items')}]`;
  }
  const entries = Object.entries(value);
  const shown = entries
    .slice(0, MAX_SHOWN)
    .map(([key, item]) => `${key}: ${showValue(item, depth + 1)}`);
  return `{ ${shorten(shown.join(', '), entries.length - MAX_SHOWN, 'properties')} }`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Array.isArray(value);
}

function sameBytes(left: ArrayBufferView, right: ArrayBufferView): boolean {
  if (left.byteLength !== right.byteLength) return false;
  const bytes = bytesOf(left);
  const others = bytesOf(right);
  // A loop, since a callback per byte makes verifying long streams take seconds.
  for (let index = 0; index < bytes.length; index++) {
    if (bytes[index] !== others[index]) return false;
  }
  return true;
}

function showBytes(view: ArrayBufferView): string {
  const bytes = bytesOf(view);
  const pairs = Array.from(bytes.subarray(0, MAX_SHOWN), (byte) =>
    byte.toString(16).padStart(2, '0'),
  );
  return `${bytes.length} bytes <${shorten(pairs.join(' '), bytes.length - MAX_SHOWN, '')}>`;
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function shorten(text: string, omitted: number, unit: string): string {
  return omitted > 0 ? `${text} ... ${omitted} more ${unit}`.trimEnd() : text;
}
