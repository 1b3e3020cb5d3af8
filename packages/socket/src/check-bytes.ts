/** Bytes are bytes: what callers without types pass instead. */

/**
 * Checks that `value` is made of bytes.
 *
 * @throws TypeError which, for text, tells how to make bytes of it.
 */
export function checkBytes(attempt: string, value: Uint8Array): void {
  if (ArrayBuffer.isView(value) && value.BYTES_PER_ELEMENT === 1) return;
  const given = value === undefined ? 'nothing was given' : `a ${kindOf(value)} is not bytes`;
  throw new TypeError(
    `${attempt}: ${given}; use a Uint8Array, new TextEncoder().encode(text) for text`,
  );
}

/** The length of a buffer; 0 for what is none, which is refused when it is used. */
export function lengthOf(buffer: Uint8Array | undefined): number {
  return buffer?.length ?? 0;
}

function kindOf(value: unknown): string {
  return typeof value === 'object' && value !== null
    ? (value.constructor?.name ?? 'Object')
    : typeof value;
}
