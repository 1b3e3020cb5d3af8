/**
 * Text and bytes from peers, made safe to print: a terminal obeys control characters, whoever sent them.
 */

// oxlint-disable-next-line no-control-regex -- control characters are what this is about
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
// oxlint-disable-next-line no-control-regex -- as above, and line ends too
const CONTROL_AND_LINE_ENDS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

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

function escapeCharacter(character: string): string {
  return escapeByte(character.charCodeAt(0));
}

function escapeByte(code: number): string {
  return code > 0xff
    ? `\\u${code.toString(16).padStart(4, '0')}`
    : `\\x${code.toString(16).padStart(2, '0')}`;
}
