/**
 * Messages as one line, for logs.
 */
import type { Message, OutgoingMessage } from '@wireline/message';
import { bytesAsText, firstBytes, oneLine } from './plain-text.ts';

/** Wide enough for a look-up and its answer side by side on a wide terminal. */
const MAX_LENGTH = 90;

/** Longer JSON is not written out only to be cut: its length says enough. */
const LONGEST_JSON = 4096;

/** How much of binary content is worth showing. */
const SHOWN_BYTES = 60;

/** The content of a message, shortened. */
export function describeContent(message: Message | OutgoingMessage): string {
  if (message.kind === 'binary') {
    const shown = bytesAsText(firstBytes(message.bytes, SHOWN_BYTES));
    return `${message.bytes.length} bytes ${oneLine(shown, SHOWN_BYTES)}`;
  }
  if ('header' in message && message.header.contentLength > LONGEST_JSON) {
    return `${message.header.contentLength} bytes of JSON`;
  }
  return oneLine(JSON.stringify(message.value, shortenText), MAX_LENGTH);
}

/** Long texts are cut before they are written as JSON, not after. */
function shortenText(_key: string, value: unknown): unknown {
  return typeof value === 'string' && value.length > MAX_LENGTH
    ? value.slice(0, MAX_LENGTH)
    : value;
}
