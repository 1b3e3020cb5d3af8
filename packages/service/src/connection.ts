/**
 * Connection: the messages of one transport, both ways. Server and client stand on it.
 *
 * ```
 *   transport -> ReceiveBuffer -> MessageDecoder -> owner.onMessage
 *   owner.write -> MessageEncoder -> SendBuffer -> one send a turn -> transport
 * ```
 *
 * It owns the transport, the two buffers and the state; it knows nothing of requests and answers. Rules:
 *
 * - One `receive` for each time the transport is readable, so that a peer that sends much does not keep
 *   the others waiting.
 * - Whatever is written leaves at the end of the turn, in one `send`. Sending for all connections in a row
 *   wakes fewer peers one by one than sending behind each connection's own messages.
 * - While the owner has paused, or is `open` no more, nothing is decoded; while it has paused, nothing is
 *   received either, and the peer feels it through TCP.
 * - A bad message is the owner's to answer; a broken transport closes this connection and no other.
 * - Closing waits for the peer where unread input would reset the connection: see `lingering` in `state.ts`.
 */
import {
  NEED_DATA,
  ReceiveBuffer,
  RemoteProtocolError,
  SendBuffer,
  TruncatedFrameError,
  type NeedData,
} from '@wireline/framing';
import {
  MessageError,
  type Message,
  type MessageDecoder,
  type MessageEncoder,
  type OutgoingMessage,
} from '@wireline/message';
import { WOULD_BLOCK, type Address } from '@wireline/socket';
import {
  EVENT_HANGUP,
  EVENT_READ,
  type Clock,
  type Interest,
  type Timer,
} from '@wireline/socket/event-loop';
import type { ConnectionParts } from './connection-parts.ts';
import { ConnectionBrokenError } from './errors.ts';
import { MessageTimer, type MessageTimeouts, type TimedPhase } from './message-timer.ts';
import { nextState, type ConnectionEvent, type ConnectionState } from './state.ts';
import type { Transport } from './transport.ts';

/** 1 MiB: discarded while lingering; enough for what was on its way, too little to be kept busy with. */
const LINGER_BYTES = 1024 * 1024;

/** 2 s: several round trips on a bad line. */
const LINGER_MS = 2_000;

/** Who hears of what a connection brings. */
export interface ConnectionOwner {
  /** A message came. What this or any other method throws ends the connection. */
  onMessage(message: Message): void;
  /** A bad message came. Where framing is lost, nothing more is decoded: answer, then `finish`. */
  onBadMessage(error: RemoteProtocolError): void;
  /** The peer sent its last byte; `error` when that was inside a message. Answer, then `finish`. */
  onInputEnd(error: TruncatedFrameError | undefined): void;
  /** Everything written so far was taken by the kernel. */
  onFlushed(): void;
  /** It is over; `error` when the network or an earlier failure ended it. */
  onClosed(error: Error | undefined): void;
}

/** One connection. */
export class Connection {
  readonly remoteAddress: Address;
  readonly #transport: Transport;
  readonly #owner: ConnectionOwner;
  readonly #decoder: MessageDecoder;
  readonly #encoder: MessageEncoder;
  readonly #clock: Clock;
  readonly #timeouts: MessageTimeouts;
  readonly #messageTimer: MessageTimer;
  readonly #received: ReceiveBuffer;
  readonly #sending: SendBuffer;
  #state: ConnectionState = 'open';
  #paused = false;
  #resumed = false;
  #handling = false;
  #finishing = false;
  #messageCount = 0;
  #lingered = 0;
  #lingerTimer: Timer | undefined;

  constructor(transport: Transport, owner: ConnectionOwner, parts: ConnectionParts) {
    this.#transport = transport;
    this.#owner = owner;
    this.#decoder = parts.createDecoder();
    this.#encoder = parts.encoder;
    this.#clock = parts.clock;
    this.#timeouts = parts.timeouts;
    this.#messageTimer = new MessageTimer(parts.clock, parts.timeouts, (phase) =>
      this.#guard(() => this.#tookTooLong(phase)),
    );
    this.#received = new ReceiveBuffer({ maxLength: parts.maxReceived });
    this.#sending = new SendBuffer({ maxLength: parts.maxSending, pool: parts.pool });
    this.remoteAddress = transport.remoteAddress;
    transport.start(this, 'read');
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** How many bytes wait to be sent. */
  get sendingLength(): number {
    return this.#sending.length;
  }

