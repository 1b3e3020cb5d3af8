/**
 * Whether a value is a plain object, of this realm or another. What else is an object would be written otherwise
 * than its schema saw it: an array as a list, a class's object without what it inherits.
 */
export function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  // That of another realm: the one thing that nothing is above. An array's has one above it.
  return Object.getPrototypeOf(prototype) === null;
}
