/**
 * What an answer says besides its content: that the request failed, that the connection ends, or that the server
 * breaks the protocol.
 */
import {
  FRAMING_AFTER,
  MessageError,
  readErrorAnswer,
  type Header,
  type Message,
} from '@wireline/message';
import { AnswerError } from '../errors.ts';

/**
 * The answer, unless it is an error answer.
 *
 * @throws AnswerError when it is one.
 */
export function checkAnswer(answer: Message): Message {
  const error = errorOf(answer);
  if (error !== undefined) throw error;
  return answer;
}

/** The error that an answer is; `undefined` for any other. */
export function errorOf(answer: Message): AnswerError | undefined {
  const error = readErrorAnswer(answer);
  if (error === undefined || answer.kind !== 'json') return undefined;
  return new AnswerError(error.code, error.message, answer);
}

/** Codes behind which a server reads no more: it has lost count of our bytes. */
const LAST_CODES: ReadonlySet<string> = new Set(
  Object.entries(FRAMING_AFTER).flatMap(([code, framing]) => (framing === 'lost' ? [code] : [])),
);

/** Whether behind this answer the server parses nothing more, though it may answer what it has parsed. */
export function losesFraming(answer: Message): boolean {
  const error = readErrorAnswer(answer);
  return error !== undefined && LAST_CODES.has(error.code);
}

/**
 * All parts of an answer have the type of the first; one that has begun may end in an error answer.
 *
 * @param request what it is an answer to; the type of a first part is noted there
 * @throws MessageError when a part has another type.
 */
export function checkType(
  answer: Message,
  request: { partType: string | undefined },
  { more }: { readonly more: boolean },
): void {
  const { contentType } = answer.header;
  const first = request.partType;
  if (first === undefined) {
    if (more) request.partType = contentType;
    return;
  }
  if (contentType === first || (!more && errorOf(answer) !== undefined)) return;
  const problem = `read a part of the type ${contentType}: the first part of this answer is of the type ${first}`;
  throw new MessageError('header-invalid', problem, {
    header: answer.header,
    field: 'content-type',
  });
}

/** The error of a server that breaks the protocol. */
export function misuse({ header }: { readonly header: Header }, problem: string): MessageError {
  return new MessageError('id-invalid', `read an answer: ${problem}`, {
    header,
    field: 'in-reply-to',
  });
}
