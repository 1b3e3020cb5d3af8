/** What a scenario works with: a listener of its own, the connections of the client, and what the client printed. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Channel } from '../trial/channel.ts';
import { showReceived } from '../trial/expectation.ts';
import type { Transcript } from '../trial/transcript.ts';
import { SkippedError, UnmetError } from '../trial/unmet.ts';
import { isObject, parseJson, sameJson, writeJson, type JsonObject } from '../wire/json.ts';
import type { Received } from '../wire/message-reader.ts';
import { NOT_OFFERED, type Driver, type DriverEnd } from './driver.ts';

/** What must not come is waited for so long: a client that is wrong does it at once. */
const QUIET_MS = 100;

/** What a trial of a client needs. */
export interface ClientTrialOptions {
  readonly driver: Driver;
  readonly scenario: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly transcript: Transcript;
}

/** A request, and the connection on which it came. */
export interface Asked {
  readonly channel: Channel;
  readonly request: Received;
  /** Its id, where it has one. */
  readonly id: number | undefined;
}

/** One run of the client. */
export class ClientTrial {
  readonly #options: ClientTrialOptions;
  readonly #server: Server;
  readonly #channels: Channel[] = [];
  readonly #over = new AbortController();
  readonly #end: Promise<DriverEnd>;
  readonly #left = new Set<Channel>();
  #wake: (() => void) | undefined;
  #hasEnded = false;

  private constructor(server: Server, options: ClientTrialOptions) {
    this.#server = server;
    this.#options = options;
    server.on('connection', (socket) => {
      const { timeoutMs, signal, transcript } = options;
      const number = this.#channels.length + 1;
      const onHappening = (): void => this.#wake?.();
      transcript.event(number, 'the client connected');
      this.#channels.push(
        new Channel(socket, { number, timeoutMs, signal, transcript, onHappening }),
      );
    });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const signal = AbortSignal.any([this.#over.signal, options.signal]);
    const task = { host: '127.0.0.1', port, scenario: options.scenario };
    this.#end = options.driver(task, signal).finally(() => {
      this.#hasEnded = true;
      this.#wake?.();
    });
    // Whoever waits for the end hears of it; a scenario that fails before does not.
    this.#end.catch(() => undefined);
  }

  /** Listens, and starts the client. */
  static async start(options: ClientTrialOptions): Promise<ClientTrial> {
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ClientTrial(server, options);
  }

  /** How many connections the client has made. */
  get connections(): number {
    return this.#channels.length;
  }

  /** The next request, on whichever connection. */
  async next(expected: string): Promise<Asked> {
    const find = (): Channel | undefined =>
      this.#channels.find((each) => each.hasMessage && !this.#left.has(each));
    await this.#until(expected, () => find() !== undefined);
    const channel = find();
    if (channel === undefined) throw await this.#endedTooEarly(expected);
    const request = await channel.next(expected);
    const { header, form } = request;
    if (form !== undefined) throw new UnmetError('"JSON, written"', form);
    const id = header['message-id'];
    if (id !== undefined && (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 1)) {
      throw new UnmetError('a message-id from 1 to 2^53-1', `came ${showReceived(request)}`);
    }
    return { channel, request, id };
  }

  /** The next request, which must have this content; and an id, where it is needed. */
  async expect(value: JsonObject, options: { readonly id?: 'needed' } = {}): Promise<Asked> {
    const expected = `${writeJson(value)}${options.id === 'needed' ? ' with a message-id' : ''}`;
    const asked = await this.next(expected);
    const { request, id } = asked;
    const isSame = sameJson(request.value, value) && request.header['cancel'] !== true;
    if (!isSame || Object.hasOwn(request.header, 'in-reply-to')) {
      throw new UnmetError(expected, `came ${showReceived(request)}`);
    }
    if (options.id === 'needed' && id === undefined) {
      throw new UnmetError(expected, `came one without: ${showReceived(request)}`);
    }
    return asked;
  }

  /** Ends our side of a connection, and looks at nothing that still comes: it may have been on its way. */
  leave(channel: Channel): void {
    this.#left.add(channel);
    channel.halfClose();
  }

  /** That nothing comes, for a moment. */
  async expectQuiet(expected: string): Promise<void> {
    await sleep(QUIET_MS, undefined, { signal: this.#options.signal });
    for (const channel of this.#channels) if (channel.hasMessage) channel.expectSilence(expected);
  }

  /**
   * The end of the client, that it printed these lines, or one of these lists of lines, and that it sent nothing more.
   */
  async expectPrinted(...choices: readonly (readonly JsonObject[])[]): Promise<void> {
    const shown = choices.map((lines) => lines.map(writeJson).join(' ')).join('; or ');
    const expected = `the client to print ${shown} and to exit with 0`;
    await this.#until(expected, () => this.#hasEnded);
    if (!this.#hasEnded) throw new UnmetError(expected, 'it went on, and was ended');
    const { code, stdout, stderr } = await this.#end;
    if (code === NOT_OFFERED) throw new SkippedError('the client does not offer it');
    const came = `it printed ${stdout.trim().replaceAll('\n', ' ') || 'nothing'} and exited with ${code ?? 'a signal'}`;
    const lines = stdout.split('\n').filter((line) => line.trim() !== '');
    const values = lines.map(parseJson);
    const isOne = choices.some(
      (choice) =>
        choice.length === values.length &&
        choice.every((line, index) => isObject(values[index]) && sameJson(line, values[index])),
    );
    if (!isOne || code !== 0) throw new UnmetError(expected, came + lastLine(stderr));
    for (const channel of this.#channels) {
      if (this.#left.has(channel)) continue;
      await channel.expectGone('nothing more of the client, and its connections closed');
    }
  }

  /** Ends everything: the client, its connections, the listener. */
  async close(): Promise<void> {
    this.#over.abort();
    for (const channel of this.#channels) channel.close();
    this.#server.close();
    await this.#end.catch(() => undefined);
  }

  /** Waits until `isMet`, or the client has ended, or time is over. The client may have been the first to end. */
  async #until(expected: string, isMet: () => boolean): Promise<void> {
    const { timeoutMs, signal } = this.#options;
    signal.throwIfAborted();
    const timer = new AbortController();
    const late = sleep(timeoutMs, undefined, { signal: timer.signal }).then(
      () => this.#wake?.(),
      () => undefined,
    );
    const abort = (): void => this.#wake?.();
    signal.addEventListener('abort', abort);
    const until = performance.now() + timeoutMs - 1;
    while (!isMet() && !this.#hasEnded && !signal.aborted && performance.now() < until) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    // What the client sent last may arrive behind the news of its end.
    if (!isMet() && this.#hasEnded) await new Promise((resolve) => setImmediate(resolve));
    signal.removeEventListener('abort', abort);
    timer.abort();
    await late;
    signal.throwIfAborted();
    if (!isMet() && !this.#hasEnded) {
      throw new UnmetError(expected, `nothing of the kind within ${timeoutMs} ms`);
    }
  }

  async #endedTooEarly(expected: string): Promise<Error> {
    const { code, stdout, stderr } = await this.#end;
    if (code === NOT_OFFERED) return new SkippedError('the client does not offer it');
    const came = `the client exited with ${code ?? 'a signal'} and had printed ${stdout.trim() || 'nothing'}`;
    return new UnmetError(expected, came + lastLine(stderr));
  }
}

/** The last line of what a program complained, which is where most say what is wrong. */
function lastLine(stderr: string): string {
  const line = stderr.trim().split('\n').at(-1) ?? '';
  return line === '' ? '' : `; ${line}`;
}
