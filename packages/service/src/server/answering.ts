/**
 * From a request to its answer: asks the handler, waits for what it promises, sends the parts that it yields. In
 * the end there is one final answer, whatever the handler does.
 */
import { errorAnswer, type OutgoingMessage } from '@wireline/message';
import { OutgoingParts } from '../parts/outgoing-parts.ts';
import type { Answer, AnswerParts, Handler } from './handler.ts';
import { partOf } from './replies.ts';
import type { ServerRequest } from './server-request.ts';

/** What an answer goes through on its way. */
export interface AnswerOutlet {
  readonly hasRoomForParts: boolean;
  /** The longest content that may be sent. */
  readonly maxContentLength: number;
  /** @throws LocalProtocolError when it cannot be sent */
  writePart(part: OutgoingMessage): void;
  /** What is answered for a handler that failed. */
  handlerFailed(request: ServerRequest, error: unknown): OutgoingMessage;
}

/** What is answered when a deadline has passed. */
export const DEADLINE_EXCEEDED = errorAnswer(
  'deadline-exceeded',
  'the deadline passed before the answer was ready',
);

/** Asks the handler, unless it is too late to. */
export function ask(
  request: ServerRequest,
  handler: Handler,
  outlet: AnswerOutlet,
): Answer | Promise<Answer> {
  if (request.deadline.remainingMs === 0) return DEADLINE_EXCEEDED;
  try {
    return checkAnswer(handler(request.message, request));
  } catch (error) {
    return outlet.handlerFailed(request, error);
  }
}

/** The final answer that a handler comes to; undefined when nobody wants it any more. */
export async function outcomeOf(
  request: ServerRequest,
  answering: Promise<Answer> | AnswerParts,
  outlet: AnswerOutlet,
): Promise<OutgoingMessage | undefined> {
  try {
    const answer = checkAnswer(await answering);
    return 'kind' in answer ? answer : await sendParts(request, answer, outlet);
  } catch (error) {
    // What fails when nobody wants it any more has failed nobody.
    return request.isAnswered ? undefined : outlet.handlerFailed(request, error);
  }
}

/** Sends all parts but the last, which it resolves to; undefined when nobody wants it any more. */
function sendParts(
  request: ServerRequest,
  source: AnswerParts,
  outlet: AnswerOutlet,
): Promise<OutgoingMessage | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = new OutgoingParts(source, {
      maxLength: outlet.maxContentLength,
      get hasRoom() {
        return outlet.hasRoomForParts;
      },
      write: (part) => outlet.writePart(partOf(request, part)),
      end: resolve,
      fail: reject,
      stopped: () => resolve(undefined),
    });
    if (request.isAnswered) {
      outgoing.stop();
    } else if (request.id === undefined) {
      outgoing.stop();
      const told = 'this is answered in parts: ask for it with a message-id';
      resolve(errorAnswer('input-invalid', told));
    } else {
      request.outgoing = outgoing;
      outgoing.start();
    }
  });
}

/** Handlers written without types forget to return. */
function checkAnswer<Given>(answer: Given): Given {
  if (typeof answer === 'object' && answer !== null) return answer;
  throw new TypeError(`answer a request: the handler returned ${String(answer)}, not a message`);
}
