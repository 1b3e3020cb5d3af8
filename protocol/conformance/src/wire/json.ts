/**
 * JSON as the protocol writes it: `, ` between items, `: ` behind keys, nothing escaped that need not be.
 *
 * Of its own, written after the specification: whoever tries a peer must not share code with it.
 */

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object, such as a header or the content of a request. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Writes `value` byte for byte as the section "JSON, written" says. */
export function writeJson(value: Json): string {
  if (isArray(value)) return `[${value.map(writeJson).join(', ')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([key, member]) => `${JSON.stringify(key)}: ${writeJson(member)}`,
  );
  return `{${members.join(', ')}}`;
}

/** Reads `text`. `undefined` where it is no JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json; // what JSON.parse returns is a JSON value
  } catch {
    return undefined;
  }
}

/** Whether `value` is an object, and no array and not null. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !isArray(value);
}

/** Whether two values mean the same: objects without regard to the order of their keys. */
export function sameJson(one: Json | undefined, other: Json | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (isArray(one) || isArray(other)) {
    if (!isArray(one) || !isArray(other) || one.length !== other.length) return false;
    return one.every((item, index) => sameJson(item, other[index]));
  }
  if (!isObject(one) || !isObject(other)) return one === other;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && sameJson(one[key], other[key]))
  );
}

function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value); // Array.isArray does not narrow a readonly array
}
