/**
 * Messages as one line, for logs.
 */
import type { Message, OutgoingMessage } from '@wireline/message';
import { bytesAsText, oneLine } from './plain-text.ts';

/** Wide enough for a look-up and its answer side by side on a wide terminal. */
const MAX_LENGTH = 90;

/** Longer JSON is not written out only to be cut: its length says enough. */
const LONGEST_JSON = 4096;

/** How much of binary content is worth showing. */
const SHOWN_BYTES = 60;

/** The content of a message, shortened. */
export function describeContent(message: Message | OutgoingMessage): string {
  if ('header' in message && message.header.contentLength > LONGEST_JSON) {
    return `${message.header.contentLength} bytes of ${oneLine(message.header.contentType, MAX_LENGTH)}`;
  }
  if (message.kind === 'json') return oneLine(JSON.stringify(message.value), MAX_LENGTH);
  const shown = oneLine(bytesAsText(message.bytes.subarray(0, SHOWN_BYTES)), SHOWN_BYTES);
  return `${message.bytes.length} bytes ${shown}`;
}
