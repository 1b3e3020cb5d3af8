/**
 * What an answer says besides its content: that the request failed, and that the connection ends.
 */
import { FRAMING_AFTER, readErrorAnswer, type Message } from '@wireline/message';
import { AnswerError } from '../errors.ts';

/**
 * The answer, unless it is an error answer.
 *
 * @throws AnswerError when it is one.
 */
export function checkAnswer(answer: Message): Message {
  const error = readErrorAnswer(answer);
  if (error !== undefined && answer.kind === 'json') {
    throw new AnswerError(error.code, error.message, answer);
  }
  return answer;
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
