/**
 * What a client does with a contract: messages out of what its caller gives, and values out of what comes.
 *
 * Each function is done at once where the schema is, and gives a promise only where the schema does. What does not
 * fit fails before anything is sent. The names of actions are those of the contract's own properties, whatever
 * else objects inherit.
 */
import { binaryMessage, jsonMessage, type Message, type OutgoingMessage } from '@wireline/message';
import { AnswerInvalidError, InputInvalidError } from '../errors.ts';
import { BYTES_TYPE } from './bytes.ts';
import { Checker, partsChecker } from './checker.ts';
import type { ActionContract, Contract } from './contract.ts';
import { readIssues, tellIssues, type Issues } from './issues.ts';
import { afterwards, type MaybePromise } from './maybe-promise.ts';
import { isPlainObject } from './plain-object.ts';

/**
 * The message that asks for an action: its first part, where parts follow.
 *
 * @throws InputInvalidError when the input does not fit
 * @throws TypeError when the contract has no such action.
 * @example
 * ```ts
 * requestOf(contract, 'search', { value: 'morpheus' }); // {"action": "search", "value": "morpheus"}
 * ```
 */
export function requestOf(
  contract: Contract,
  action: string,
  input: unknown,
): MaybePromise<OutgoingMessage> {
  return callOf(contract, action).request(input);
}

/**
 * The message of one part that follows a request; whoever sends it adds id and `more`.
 *
 * @throws InputInvalidError when the item does not fit, or the action takes none.
 */
export function partOf(
  contract: Contract,
  action: string,
  item: unknown,
): MaybePromise<OutgoingMessage> {
  return callOf(contract, action).part(item);
}

/**
 * The value of a final answer, or a promise of it: `undefined` where the action has no schema for it. The last
 * part of an answer of bytes may hold bytes, too: they are read with {@link readItem}.
 *
 * @throws AnswerInvalidError when the answer does not fit.
 */
export function readAnswer(contract: Contract, action: string, message: Message): unknown {
  return callOf(contract, action).readAnswer(message);
}

/**
 * The value of one item of an answer, or a promise of it: bytes where the answer is bytes.
 *
 * @throws AnswerInvalidError when the item does not fit, or the action is answered in one message.
 */
export function readItem(contract: Contract, action: string, message: Message): unknown {
  return callOf(contract, action).readItem(message);
}

const NO_BYTES = new Uint8Array(0);

/** What was made of each contract, when an action was first asked for. */
const calls = new WeakMap<Contract, Map<string, Call>>();

function callOf(contract: Contract, action: string): Call {
  const known = calls.get(contract)?.get(action);
  if (known !== undefined) return known;
  const call = new Call(action, findAction(contract, action));
  const others = calls.get(contract) ?? new Map<string, Call>();
  calls.set(contract, others.set(action, call));
  return call;
}

function findAction(contract: Contract, action: string): ActionContract {
  const found = Object.hasOwn(contract, action) ? contract[action] : undefined;
  if (found !== undefined) return found;
  const names = Object.keys(contract).join(', ');
  throw new TypeError(`ask for '${action}': the contract has no such action; it has ${names}`);
}

/** One action, as its client sees it. */
class Call {
  readonly #name: string;
  readonly #input: Checker;
  readonly #part: Checker | 'bytes' | undefined;
  readonly #item: Checker | 'bytes' | undefined;
  readonly #response: Checker | undefined;

  constructor(name: string, action: ActionContract) {
    const { request, requestParts: parts, responseParts: items, response } = action;
    const badInput = (issues: Issues): Error => this.#inputInvalid('the input', issues);
    const badPart = (issues: Issues): Error => this.#inputInvalid('a part', issues);
    const badItem = (issues: Issues): Error => this.#answerInvalid('an item', issues);
    const badAnswer = (issues: Issues): Error => this.#answerInvalid('the answer', issues);
    this.#name = name;
    this.#input = new Checker(request, badInput);
    this.#part = partsChecker(parts, badPart);
    this.#item = partsChecker(items, badItem);
    this.#response = response && new Checker(response, badAnswer);
  }

  request(input: unknown): MaybePromise<OutgoingMessage> {
    const given = this.#plain('the input', input);
    if (Object.hasOwn(given, 'action')) {
      const message = "is not part of an input: the action's name stands there; rename this member";
      throw this.#inputInvalid('the input', [{ message, path: ['action'] }]);
    }
    return afterwards(this.#input.check(given), () => this.#requestWith(given));
  }

  part(item: unknown): MaybePromise<OutgoingMessage> {
    const checker = this.#part;
    if (checker === undefined) {
      throw this.#inputInvalid('a part', [{ message: 'this action takes no parts' }]);
    }
    if (checker === 'bytes') {
      if (item instanceof Uint8Array) return binaryMessage(item, BYTES_TYPE);
      throw this.#inputInvalid('a part', [{ message: 'expected a Uint8Array' }]);
    }
    const given = this.#plain('a part', item);
    return afterwards(checker.check(given), () => jsonMessage(given));
  }

  readAnswer(message: Message): unknown {
    if (this.#item === 'bytes') {
      this.#bytesOf('the answer', message);
      return undefined;
    }
    const value = this.#valueOf('the answer', message);
    return this.#response?.check(value);
  }

  readItem(message: Message): unknown {
    if (this.#item === 'bytes') return this.#bytesOf('an item', message);
    if (this.#item !== undefined) return this.#item.check(this.#valueOf('an item', message));
    throw this.#answerInvalid('an item', [{ message: 'this action is answered in one message' }]);
  }

  #requestWith(input: object): OutgoingMessage {
    const action = this.#name;
    if (this.#part !== 'bytes') return jsonMessage({ action, ...input });
    return binaryMessage(NO_BYTES, BYTES_TYPE, { extensions: { action, input } });
  }

  #plain(what: string, value: unknown): object {
    if (isPlainObject(value)) return value;
    throw this.#inputInvalid(what, [{ message: 'expected a plain object' }]);
  }

  #valueOf(what: string, message: Message): object {
    if (message.kind === 'json') return message.value;
    const { contentType } = message.header;
    throw this.#answerInvalid(what, [{ message: `expected JSON, not bytes (${contentType})` }]);
  }

  #bytesOf(what: string, message: Message): Uint8Array {
    if (message.kind === 'binary') return message.bytes;
    throw this.#answerInvalid(what, [{ message: 'expected bytes, not JSON' }]);
  }

  #inputInvalid(what: string, issues: Issues): InputInvalidError {
    const told = `send ${what} of '${this.#name}': ${tellIssues(issues)}`;
    return new InputInvalidError(told, readIssues(issues));
  }

  #answerInvalid(what: string, issues: Issues): AnswerInvalidError {
    const told = `read ${what} of '${this.#name}': ${tellIssues(issues)}`;
    return new AnswerInvalidError(told, readIssues(issues));
  }
}
