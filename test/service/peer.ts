/**
 * Peer: one end of a connection on any network that sends any bytes and reads what comes back.
 */
import { NEED_DATA, ReceiveBuffer, SendBuffer } from '@wireline/framing';
import { MessageDecoder, type Message } from '@wireline/message';
import type { Network, Transport } from '@wireline/service/testing';
import { WOULD_BLOCK, type Endpoint } from '@wireline/socket';
import {
  EVENT_HANGUP,
  EVENT_READ,
  systemClock,
  type Clock,
  type ReadinessHandler,
  type TurnTask,
} from '@wireline/socket/event-loop';
import { deferred } from '../support/deferred.ts';

/** A peer may have everything unsent that a test gives it. */
const UNBOUNDED = { maxLength: 1024 * 1024 * 1024 };

/** A connection that a test drives by hand. */
export class Peer implements ReadinessHandler, TurnTask {
  readonly transport: Transport;
  readonly #received = new ReceiveBuffer(UNBOUNDED);
  readonly #sending = new SendBuffer(UNBOUNDED);
  readonly #decoder = new MessageDecoder();
  readonly #over = deferred<Error | undefined>();
  #wake: () => void = () => {};
  #reading = true;
  #finishing = false;
  #inputEnded = false;
  #failure: Error | undefined;
  #closed = false;

  constructor(transport: Transport) {
    this.transport = transport;
    transport.start(this, 'read');
  }

  /** Connects to a server. */
  static async connect(
    network: Network,
    endpoint: Endpoint,
    clock: Clock = systemClock,
  ): Promise<Peer> {
    return new Peer(await network.connect(endpoint, { clock }));
  }

  /** Resolves when the other end has said its last byte, or with what broke the connection. */
  get ended(): Promise<Error | undefined> {
    return this.#over.promise;
  }

  /** Everything that has come and was not taken as a message. */
  get unread(): Uint8Array {
    const { bytes, start, end } = this.#received;
    return bytes.slice(start, end);
  }

  /** How many bytes wait to be sent. */
  get unsent(): number {
    return this.#sending.length;
  }

  /** Sends behind what waits already. */
  send(bytes: Uint8Array): void {
    if (this.#closed || this.#failure !== undefined) return;
    this.#sending.append(bytes);
    this.transport.atEndOfTurn(this);
  }

  /** Sends each byte in a turn of its own. */
  async drip(bytes: Uint8Array): Promise<void> {
    for (const byte of bytes) {
      this.send(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Half-closes behind what waits to be sent. */
  end(): void {
    this.#finishing = true;
    this.transport.atEndOfTurn(this);
  }

  /** Reads nothing until {@link resume}. */
  pause(): void {
    this.#reading = false;
    this.#waitForWhatMatters();
  }

  /** Takes {@link pause} back. */
  resume(): void {
    this.#reading = true;
    this.#waitForWhatMatters();
  }

  /** The next message. Rejects when the stream ends first. */
  async message(): Promise<Message> {
    for (;;) {
      const message = this.#decoder.decode(this.#received);
      this.#received.settle();
      if (message !== NEED_DATA) return message;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#inputEnded || this.#closed) throw new Error('the stream ended before the message');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The next message as JSON content. */
  async json(): Promise<Readonly<Record<string, unknown>>> {
    const message = await this.message();
    if (message.kind !== 'json') throw new Error(`a ${message.header.contentType} message came`);
    return message.value;
  }

  /** Closes at once: a reset where something is unread. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.transport.close();
    this.#settle(undefined);
  }

  onReady(events: number): void {
    this.#guard(() => {
      const gone = (events & EVENT_HANGUP) !== 0;
      if ((events & EVENT_READ) !== 0 && (this.#reading || gone)) this.#receive();
      // Reported until it is closed, whatever is waited for.
      if (gone && this.#inputEnded) this.close();
    });
    if (!this.#closed) this.transport.atEndOfTurn(this);
  }

  run(): void {
    if (this.#closed || this.#failure !== undefined) return;
    this.#guard(() => {
      while (this.#sending.length > 0) {
        if (this.transport.send(this.#sending) === WOULD_BLOCK) break;
      }
      if (this.#finishing && this.#sending.length === 0) {
        this.#finishing = false;
        this.transport.endOutput();
      }
    });
    this.#waitForWhatMatters();
  }

  #receive(): void {
    if (this.#inputEnded) return;
    const count = this.transport.receive(this.#received);
    this.#received.settle();
    if (count === 0) {
      this.#inputEnded = true;
      this.#settle(undefined);
    }
    if (count !== WOULD_BLOCK) this.#wake();
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.#closed = true;
      this.transport.close();
      this.#settle(this.#failure);
    }
  }

  #settle(error: Error | undefined): void {
    this.#over.resolve(error);
    this.#wake();
  }

  #waitForWhatMatters(): void {
    if (this.#closed) return;
    const read = this.#reading && !this.#inputEnded;
    const write = this.#sending.length > 0;
    this.transport.waitFor(read ? (write ? 'read-write' : 'read') : write ? 'write' : 'none');
  }
}
