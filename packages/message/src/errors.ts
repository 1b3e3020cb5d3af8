/**
 * MessageError: what the peer's message did wrong, under a code that can be sent back to the peer.
 *
 * The codes are those of error answers, so the code of an error and the code of the answer to it are the
 * same word. This package raises the six about header and content itself; the others belong to the layers
 * above, and stand here because the table below is part of the protocol.
 */
import {
  RemoteProtocolError,
  type FramingAfterError,
  type ProtocolErrorFacts,
} from '@wireline/framing/decoder';
import type { Header } from './header.ts';

/** The code of an error answer after which the connection goes on. */
export type IntactErrorCode =
  | 'encoding-unknown'
  | 'content-invalid'
  | 'action-invalid'
  | 'input-invalid'
  | 'deadline-exceeded'
  | 'cancelled'
  | 'overloaded'
  | 'rate-limited'
  | 'unauthorized'
  | 'internal';

/** The code of an error answer: stable, part of the wire protocol. */
export type MessageErrorCode =
  | IntactErrorCode
  | 'header-invalid'
  | 'header-too-large'
  | 'length-invalid'
  | 'content-too-large'
  | 'id-invalid'
  | 'timeout';

/**
 * Whether the connection can go on after an error. `intact`: the message is out of the way and the next
 * one is where it should be. `lost`: answer, then close; nothing later may be parsed.
 */
export const FRAMING_AFTER: Readonly<Record<MessageErrorCode, FramingAfterError>> = Object.freeze({
  'encoding-unknown': 'intact',
  'content-invalid': 'intact',
  'action-invalid': 'intact',
  'input-invalid': 'intact',
  'deadline-exceeded': 'intact',
  cancelled: 'intact',
  overloaded: 'intact',
  'rate-limited': 'intact',
  unauthorized: 'intact',
  internal: 'intact',
  'header-invalid': 'lost',
  'header-too-large': 'lost',
  'length-invalid': 'lost',
  'content-too-large': 'lost',
  'id-invalid': 'lost',
  timeout: 'lost',
});

/** The facts of a {@link MessageError}: those of any protocol error, and the header if it was readable. */
export interface MessageErrorFacts extends ProtocolErrorFacts {
  readonly header?: Header;
}

/**
 * The peer sent a message that breaks the protocol.
 *
 * @example
 * ```ts
 * try {
 *   message = decoder.decode(buffer);
 * } catch (error) {
 *   if (!(error instanceof MessageError)) throw error;
 *   encoder.encode(errorAnswer(error.code, error.message), out);
 *   if (error.framing === 'lost') closeAfterSending();
 * }
 * ```
 */
export class MessageError extends RemoteProtocolError {
  override readonly name = 'MessageError';
  declare readonly code: MessageErrorCode;
  /** The header of the bad message, where that much could be read: an answer may have to refer to it. */
  readonly header: Header | undefined;

  constructor(code: MessageErrorCode, message: string, facts: MessageErrorFacts = {}) {
    super(code, message, { ...facts, framing: FRAMING_AFTER[code] });
    this.header = facts.header;
  }
}
