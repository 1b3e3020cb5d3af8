/**
 * The byte order of this machine, and the four functions that turn its numbers into those of the network.
 *
 * In memory, a number stands with its lowest byte first on most machines; on the network the highest is first.
 * `htons` and its kin return the number whose bytes *in this machine's memory* are in network order: on a
 * little-endian machine the bytes swapped, on a big-endian one the number itself. So they belong around fields
 * of C structures. Whoever writes bytes says the order instead, `pack('>H', port)`, and needs none of them.
 */

/** Whether this machine keeps the lowest byte of a number first, as x64 and arm64 do. */
export const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * Host to network, short: 16 bits; htons(3).
 *
 * @throws RangeError when `port` is no integer from 0 to 65535.
 *
 * @example
 * ```ts
 * htons(80); // 20480 on x64 and arm64: 0x0050 is kept as 50 00, read in network order it is 0x5000
 * ```
 */
export function htons(port: number): number {
  return swap16('htons', port);
}

/** Network to host, short: 16 bits; htons(3). The same swap as {@link htons}, with the same errors. */
export function ntohs(port: number): number {
  return swap16('ntohs', port);
}

/**
 * Host to network, long: 32 bits; htons(3). The result has no sign, other than that of JavaScript's `<<`.
 *
 * @throws RangeError when `number` is no integer from 0 to 4294967295.
 *
 * @example
 * ```ts
 * htonl(0x7f000001).toString(16); // '100007f' on x64 and arm64
 * ```
 */
export function htonl(number: number): number {
  return swap32('htonl', number);
}

/** Network to host, long: 32 bits; htons(3). The same swap as {@link htonl}, with the same errors. */
export function ntohl(number: number): number {
  return swap32('ntohl', number);
}

function swap16(attempt: string, number: number): number {
  checkUnsigned(attempt, number, 0xffff);
  if (!LITTLE_ENDIAN) return number;
  return ((number & 0xff) << 8) | (number >>> 8);
}

function swap32(attempt: string, number: number): number {
  checkUnsigned(attempt, number, 0xffff_ffff);
  if (!LITTLE_ENDIAN) return number;
  const swapped =
    (number << 24) | ((number & 0xff00) << 8) | ((number >>> 8) & 0xff00) | (number >>> 24);
  return swapped >>> 0; // without a sign
}

function checkUnsigned(attempt: string, number: number, highest: number): void {
  if (Number.isInteger(number) && number >= 0 && number <= highest) return;
  const given =
    typeof number === 'number' ? String(number) : `'${String(number)}' (${typeof number})`;
  throw new RangeError(`${attempt} ${given}: expected an integer from 0 to ${highest}`);
}
