/**
 * Paths of Unix sockets, as text and as the bytes of a `sockaddr_un`. See unix(7).
 *
 * ```
 *   /run/service.sock   a file: its bytes, then a zero       at most 107 bytes
 *   \0name              abstract: its bytes and no more      at most 108 bytes, the first is the zero
 *   (empty)             no name; when binding, the kernel chooses an abstract one
 * ```
 *
 * The system's names are bytes, JavaScript's are text: UTF-8 stands between them. A name that is no UTF-8 can be
 * shown, with U+FFFD for what is wrong in it, but not be used again.
 */

/** The length of `sun_path`. */
const SUN_PATH = 108;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * The bytes of `sun_path`, as long as the kernel is to read them.
 *
 * @throws TypeError when the path holds a zero that does not mark an abstract name.
 * @throws RangeError when it does not fit.
 */
export function encodeUnixPath(path: string): Uint8Array {
  if (path === '') return new Uint8Array(0);
  const isAbstract = path.startsWith('\0');
  const bytes = encoder.encode(isAbstract ? path : `${path}\0`);
  if (!isAbstract && path.includes('\0')) {
    throw new TypeError(
      `use the path ${formatUnixPath(path)}: a zero byte ends it; only one that begins an abstract name is allowed`,
    );
  }
  if (bytes.length > SUN_PATH) {
    throw new RangeError(
      `use the path ${formatUnixPath(path)}: it has ${bytes.length} bytes with its zero, a Unix socket's has ${SUN_PATH} at most; use a shorter one, or one that is relative to a working directory nearer by`,
    );
  }
  return bytes;
}

/** The path in the bytes of `sun_path` that the kernel says it has filled. */
export function decodeUnixPath(bytes: Uint8Array): string {
  if (bytes.length === 0 || bytes[0] === 0) return decoder.decode(bytes);
  const end = bytes.indexOf(0);
  return decoder.decode(end === -1 ? bytes : bytes.subarray(0, end));
}

/**
 * Signs that a terminal obeys, or that nobody sees: controls, those for the direction of writing included, ends of
 * lines, halves of characters.
 */
const CONFUSING = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** As people write it: `unix:/run/service.sock`, `unix:@abstract` as in ss(8), and nothing that confuses a terminal. */
export function formatUnixPath(path: string): string {
  if (path === '') return 'unix:(unnamed)';
  const shown = path.startsWith('\0') ? `@${path.slice(1)}` : path;
  return `unix:${shown.replaceAll(CONFUSING, escapeSign)}`;
}

function escapeSign(sign: string): string {
  const hex = (sign.codePointAt(0) ?? 0).toString(16);
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
}
