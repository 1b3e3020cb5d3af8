/**
 * AnswerInPartsError: an answer that does not fit into the one message that was asked for.
 */

/** The answer comes in parts, and cannot be had as one message. Code `answer-in-parts`. */
export class AnswerInPartsError extends Error {
  override readonly name = 'AnswerInPartsError';
  readonly code = 'answer-in-parts';

  constructor(problem: string) {
    super(`take the answer as one message: ${problem}`);
  }
}
