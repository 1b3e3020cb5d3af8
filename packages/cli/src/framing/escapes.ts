/**
 * Bytes as people type them in a word of the command line: text is UTF-8, and `\r \n \t \0 \\ \xHH` are the bytes that
 * nobody can type.
 */
import { InvalidArgumentError } from 'commander';

/** What a backslash makes of the letter behind it. */
const ESCAPES: Readonly<Record<string, number>> = {
  '0': 0x00,
  t: 0x09,
  n: 0x0a,
  r: 0x0d,
  '\\': 0x5c,
};

/** A backslash and what belongs to it: two hex digits behind `x`, else one character, or none at the end. */
const ESCAPED = /\\(?:x([0-9a-fA-F]{2})|(.?))/su;

/**
 * The bytes that `text` stands for.
 *
 * @throws InvalidArgumentError for a backslash in front of anything else.
 *
 * @example
 * ```ts
 * unescapeBytes('#\\r\\n'); // Uint8Array [0x23, 0x0d, 0x0a]
 * ```
 */
export function unescapeBytes(text: string): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let rest = text; rest !== '';) {
    const escaped = ESCAPED.exec(rest);
    parts.push(Buffer.from(rest.slice(0, escaped?.index)));
    if (escaped === null) break;
    const [whole, hex, letter = ''] = escaped;
    const byte = hex === undefined ? ESCAPES[letter] : Number.parseInt(hex, 16);
    if (byte === undefined) {
      throw new InvalidArgumentError(
        `'${whole}' means nothing: expected \\r \\n \\t \\0 \\xHH \\\\.`,
      );
    }
    parts.push(Uint8Array.of(byte));
    rest = rest.slice(escaped.index + whole.length);
  }
  return Buffer.concat(parts);
}
