/** A connection of the scripted client: who waits for what, and the strict reading of answers. */
import { createConnection, type Socket } from 'node:net';
import { isObject, type JsonObject } from '../wire/json.ts';
import { MessageReader, type Received } from '../wire/message-reader.ts';
import { jsonMessage } from '../wire/compose.ts';
import type { ClientDefect } from './client-defect.ts';

/** The connection was lost, or what came is malformed: there is no answer. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  /** Whether the server said goodbye: the request may be repeated. */
  readonly isGoodbye: boolean;

  constructor(reason: string, isGoodbye = false) {
    super(reason);
    this.isGoodbye = isGoodbye;
  }
}

/** Somebody who waits for an answer. */
interface Waiter {
  type: string | undefined;
  onPart(part: Received): void;
  resolve(answer: Received): void;
  reject(error: Error): void;
}

/** One connection. */
export class ScriptedLink {
  readonly #socket: Socket;
  readonly #defect: ClientDefect | undefined;
  readonly #waiters = new Map<number, Waiter>();
  readonly #reader = new MessageReader();
  #isOver = false;
  #nextId = 1;

  constructor(address: { host: string; port: number }, defect: ClientDefect | undefined) {
    this.#defect = defect;
    this.#socket = createConnection(address);
    this.#socket.on('data', (chunk) => this.#take(chunk));
    this.#socket.on('end', () => this.#fail('the connection ended'));
    this.#socket.on('error', () => this.#fail('the connection was lost'));
  }

  /** Whether nothing can be asked here any more. */
  get isOver(): boolean {
    return this.#isOver && this.#defect !== 'one connection for ever';
  }

  /** Sends what the id makes of it, and waits for the final answer. */
  async ask(
    compose: (id: number) => Uint8Array,
    onPart: (part: Received, id: number) => void = () => undefined,
  ): Promise<Received> {
    const id = this.#nextId;
    if (this.#defect !== 'the same id twice' || id === 1) this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiters.set(id, {
        type: undefined,
        onPart: (part) => onPart(part, id),
        resolve,
        reject,
      });
      this.#socket.write(compose(id));
      if (this.#isOver) this.#fail('the connection had ended');
    });
  }

  send(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Closes; with a reset where an answer is owed. */
  close(): void {
    this.#isOver = true;
    const mayEnd =
      this.#defect === 'ends instead of a reset' || this.#defect === 'gives up with an end';
    if (this.#waiters.size === 0 || mayEnd || this.#socket.destroyed) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
    for (const waiter of this.#waiters.values()) waiter.reject(new NoAnswerError('closed'));
    this.#waiters.clear();
  }

  #take(chunk: Uint8Array): void {
    if (this.#isOver && this.#defect !== 'asks on behind closing') return;
    try {
      for (const message of this.#reader.push(chunk)) this.#deliver(message);
    } catch (error) {
      if (this.#defect === 'answers what is malformed') {
        this.#socket.end(jsonMessage({ result: 'Error: what?' }));
      }
      const reason = error instanceof Error ? error.message : String(error);
      this.#fail(reason);
    }
  }

  #deliver(message: Received): void {
    const { header } = message;
    const to = header['in-reply-to'];
    const more = header['more'] ?? false;
    const ids = [...this.#waiters.keys()];
    const isFree = this.#defect === 'takes any in-reply-to' || this.#defect === 'answers in order';
    const [first] = ids;
    const id = (to === undefined && ids.length === 1) || isFree ? first : to;
    const waiter = typeof id === 'number' ? this.#waiters.get(id) : undefined;
    const isLoose = this.#defect === 'takes more without in-reply-to';
    if (
      waiter === undefined ||
      typeof more !== 'boolean' ||
      (more && to === undefined && !isLoose)
    ) {
      throw new NoAnswerError('an answer to nobody, or a wrong more');
    }
    const isError = isObject(message.value) && isObject(message.value['error']);
    const isAllowed = (isError && !more) || this.#defect === 'takes another content type';
    if (waiter.type !== undefined && waiter.type !== message.type && !isAllowed) {
      throw new NoAnswerError('a part of another content type');
    }
    waiter.type = message.type;
    if (more && !(isLoose && to === undefined)) {
      waiter.onPart(message);
      return;
    }
    this.#waiters.delete(Number(id));
    waiter.resolve(message);
    if (header['closing'] !== true) return;
    if (this.#defect !== 'asks on behind closing') this.#isOver = true;
    for (const each of this.#waiters.values()) each.reject(new NoAnswerError('goodbye', true));
    this.#waiters.clear();
    const stays =
      this.#defect === 'asks on behind closing' || this.#defect === 'stays behind closing';
    if (!stays) this.#socket.destroy();
  }

  #fail(reason: string): void {
    this.#isOver = true;
    const [first] = this.#waiters.values();
    const isEnough =
      this.#defect === 'items of a broken answer are enough' ||
      this.#defect === 'takes what is cut';
    if (first !== undefined && isEnough) {
      const header: JsonObject = {};
      const value = { result: 'good' };
      first.resolve({ header, type: '', content: new Uint8Array(), value, form: undefined, at: 0 });
    }
    const keepsAlive = this.#defect === 'lets others live' ? 1 : 0;
    for (const waiter of [...this.#waiters.values()].slice(keepsAlive)) {
      waiter.reject(new NoAnswerError(reason));
    }
    if (keepsAlive === 1) {
      const header: JsonObject = {};
      const value = { result: 'good' };
      first?.resolve({
        header,
        type: '',
        content: new Uint8Array(),
        value,
        form: undefined,
        at: 0,
      });
    }
    this.#waiters.clear();
    if (this.#defect !== 'stays when it is malformed') this.#socket.destroy();
  }
}
