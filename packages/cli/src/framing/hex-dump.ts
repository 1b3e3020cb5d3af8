/**
 * Hex dump: bytes as `hexdump -C` shows them, sixteen to a line.
 *
 * ```
 * 00000000  48 65 6c 6c 6f 2c 20 77  6f 72 6c 64 0a           |Hello, world.|
 * 0000000d
 * ```
 */

const PER_LINE = 16;

/** Two columns of eight, with two spaces between them. */
const HEX_WIDTH = PER_LINE * 3;

/**
 * The lines of `bytes`, each with its line end; none for no bytes.
 *
 * @param from where the first byte is, as the first line says it
 */
export function hexDump(bytes: Uint8Array, from = 0): string {
  let lines = '';
  for (let at = 0; at < bytes.length; at += PER_LINE) {
    lines += `${dumpLine(from + at, bytes.subarray(at, at + PER_LINE))}\n`;
  }
  return lines;
}

/** The line behind the last one, which says where the bytes end. */
export function hexDumpEnd(at: number): string {
  return `${offset(at)}\n`;
}

function offset(at: number): string {
  return at.toString(16).padStart(8, '0');
}

function dumpLine(at: number, bytes: Uint8Array): string {
  const pairs = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'));
  const half = PER_LINE / 2;
  const hex = `${pairs.slice(0, half).join(' ')}  ${pairs.slice(half).join(' ')}`;
  const text = Array.from(bytes, (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
  );
  return `${offset(at)}  ${hex.padEnd(HEX_WIDTH)}  |${text.join('')}|`;
}
