/**
 * Text and bytes from peers, made safe to print: a terminal obeys control characters, those for
 * the direction of writing included, whoever sent them.
 */

// oxlint-disable-next-line no-control-regex -- control characters are what this is about
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;
// oxlint-disable-next-line no-control-regex -- as above, and line ends too
const CONTROL_AND_LINE_ENDS = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

const NOT_ESCAPED_BY_JSON = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** `text` with control characters as `\xNN`; line ends and tabs stay. */
export function printable(text: string): string {
  return text.replace(CONTROL, escapeCharacter);
}

/** `text` on one line, at most `maxLength` UTF-16 units, never ending in half a character. */
export function oneLine(text: string, maxLength: number): string {
  const line = text.replace(CONTROL_AND_LINE_ENDS, escapeCharacter);
  if (line.length <= maxLength) return line;
  return `${line
    .slice(0, maxLength - 3)
    .replace(/[\ud800-\udbff]$/, '')
    .trimEnd()}...`;
}

/** `value` as JSON that a terminal can show: what JSON leaves of control characters is escaped too. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(NOT_ESCAPED_BY_JSON, escapeInJson);
}

/** Bytes as text where they are UTF-8, with `\xNN` for those that are not. */
export function bytesAsText(bytes: Uint8Array): string {
  try {
    return printable(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    // Not UTF-8 throughout: what is ASCII is shown as such, the rest as numbers.
    return Array.from(bytes, (byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : escapeByte(byte),
    ).join('');
  }
}

/** The first `maxLength` bytes, or a few less where that would cut a character of UTF-8 in two. */
export function firstBytes(bytes: Uint8Array, maxLength: number): Uint8Array {
  if (bytes.length <= maxLength) return bytes;
  let end = maxLength;
  // 10xxxxxx continues a character, of which there are at most three such bytes.
  while (end > maxLength - 3 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}

function escapeInJson(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function escapeCharacter(character: string): string {
  return escapeByte(character.charCodeAt(0));
}

function escapeByte(code: number): string {
  return code > 0xff
    ? `\\u${code.toString(16).padStart(4, '0')}`
    : `\\x${code.toString(16).padStart(2, '0')}`;
}

/** `1 entry`, `2 entries`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
