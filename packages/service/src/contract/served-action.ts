/**
 * ServedAction: one action, as its server sees it. From a request to the handler's input, from what the handler
 * answers to messages, and what is said where something does not fit.
 *
 * What a peer sends and does not fit is refused with `input-invalid`. What the handler answers and does not fit is
 * the server's own fault: it throws, the peer gets `internal`, and the log has the path.
 *
 * Where schema and handler are done at once, so is the answer, without a promise.
 */
import { binaryMessage, jsonMessage, type Message, type OutgoingMessage } from '@wireline/message';
import { AnswerInvalidError, RequestRefusedError } from '../errors.ts';
import type { LendableParts } from '../parts/incoming-parts.ts';
import type { Answer, RequestContext } from '../server/handler.ts';
import { BYTES_TYPE } from './bytes.ts';
import { CheckedParts, PASSED_OVER } from './checked-parts.ts';
import { Checker, partsChecker } from './checker.ts';
import type { ActionContract } from './contract.ts';
import type { ActionContext } from './handlers.ts';
import { readIssues, tellIssues, type Issues } from './issues.ts';
import { afterwards, isPromise, type MaybePromise } from './maybe-promise.ts';
import { isPlainObject } from './plain-object.ts';

/** A handler of any action: what its types promise is checked here. */
export type AnyHandler = (input: unknown, context: ActionContext<unknown>) => unknown;

const NO_BYTES = new Uint8Array(0);

/** One action with its handler. */
export class ServedAction {
  readonly #name: string;
  readonly #handler: AnyHandler;
  readonly #input: Checker;
  readonly #part: Checker | 'bytes' | undefined;
  readonly #item: Checker | 'bytes' | undefined;
  readonly #response: Checker | undefined;

  constructor(name: string, action: ActionContract, handler: AnyHandler) {
    const { request, requestParts, responseParts, response } = action;
    const badInput = (issues: Issues): Error => this.#refusal('input', tellIssues(issues));
    const badPart = (issues: Issues): Error => this.#refusal('part', tellIssues(issues));
    const badItem = (issues: Issues): Error => this.#fault('an item', issues);
    const badResponse = (issues: Issues): Error => this.#fault('the response', issues);
    this.#name = name;
    this.#handler = handler;
    this.#input = new Checker(request, badInput);
    this.#part = partsChecker(requestParts, badPart);
    this.#item = partsChecker(responseParts, badItem);
    this.#response = response && new Checker(response, badResponse);
  }

  /**
   * Answers a request.
   *
   * @throws RequestRefusedError when the input does not fit
   * @throws AnswerInvalidError when the answer does not fit.
   */
  answer(request: Message, context: RequestContext): MaybePromise<Answer> {
    const input = this.#input.check(this.#inputOf(request));
    const inner = this.#contextOf(request, context);
    if (isPromise(input)) return input.then((late) => this.#handle(late, inner));
    return this.#handle(input, inner);
  }

  #handle(input: unknown, context: ActionContext<unknown>): MaybePromise<Answer> {
    const answer = this.#handler(input, context);
    if (isPromise(answer)) return Promise.resolve(answer).then((late) => this.#answerOf(late));
    return this.#answerOf(answer);
  }

  #answerOf(answer: unknown): MaybePromise<Answer> {
    if (this.#item === undefined) return this.#responseOf(answer);
    if (isAsyncIterable(answer)) {
      return new CheckedParts(answer, {
        item: (value) => this.#itemOf(value),
        last: (value) => this.#lastOf(value),
      });
    }
    throw this.#fault('an answer in parts', [{ message: 'the handler gave no async iterable' }]);
  }

  #inputOf(request: Message): unknown {
    const { extensions } = request.header;
    if (this.#part === undefined && extensions['more'] === true) {
      throw this.#refusal('input', 'this action takes no parts; send it in one message');
    }
    if (request.kind === 'json') {
      if (this.#part === 'bytes') {
        throw this.#refusal('input', 'it came as JSON; send bytes, with it in the header "input"');
      }
      const { action: _, ...input } = request.value;
      return input;
    }
    if (this.#part !== 'bytes') {
      throw this.#refusal('input', 'it came as bytes; send JSON');
    }
    const { input } = extensions;
    return typeof input === 'object' && input !== null && !Array.isArray(input) ? input : {};
  }

