/** Small parts in a row become one: a copy costs less than a system call of its own. */

/** 64 KiB: up to here copying is cheaper than sending apart. */
const MOST_GATHERED = 64 * 1024;

/** `parts` in their order, with neighbours put together as long as they stay within 64 KiB. */
export function gather(parts: readonly Uint8Array[]): Uint8Array[] {
  const gathered: Uint8Array[] = [];
  let row: Uint8Array[] = [];
  let length = 0;
  for (const part of parts) {
    if (length + part.length > MOST_GATHERED && row.length > 0) {
      gathered.push(joined(row));
      row = [];
      length = 0;
    }
    row.push(part);
    length += part.length;
  }
  if (row.length > 0) gathered.push(joined(row));
  return gathered;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}
