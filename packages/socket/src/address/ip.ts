/**
 * IPv4 and IPv6 addresses as text and as bytes.
 *
 * Reading is strict: four decimal numbers without leading zeros (RFC 6943, section 3.1.1, on why `010`
 * is no number), or the forms of RFC 4291, section 2.2. Writing follows RFC 5952: lower case, no leading
 * zeros, the longest run of at least two zero groups as `::`, the first of equals.
 */

/** Whether `text` is an IPv4 address in dotted-decimal form. */
export function isIpv4(text: string): boolean {
  return readIpv4(text) !== undefined;
}

/** Whether `text` is an IPv6 address, without brackets or zone. */
export function isIpv6(text: string): boolean {
  return readIpv6(text) !== undefined;
}

/**
 * The 4 bytes of an IPv4 address.
 *
 * @throws TypeError when `text` is something else.
 */
export function parseIpv4(text: string): Uint8Array {
  const bytes = readIpv4(text);
  if (bytes === undefined) {
    throw new TypeError(`read an IPv4 address: '${text}' is none; expected a form like 127.0.0.1`);
  }
  return Uint8Array.from(bytes);
}

/**
 * The 16 bytes of an IPv6 address.
 *
 * @throws TypeError when `text` is something else.
 */
export function parseIpv6(text: string): Uint8Array {
  const groups = readIpv6(text);
  if (groups === undefined) {
    throw new TypeError(`read an IPv6 address: '${text}' is none; expected a form like ::1`);
  }
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/** 4 bytes as `127.0.0.1`. */
export function formatIpv4(bytes: Uint8Array): string {
  return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
}

/** 16 bytes as RFC 5952 writes them; IPv4-mapped ones with their dotted tail (section 5). */
export function formatIpv6(bytes: Uint8Array): string {
  const groups = Array.from(
    { length: 8 },
    (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0),
  );
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${formatIpv4(bytes.subarray(12))}`;
  }
  const zeros = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (zeros.length < 2) return hex.join(':');
  const head = hex.slice(0, zeros.start).join(':');
  const tail = hex.slice(zeros.start + zeros.length).join(':');
  return `${head}::${tail}`;
}

function readIpv4(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const valid = parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255);
  return valid ? parts.map(Number) : undefined;
}

function readIpv6(text: string): number[] | undefined {
  const [head = '', tail, ...more] = text.split('::');
  if (more.length > 0) return undefined;
  const before = readGroups(head, tail === undefined);
  if (before === undefined) return undefined;
  if (tail === undefined) return before.length === 8 ? before : undefined;
  const after = readGroups(tail, true);
  if (after === undefined) return undefined;
  const missing = 8 - before.length - after.length;
  if (missing < 1) return undefined;
  return [...before, ...Array<number>(missing).fill(0), ...after];
}

/** Groups between colons; the last may be an IPv4 address where the address ends. */
function readGroups(text: string, endsAddress: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const ipv4 = endsAddress && index === parts.length - 1 ? readIpv4(part) : undefined;
    if (ipv4 !== undefined) {
      const [a = 0, b = 0, c = 0, d = 0] = ipv4;
      groups.push((a << 8) | b, (c << 8) | d);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return groups;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let i = 0; i <= groups.length; i++) {
    if (groups[i] === 0) continue;
    if (i - start > best.length) best = { start, length: i - start };
    start = i + 1;
  }
  return best;
}
