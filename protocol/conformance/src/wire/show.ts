/** Bytes as people read them: text where it is text, `\x00` elsewhere, and not all of it. */

/** Longer ones are cut: a report is read in a terminal. */
const SHOWN = 320;

/** Shows `bytes` in one line. */
export function showBytes(bytes: Uint8Array): string {
  const shown = Buffer.from(bytes.subarray(0, SHOWN)).toString('utf8');
  const text = shown.replaceAll(/[\x00-\x1f\x7f-\x9f\ufffd]/g, escapeCharacter);
  const isWhole = bytes.length <= SHOWN && text.length <= SHOWN;
  return isWhole ? text : `${text.slice(0, SHOWN)}... (${bytes.length} bytes)`;
}

function escapeCharacter(character: string): string {
  if (character === '\ufffd') return '\u00b7'; // no UTF-8: which bytes they were does not fit here
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
