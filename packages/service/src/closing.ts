/**
 * The goodbye: a last answer that carries `closing`, so that its peer knows that requests behind it were
 * not processed and may be sent elsewhere.
 */
import type { Message, OutgoingMessage } from '@wireline/message';

/** The extension header. */
const CLOSING = 'closing';

/** The same message with the goodbye added. */
export function withClosing(answer: OutgoingMessage): OutgoingMessage {
  return { ...answer, extensions: { ...answer.extensions, [CLOSING]: true } };
}

/** Whether a message says goodbye. */
export function saysClosing({ header }: Message): boolean {
  return header.extensions[CLOSING] === true;
}