  /**
   * Writes a message, to be sent with the others of this turn. After `closed` it does nothing: there is
   * nobody to read it.
   *
   * @throws LocalProtocolError when the message breaks a limit; nothing is written then.
   */
  write(message: OutgoingMessage): void {
    if (this.#state === 'closed') return;
    this.#encoder.encode(message, this.#sending);
    if (!this.#handling) this.#transport.atEndOfTurn(this);
  }

  /** Decodes and receives nothing until {@link resume}. */
  pause(): void {
    this.#paused = true;
    this.#messageTimer.stop();
    if (!this.#handling) this.#waitForWhatMatters();
  }

  /** Takes {@link pause} back, beginning with what has been received already. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#resumed = true;
    if (!this.#handling) this.#transport.atEndOfTurn(this);
  }

  /** Receives and decodes once what the kernel has by now, so that it is not lost to {@link stopInput}. */
  receiveNow(): void {
    if (this.#state === 'open' && !this.#handling) this.#guard(() => this.#read(false));
  }

  /** Parses nothing that comes later. What is written is still sent. */
  stopInput(): void {
    if (this.#state === 'closed') return;
    this.#move('input-stopped');
    this.#messageTimer.stop();
  }

  /** Nothing more will be written: ends the connection, gently, once everything is sent. */
  finish(): void {
    this.#finishing = true;
    if (!this.#handling && this.#state !== 'closed') this.#transport.atEndOfTurn(this);
  }

  /** Closes at once, whatever is unsent. */
  close(error?: Error): void {
    if (this.#state === 'closed') return;
    this.#end('broken', error);
  }

  /** The transport is ready: takes in what came. Called by the event loop. */
  onReady(events: number): void {
    const hangup = (events & EVENT_HANGUP) !== 0;
    this.#guard(() => {
      if ((events & EVENT_READ) !== 0) this.#read(hangup);
    });
  }

  /** The turn ends: sends what was written in it, and sees what comes next. Called by the event loop. */
  run(): void {
    if (this.#state === 'closed') return;
    this.#handling = true;
    try {
      this.#flush();
      while (this.#resumed) {
        this.#resumed = false;
        this.#decode();
        this.#flush();
      }
      if (this.#finishing && this.#sending.length === 0) this.#outputDone();
      this.#waitForWhatMatters();
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#handling = false;
    }
  }

  /** Does something that may write, which {@link run} then sends. */
  #guard(work: () => void): void {
    if (this.#state === 'closed') return;
    this.#handling = true;
    try {
      work();
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#handling = false;
    }
    this.#transport.atEndOfTurn(this);
  }

  /** What goes wrong ends this connection and no other. */
  #fail(error: unknown): void {
    // What fails after the end is a defect of ours, or of whoever listens to us.
    if (this.#state === 'closed') throw error;
    this.close(asError(error));
  }

  #read(hangup: boolean): void {
    if (this.#state === 'lingering') {
      this.#discard();
    } else if (this.#state === 'open' && !this.#paused) {
      this.#receive();
    } else if (hangup) {
      // Nothing can be sent any more and nothing more will be read. Receiving throws the reset, if it was one.
      this.#transport.receive(this.#received);
      throw new ConnectionBrokenError('the peer was gone before everything was sent to it');
    }
  }

  #receive(): void {
    const count = this.#transport.receive(this.#received);
    if (count === 0) {
      this.#inputEnded();
    } else if (count !== WOULD_BLOCK) {
      this.#decode();
    }
    this.#received.settle();
  }

  #decode(): void {
    while (this.#state === 'open' && !this.#paused) {
      const message = this.#nextMessage();
      if (message === NEED_DATA) break;
      this.#messageCount += 1;
      if (message instanceof RemoteProtocolError) {
        if (message.framing === 'lost') this.#move('input-stopped');
        this.#owner.onBadMessage(message);
      } else {
        this.#owner.onMessage(message);
      }
    }
    this.#received.settle();
    this.#watchMessage();
  }

  /** The next message, or what is wrong with it. */
  #nextMessage(): Message | RemoteProtocolError | NeedData {
    try {
      return this.#decoder.decode(this.#received);
    } catch (error) {
      if (error instanceof RemoteProtocolError) return error;
      throw error;
    }
  }

  /** Sets the deadline of the message that has begun to come, if one has and we are reading. */
  #watchMessage(): void {
    if (this.#state !== 'open' || this.#paused) this.#messageTimer.stop();
    else if (this.#decoder.insideContent) this.#messageTimer.update('content', this.#messageCount);
    else if (this.#received.length > 0) this.#messageTimer.update('header', this.#messageCount);
    else this.#messageTimer.stop();
  }

  #tookTooLong(phase: TimedPhase): void {
    const [option, value] =
      phase === 'header'
        ? (['headerMs', this.#timeouts.headerMs] as const)
        : (['messageMs', this.#timeouts.messageMs] as const);
    const { bytes, start, end, offset } = this.#received;
    const error = new MessageError(
      'timeout',
      `receive the ${phase} of a message: it was not complete within ${value} ms; send it in one go, or raise ${option}`,
      { offset, field: phase, bytes: bytes.subarray(start, end), limit: { option, value } },
    );
    this.#move('input-stopped');
    this.#owner.onBadMessage(error);
  }

  #inputEnded(): void {
    let truncated: TruncatedFrameError | undefined;
    try {
      this.#decoder.end(this.#received);
    } catch (error) {
      if (!(error instanceof TruncatedFrameError)) throw error;
      truncated = error;
    }
    this.#move('input-ended');
    this.#messageTimer.stop();
    this.#received.clear();
    this.#owner.onInputEnd(truncated);
  }

  #flush(): void {
    while (this.#sending.length > 0) {
      if (this.#transport.send(this.#sending) === WOULD_BLOCK) return;
      if (this.#sending.length === 0) this.#owner.onFlushed(); // who may write more
    }
  }

  #discard(): void {
    const count = this.#transport.receive(this.#received);
    this.#received.clear();
    if (count === WOULD_BLOCK) return;
    this.#lingered += count;
    if (count === 0 || this.#lingered > LINGER_BYTES) this.#end('linger-over', undefined);
  }

  #outputDone(): void {
    switch (this.#state) {
      case 'answering':
        this.#end('output-done', undefined);
        break;
      case 'open':
      case 'refusing':
        this.stopInput();
        this.#transport.endOutput();
        this.#move('output-done');
        this.#received.clear();
        this.#lingerTimer = this.#clock.after(LINGER_MS, () => this.#end('linger-over', undefined));
        break;
      case 'lingering':
      case 'closed':
        break;
    }
  }

  #waitForWhatMatters(): void {
    if (this.#state === 'closed') return;
    const read = this.#state === 'lingering' || (this.#state === 'open' && !this.#paused);
    const write = this.#sending.length > 0;
    this.#transport.waitFor(INTEREST[read ? 1 : 0][write ? 1 : 0]);
  }

  #end(event: ConnectionEvent, error: Error | undefined): void {
    this.#move(event);
    this.#lingerTimer?.cancel();
    this.#messageTimer.stop();
    this.#transport.close();
    this.#received.clear();
    this.#sending.clear();
    this.#owner.onClosed(error);
  }

  #move(event: ConnectionEvent): void {
    this.#state = nextState(this.#state, event);
  }
}

/** By whether to read and whether to write. */
const INTEREST: readonly [readonly [Interest, Interest], readonly [Interest, Interest]] = [
  ['none', 'write'],
  ['read', 'read-write'],
];

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
