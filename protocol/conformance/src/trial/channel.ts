/**
 * One raw connection to the peer under trial.
 *
 * Rules: every wait is bounded; nothing is sent that the check did not ask for; whatever the peer does becomes an
 * event in a queue, so that it is seen in its order however late a check looks. What comes behind an answer that
 * says `closing` is a fault wherever it happens.
 */
import { createConnection, type Socket } from 'node:net';
import { MalformedError, MessageReader, type Received } from '../wire/message-reader.ts';
import { describe, mismatch, showReceived, type Expectation } from './expectation.ts';
import type { Transcript } from './transcript.ts';
import { UnmetError } from './unmet.ts';

/** What a channel needs of its check. */
export interface ChannelOptions {
  /** Which connection of the check it is, from 1. */
  readonly number: number;
  /** How long one wait may take. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly transcript: Transcript;
  /** Called with what is about to be sent. What it throws ends the check. */
  readonly beforeSending?: ((bytes: Uint8Array) => void) | undefined;
  /** Called when something came. */
  readonly onHappening?: (() => void) | undefined;
}

/** Something that the peer did. */
type Happening =
  | { readonly kind: 'message'; readonly message: Received }
  | { readonly kind: 'end' | 'reset' | 'lost' | 'malformed'; readonly text: string };

/** A connection, with the queue of what came on it. */
export class Channel {
  readonly #socket: Socket;
  readonly #options: ChannelOptions;
  readonly #reader = new MessageReader();
  readonly #happenings: Happening[] = [];
  #wake: (() => void) | undefined;
  #isOver = false;
  #saidClosing = false;
  #drain: (() => void) | undefined;
  #closed: (() => void) | undefined;
  #error: string | undefined;

  /** @param socket an open connection with `allowHalfOpen` */
  constructor(socket: Socket, options: ChannelOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('end', () => this.#finish('end', this.#endText()));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#error = error.message;
      const kind = error.code === 'ECONNRESET' ? 'reset' : 'lost';
      this.#finish(kind, `the connection was lost: ${error.message}`);
    });
    socket.on('close', () => {
      this.#finish('lost', 'the connection was closed');
      this.#closed?.();
    });
    socket.on('drain', () => this.#drain?.());
  }

