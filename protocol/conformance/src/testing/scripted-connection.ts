/** One connection of the scripted server: requests in flight, the order of answers, the end. */
import type { Socket } from 'node:net';
import type { JsonObject } from '../wire/json.ts';
import type { Job, Reply, ScriptedApplication } from './scripted-application.ts';
import type { Defect } from './defect.ts';
import { BrokenRuleError, readContent, readHeader, textOf } from './scripted-input.ts';
import { createReply, type InFlight, type Turn } from './scripted-reply.ts';
import { errorValue, ScriptedWriter } from './scripted-writer.ts';

const MAX_HEADER = 4096;
const MAX_UNFINISHED = 128;
const NO_JOB: Job = { part: () => undefined };

/** Reads requests and writes answers. */
export class ScriptedConnection {
  readonly #socket: Socket;
  readonly #application: ScriptedApplication;
  readonly #defect: Defect | undefined;
  readonly #writer: ScriptedWriter;
  readonly #requests = new Set<InFlight>();
  readonly #turns: Turn[] = [];
  #input = Buffer.alloc(0);
  #isDeaf = false;
  #hasEnded = false;
  #isGoingDown = false;
  /** Called for the defect that disturbs others. */
  onDisturbance: () => void = () => undefined;

  constructor(socket: Socket, application: ScriptedApplication, defect: Defect | undefined) {
    this.#socket = socket;
    this.#application = application;
    this.#defect = defect;
    this.#writer = new ScriptedWriter(socket, defect);
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('end', () => this.#end());
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (defect === 'works for nobody') return;
      for (const request of this.#requests) request.stop();
    });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Answers what is in flight, and says that it was the last. */
  goDown(): void {
    this.#isGoingDown = true;
    this.#isDeaf = true;
    this.#endIfDone();
  }

  #take(chunk: Buffer): void {
    if (this.#isDeaf) return;
    this.#input = Buffer.concat([this.#input, chunk]);
    try {
      while (!this.#isDeaf && this.#takeMessage());
    } catch (error) {
      if (!(error instanceof BrokenRuleError)) throw error;
      this.#loseFraming(error);
    }
  }

  #end(): void {
    this.#hasEnded = true;
    if (this.#defect === 'closes at half-close') this.#socket.destroy();
    if (this.#defect === 'says truncated' && this.#input.length > 0) {
      this.#loseFraming(new BrokenRuleError('truncated'));
    }
    // What is not whole now never will be.
    for (const request of this.#requests) if (!request.isWhole) this.#requests.delete(request);
    this.#endIfDone();
  }

  /** Takes one message, if it is whole. */
  #takeMessage(): boolean {
    const input = this.#input;
    if (input.length < 2) return false;
    const headerLength = input.readUInt16BE(0);
    if (headerLength === 0) throw new BrokenRuleError('header-invalid');
    if (headerLength > MAX_HEADER) throw new BrokenRuleError('header-too-large');
    const contentAt = 2 + headerLength;
    if (input.length < contentAt) return false;
    let header: JsonObject;
    try {
      header = readHeader(input.subarray(2, contentAt), this.#defect);
    } catch (error) {
      if (this.#defect === 'waits for content') return false;
      if (this.#defect === 'parses on after lost framing') this.#input = input.subarray(contentAt);
      throw error;
    }
    const end = contentAt + Number(header['content-length']);
    if (this.#defect === 'last key does not count' && input.includes('"content-length": 3,')) {
      throw new BrokenRuleError('header-invalid');
    }
    if (input.length < end) {
      if (this.#defect === 'loses messages in many segments') this.#input = Buffer.alloc(0);
      return false;
    }
    const loses = this.#defect === 'loses the second message of a segment';
    this.#input = loses ? Buffer.alloc(0) : input.subarray(end);
    this.#takeWhole(header, input.subarray(contentAt, end));
    return true;
  }

  #takeWhole(header: JsonObject, content: Uint8Array): void {
    const given = header['message-id'];
    const id = typeof given === 'number' ? given : undefined;
    const isLast = header['more'] !== true;
    const type = textOf(header, 'content-type');
    const known = [...this.#requests].find((each) => each.id !== undefined && each.id === id);
    if (header['cancel'] === true) {
      this.#cancel(known);
      return;
    }
    if (known !== undefined && known.isWhole && this.#defect !== 'takes an id twice') {
      throw new BrokenRuleError('id-invalid');
    }
    const isPart = known !== undefined && !known.isWhole;
    if (isPart && known.type !== type && this.#defect !== 'takes another content type') {
      throw new BrokenRuleError('header-invalid', id);
    }
    const request = isPart ? known : this.#begin(id, type, header);
    if (request === undefined) return;
    request.isWhole = isLast;
    let value: JsonObject | undefined;
    try {
      const isJson = /^text\/json *(;|$)/.test(type);
      value = isJson ? readContent(header, content, this.#defect) : undefined;
    } catch (error) {
      if (!(error instanceof BrokenRuleError)) throw error;
      if (this.#defect === 'drops on intact errors') this.#socket.end();
      this.#refuse(request, error.code);
      return;
    }
    if (isPart) this.#givePart(request, content, value, isLast);
    else {
      const reply = this.#replyFor(request);
      request.job = this.#application.start({ header, content, value, isLast }, reply);
    }
    if (request.isAnswered) this.#forgetIfOver(request);
  }

  #givePart(
    request: InFlight,
    content: Uint8Array,
    value: JsonObject | undefined,
    isLast: boolean,
  ): void {
    if (request.isAnswered) {
      if (this.#defect === 'answers what it should discard') this.#refuse(request, 'input-invalid');
      return;
    }
    const mixed = this.#defect === 'mixes requests up' ? [...this.#requests].at(-1) : undefined;
    (mixed ?? request).job.part(content, value, isLast);
  }

  #begin(id: number | undefined, type: string, header: JsonObject): InFlight | undefined {
    const turn: Turn | undefined = this.#keepsOrder(id) ? { write: undefined } : undefined;
    if (turn !== undefined) this.#turns.push(turn);
    const request: InFlight = {
      id,
      type,
      turn,
      job: NO_JOB,
      isAnswered: false,
      isWhole: false,
      stop: () => undefined,
    };
    const unfinished = [...this.#requests].filter((each) => !each.isWhole).length;
    if (unfinished >= MAX_UNFINISHED && this.#defect !== 'takes any number of requests') {
      this.#isDeaf = true;
      for (const each of this.#requests) each.isAnswered = true;
      this.#requests.clear();
      this.#isGoingDown = this.#defect !== 'overloaded without closing';
      this.#requests.add(request);
      request.isWhole = true;
      this.#refuse(request, 'overloaded');
      return undefined;
    }
    this.#requests.add(request);
    const deadline = header['deadline-ms'];
    if (typeof deadline === 'number') this.#watch(request, deadline);
    return request;
  }

  #keepsOrder(id: number | undefined): boolean {
    if (this.#defect === 'never overtakes') return true;
    return id === undefined && this.#defect !== 'answers when ready';
  }

  #watch(request: InFlight, ms: number): void {
    const defect = this.#defect;
    if (defect === 'ignores deadlines' || (ms > 2 ** 31 - 1 && defect !== 'deadlines overflow'))
      return;
    const timer = setTimeout(
      () => {
        if (request.isAnswered && defect !== 'answers after a deadline') return;
        request.stop();
        this.#refuse(request, 'deadline-exceeded');
      },
      defect === 'deadlines too early' ? ms / 8 : ms + 1,
    );
    this.#socket.once('close', () => clearTimeout(timer));
  }

  #cancel(request: InFlight | undefined): void {
    if (this.#defect === 'answers a cancel') this.#writer.json({ cancelled: true }, {});
    if (this.#defect === 'ignores a cancel' || request === undefined) return;
    request.isWhole = true;
    const isOver = request.isAnswered;
    const victims = this.#defect === 'cancels everything' ? [...this.#requests] : [request];
    for (const victim of victims) {
      if (this.#defect !== 'cancels without telling') victim.stop();
      if (!isOver) this.#refuse(victim, 'cancelled');
    }
    this.#forgetIfOver(request);
  }

  #replyFor(request: InFlight): Reply {
    return createReply(request, {
      socket: this.#socket,
      writer: this.#writer,
      defect: this.#defect,
      answer: (value, type) => this.#answer(request, value, type),
    });
  }

  #refuse(request: InFlight, code: string): void {
    this.#answer(request, errorValue(code));
  }

  /** Writes the final answer, in its turn. */
  #answer(request: InFlight, value: JsonObject | Uint8Array, type = 'text/json'): void {
    const { turn } = request;
    request.isAnswered = true;
    const defect = this.#defect;
    const id = defect === 'wrong in-reply-to' ? (request.id ?? 0) + 1 : request.id;
    const isError = !(value instanceof Uint8Array) && Object.hasOwn(value, 'error');
    const hidesId = isError && defect === 'no id on errors';
    this.#forgetIfOver(request);
    const write = (): void => {
      const extensions: JsonObject = {
        ...(request.id === undefined || id === undefined || hidesId ? {} : { 'in-reply-to': id }),
        ...(defect === 'message-id in answers' && request.id ? { 'message-id': request.id } : {}),
        ...(this.#isLastAnswer() ? { closing: true } : {}),
      };
      if (value instanceof Uint8Array) this.#writer.bytes(value, type, extensions);
      else this.#writer.json(value, extensions);
    };
    if (turn === undefined) write();
    else {
      turn.write = write;
      this.#flush();
    }
    if (defect === 'closes after each answer') this.#socket.end();
    this.#endIfDone();
  }

  #flush(): void {
    while (this.#turns[0]?.write !== undefined) this.#turns.shift()?.write?.();
  }

  #isLastAnswer(): boolean {
    if (this.#defect === 'always closing') return true;
    if (!this.#isGoingDown || this.#defect === 'no closing when it goes down') return false;
    return this.#requests.size === 0 && this.#turns.length === 0;
  }

  #forgetIfOver(request: InFlight): void {
    if (this.#defect === 'ids stay in use') return;
    if (request.isAnswered && request.isWhole) this.#requests.delete(request);
  }

  #loseFraming({ code, id }: BrokenRuleError): void {
    const defect = this.#defect;
    if (defect === 'disturbs others') this.onDisturbance();
    if (defect === 'forgets who was in flight') this.#requests.clear();
    if (defect === 'forgets who was in flight') this.#turns.length = 0;
    const extensions: JsonObject = id === undefined ? {} : { 'in-reply-to': id };
    const write = (): void => this.#writer.json(errorValue(code), extensions);
    if (id === undefined && defect !== 'error before its turn') {
      this.#turns.push({ write });
      this.#flush();
    } else write();
    if (defect === 'parses on after lost framing') {
      this.#take(Buffer.alloc(0));
      return;
    }
    this.#isDeaf = true;
    this.#input = Buffer.alloc(0);
    for (const request of this.#requests) if (!request.isWhole) this.#requests.delete(request);
    if (defect === 'closes with unread input') {
      this.#socket.pause();
      this.#socket.destroy();
      return;
    }
    this.#endIfDone();
  }

  /** Ends our side when nothing can be asked any more and everything is answered. */
  #endIfDone(): void {
    if (!this.#hasEnded && !this.#isDeaf) return;
    if (this.#requests.size > 0 || this.#turns.length > 0) return;
    if (!this.#socket.writableEnded) this.#socket.end();
  }
}
