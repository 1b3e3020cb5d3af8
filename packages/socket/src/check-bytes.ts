/** Bytes are bytes: what callers without types pass instead. */

/**
 * Checks that `value` is made of bytes.
 *
 * @throws TypeError which, for text, tells how to make bytes of it.
 */
export function checkBytes(attempt: string, value: Uint8Array): void {
  if (ArrayBuffer.isView(value) && value.BYTES_PER_ELEMENT === 1) return;
  throw new TypeError(
    `${attempt}: a ${kindOf(value)} is not bytes; use a Uint8Array, new TextEncoder().encode(text) for text`,
  );
}

function kindOf(value: unknown): string {
  return typeof value === 'object' && value !== null
    ? (value.constructor?.name ?? 'Object')
    : typeof value;
}