  /** Connects to a server. */
  static async connect(
    address: { readonly host: string; readonly port: number },
    options: ChannelOptions,
  ): Promise<Channel> {
    const { host, port } = address;
    const socket = createConnection({ host, port, allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new UnmetError('a connection', `none within ${options.timeoutMs} ms`));
      }, options.timeoutMs);
      socket.once('connect', resolve);
      socket.once('error', (error) => {
        reject(new UnmetError(`a connection to ${host}:${port}`, error.message));
      });
      socket.once('close', () => clearTimeout(timer));
      socket.once('connect', () => clearTimeout(timer));
    }).catch((error: unknown) => {
      socket.destroy();
      throw error;
    });
    return new Channel(socket, options);
  }

  /** Whether a message is there, or what should have been one. */
  get hasMessage(): boolean {
    const kind = this.#happenings[0]?.kind;
    return kind === 'message' || kind === 'malformed';
  }

  /** Whether the peer has ended or lost the connection. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Sends bytes, in one piece. */
  send(...messages: readonly Uint8Array[]): void {
    const bytes = Buffer.concat(messages);
    this.#options.beforeSending?.(bytes);
    this.#options.transcript.bytes(this.#options.number, 'sent', bytes);
    this.#socket.write(bytes);
  }

  /** Sends bytes, and waits until the kernel has them or the connection is over. For much. */
  async sendAll(bytes: Uint8Array): Promise<void> {
    this.#options.beforeSending?.(bytes);
    this.#options.transcript.bytes(this.#options.number, 'sent', bytes);
    if (this.#socket.write(bytes) || this.#isOver) return;
    await this.#within(`${bytes.length} bytes to be taken`, (done) => (this.#drain = done));
  }

  /** Sends bytes one by one, each in a segment of its own as far as the kernel lets us. */
  async sendSlowly(bytes: Uint8Array): Promise<void> {
    this.#options.beforeSending?.(bytes);
    this.#options.transcript.bytes(this.#options.number, 'sent', bytes);
    for (const byte of bytes) {
      this.#socket.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Sends nothing any more, and still hears. */
  halfClose(): void {
    this.#options.transcript.event(this.#options.number, 'we shut down our sending side');
    this.#socket.end();
  }

  /**
   * The next message.
   *
   * @throws UnmetError when something else happens, or nothing in time.
   */
  async next(expected: string): Promise<Received> {
    const happening = await this.#nextHappening(expected);
    if (happening.kind === 'message') return happening.message;
    throw new UnmetError(expected, happening.text);
  }

  /** The next message, or `undefined` where the stream ends. */
  async nextOrEnd(expected: string): Promise<Received | undefined> {
    const { kind } = await this.#nextHappening(expected, { keep: true });
    return kind === 'end' ? undefined : this.next(expected);
  }

  /** The next message, which must be as described. */
  async expect(expectation: Expectation): Promise<Received> {
    const message = await this.next(describe(expectation));
    const fault = mismatch(message, expectation);
    if (fault === undefined) return message;
    throw new UnmetError(describe(expectation), `${fault}: ${showReceived(message)}`);
  }

  /** The next messages, each as one of those described, in whatever order. Returns them as they came. */
  async expectInAnyOrder(expectations: readonly Expectation[]): Promise<Received[]> {
    const left = [...expectations];
    const messages: Received[] = [];
    while (left.length > 0) {
      const expected = left.map(describe).join(', or ');
      const message = await this.next(expected);
      const found = left.findIndex((each) => mismatch(message, each) === undefined);
      if (found === -1) throw new UnmetError(expected, `came ${showReceived(message)}`);
      left.splice(found, 1);
      messages.push(message);
    }
    return messages;
  }

  /** The end of the stream, clean and with nothing before it. */
  async expectEnd(expected = 'the end of the stream, and nothing before it'): Promise<void> {
    const happening = await this.#nextHappening(expected);
    if (happening.kind === 'end' && this.#reader.pending === 0) return;
    throw new UnmetError(expected, textOf(happening));
  }

  /** That the peer is gone, cleanly or not, and said nothing before. */
  async expectGone(expected: string): Promise<void> {
    const happening = await this.#nextHappening(expected);
    if (['end', 'reset', 'lost'].includes(happening.kind)) return;
    throw new UnmetError(expected, textOf(happening));
  }

  /** That the peer resets the connection, and said nothing before. */
  async expectReset(expected: string): Promise<void> {
    const happening = await this.#nextHappening(expected);
    if (happening.kind !== 'reset') throw new UnmetError(expected, textOf(happening));
  }

  /** That nothing came and the connection is there. For after a wait on something else. */
  expectSilence(expected: string): void {
    const happening = this.#happenings[0];
    if (happening !== undefined) throw new UnmetError(expected, textOf(happening));
  }

  /** Ends our side, and makes sure that everything was said: the peer ends its side and sends nothing before. */
  async finish(): Promise<void> {
    this.halfClose();
    await this.expectEnd();
    this.close();
  }

  /** Ends our side behind the end of the peer's. It must have heard everything until then: there is no reset. */
  async endWithoutReset(): Promise<void> {
    const expected = 'the connection to close without a reset';
    this.#socket.end();
    if (!this.#socket.closed) await this.#within(expected, (done) => (this.#closed = done));
    if (this.#error !== undefined) throw new UnmetError(expected, this.#error);
  }

  /** Gives the connection up. */
  close(): void {
    this.#socket.destroy();
  }

  /** Closes with a reset. */
  reset(): void {
    this.#options.transcript.event(this.#options.number, 'we reset the connection');
    this.#socket.resetAndDestroy();
  }

  #take(chunk: Buffer): void {
    let messages: Received[];
    try {
      messages = this.#reader.push(chunk);
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      this.#options.transcript.bytes(this.#options.number, 'came', chunk);
      this.#finish('malformed', `came what is no message: ${error.message}`);
      this.#socket.pause();
      return;
    }
    for (const message of messages) {
      const text = Buffer.from(showReceived(message));
      this.#options.transcript.bytes(this.#options.number, 'came', text);
      if (this.#saidClosing) {
        this.#finish('malformed', `came behind an answer that says closing: ${text.toString()}`);
        return;
      }
      this.#saidClosing = message.header['closing'] === true;
      this.#add({ kind: 'message', message });
    }
  }

  #endText(): string {
    const { pending } = this.#reader;
    return pending === 0
      ? 'the peer ended the stream'
      : `the peer ended the stream inside a message, ${pending} bytes behind its start`;
  }

  #finish(kind: 'end' | 'reset' | 'lost' | 'malformed', text: string): void {
    this.#drain?.();
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.transcript.event(this.#options.number, text);
    this.#add({ kind, text });
  }

  #add(happening: Happening): void {
    this.#happenings.push(happening);
    this.#wake?.();
    this.#options.onHappening?.();
  }

  async #nextHappening(expected: string, { keep = false } = {}): Promise<Happening> {
    if (this.#happenings.length === 0) await this.#within(expected, (done) => (this.#wake = done));
    const [happening] = this.#happenings;
    if (happening === undefined) throw new UnmetError(expected, 'nothing came');
    // The end stays: whoever asks again is told again.
    if (happening.kind === 'message' && !keep) this.#happenings.shift();
    return happening;
  }

  /** Waits until `start`'s argument is called, or throws when it takes too long. */
  async #within(expected: string, start: (done: () => void) => void): Promise<void> {
    const { signal, timeoutMs } = this.#options;
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        settle(() => reject(new UnmetError(expected, `nothing came within ${timeoutMs} ms`)));
      }, timeoutMs);
      const abort = (): void => settle(() => reject(signal.reason));
      const settle = (how: () => void): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        this.#wake = undefined;
        this.#drain = undefined;
        this.#closed = undefined;
        how();
      };
      signal.addEventListener('abort', abort);
      start(() => settle(resolve));
    });
  }
}

function textOf(happening: Happening): string {
  return happening.kind === 'message' ? `came ${showReceived(happening.message)}` : happening.text;
}