  #contextOf(request: Message, context: RequestContext): ActionContext<unknown> {
    const checker = this.#part;
    if (checker === undefined) return context;
    const parts =
      checker === 'bytes'
        ? this.#bytesBehind(request, context)
        : new CheckedParts(context.parts, {
            item: (part) => this.#partOf(part, checker),
            last: () => undefined,
          });
    return new PartsContext(context, parts);
  }

  /** The bytes of a request: its own, and those of its later parts. */
  #bytesBehind(request: Message, context: RequestContext): LendableParts<Uint8Array> {
    const check = { item: (part: Message) => this.#bytesOf(part), last: () => undefined };
    const read = (parts: AsyncIterable<Message>): AsyncIterable<Uint8Array> =>
      new CheckedParts(parts, check, [request]);
    return {
      [Symbol.asyncIterator]: () => read(context.parts)[Symbol.asyncIterator](),
      lent: () => read(context.parts.lent()),
    };
  }

  #bytesOf(part: Message): Uint8Array | typeof PASSED_OVER {
    if (part.kind === 'binary') return part.bytes.length > 0 ? part.bytes : PASSED_OVER;
    throw this.#refusal('part', 'it came as JSON; send bytes');
  }

  #partOf(part: Message, checker: Checker): unknown {
    // The last message only ends the parts.
    if (part.header.extensions['more'] !== true) return PASSED_OVER;
    if (part.kind === 'json') return checker.check(part.value);
    throw this.#refusal('part', 'it came as bytes; send JSON');
  }

  #responseOf(response: unknown): MaybePromise<OutgoingMessage> {
    const given = this.#plain('the response', response);
    if (Object.hasOwn(given, 'error')) {
      throw this.#fault('the response', [{ message: 'error: error answers have such a member' }]);
    }
    const checked = this.#response?.check(given);
    return isPromise(checked) ? checked.then(() => jsonMessage(given)) : jsonMessage(given);
  }

  #itemOf(item: unknown): MaybePromise<OutgoingMessage> {
    const checker = this.#item;
    if (checker instanceof Checker) {
      const given = this.#plain('an item', item);
      return afterwards(checker.check(given), () => jsonMessage(given));
    }
    if (item instanceof Uint8Array) return binaryMessage(item, BYTES_TYPE);
    throw this.#fault('an item', [{ message: 'expected a Uint8Array' }]);
  }

  #lastOf(response: unknown): MaybePromise<OutgoingMessage> {
    if (this.#item === 'bytes') return binaryMessage(NO_BYTES, BYTES_TYPE);
    return this.#response === undefined ? jsonMessage({}) : this.#responseOf(response);
  }

  #plain(what: string, value: unknown): object {
    if (isPlainObject(value)) return value;
    throw this.#fault(what, [{ message: 'expected a plain object' }]);
  }

  #refusal(what: string, told: string): RequestRefusedError {
    return new RequestRefusedError('input-invalid', `invalid ${what} of '${this.#name}': ${told}`);
  }

  #fault(what: string, issues: Issues): AnswerInvalidError {
    const told = `send ${what} of '${this.#name}': ${tellIssues(issues)}`;
    return new AnswerInvalidError(told, readIssues(issues));
  }
}

/** The server's context with other parts. Its signal and log are made when they are asked for, so it is asked late. */
class PartsContext implements ActionContext<unknown> {
  readonly #context: RequestContext;
  readonly parts: AsyncIterable<unknown>;

  constructor(context: RequestContext, parts: AsyncIterable<unknown>) {
    this.#context = context;
    this.parts = parts;
  }

  get peer(): RequestContext['peer'] {
    return this.#context.peer;
  }

  get deadline(): RequestContext['deadline'] {
    return this.#context.deadline;
  }

  get signal(): AbortSignal {
    return this.#context.signal;
  }

  get log(): RequestContext['log'] {
    return this.#context.log;
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown, unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
