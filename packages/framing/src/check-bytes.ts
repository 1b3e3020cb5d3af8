/** What is given as bytes has to be bytes: text that is copied as such becomes zeros, without a word. */

/** @throws TypeError that says what came, and what to do. */
export function checkBytes(bytes: unknown, attempt: string): void {
  if (bytes instanceof Uint8Array) return;
  throw new TypeError(`${attempt}: ${describe(bytes)}`);
}

/** What something is that is no Uint8Array, and how to make one of it. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return 'a string is not bytes; use new TextEncoder().encode(text)';
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
    const { name } = value.constructor;
    return `give bytes as Uint8Array; this is of type ${name}: new Uint8Array(...) makes one`;
  }
  return `give bytes as Uint8Array; this is ${value === null ? 'null' : typeof value}`;
}
