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
 *   the others waiting; a second one where the first had room for nothing but the end of a long message.
 * - Whatever is written leaves at the end of the turn, in one `send`. Sending for all connections in a row
 *   wakes fewer peers one by one than sending behind each connection's own messages. Long bytes leave at
 *   once, with what waits before them, so that they need not be copied.
 * - While the owner has paused, or is `open` no more, nothing is decoded; while it has paused, nothing is
 *   received either, and the peer feels it through TCP.
 * - A bad message is the owner's to answer; a broken transport closes this connection and no other.
 * - Nothing lasts for ever: see `timeouts.ts`. What is held is reported to the budget: see `memory-budget.ts`.
 * - Closing waits for the peer where unread input would reset the connection: see `lingering` in `state.ts`.
 *
 * The file is long because the two directions are one thing: they share the state and the end of the turn, and
 * each of these rules spans both. What could leave has left: `peer-clock.ts`, `linger.ts`, `limit-hit.ts`.
 */
import {
  NEED_DATA,
  ReceiveBuffer,
  RemoteProtocolError,
  SendBuffer,
  TruncatedFrameError,
  type NeedData,
} from '@wireline/framing/decoder';
import {
  MessageError,
  type Message,
  type MessageDecoder,
  type OutgoingBinary,
  type OutgoingMessage,
} from '@wireline/message';
import { WOULD_BLOCK, type Address } from '@wireline/socket';
import { EVENT_HANGUP, EVENT_READ, type Interest } from '@wireline/socket/event-loop';
import type { ConnectionParts } from './connection-parts.ts';
import { ConnectionBrokenError, ConnectionClosedError } from './errors.ts';
import type { ConnectionOwner } from './connection-owner.ts';
import { shedHit, stallHit } from './limit-hit.ts';
import { Linger } from './linger.ts';
import type { MemoryBudget, MemoryHolder } from './memory-budget.ts';
import { PeerClock } from './peer-clock.ts';
import { nextState, type ConnectionEvent, type ConnectionState } from './state.ts';
import type { Transport } from './transport.ts';

/** 16 KiB: two blocks of a send buffer. To copy less costs less than a send of its own. */
const DIRECT_LENGTH = 16 * 1024;

/** 16 KiB: to receive less is not worth a turn of the event loop. */
const LITTLE = 16 * 1024;

/** 128 KiB: behind a longer message a turn more is nothing, and in it its memory may be given back, to be used again. */
const MUCH = 128 * 1024;

/** One connection. */
export class Connection implements MemoryHolder {
  readonly #transport: Transport;
  readonly #owner: ConnectionOwner;
  readonly #parts: ConnectionParts;
  readonly #decoder: MessageDecoder;
  readonly #peerClock: PeerClock;
  readonly #received: ReceiveBuffer;
  readonly #sending: SendBuffer;
  #state: ConnectionState = 'open';
  #input: 'on' | 'paused' | 'resumed' = 'on';
  #handling = false;
  /** Whether the end of the turn will come to us. */
  #toRun = false;
  #finishing = false;
  /** Everything was sent, and the owner has not heard of it. */
  #tellsFlushed = false;
  /** What a send in the middle of the turn has found. */
  #sendError: Error | undefined;
  #receivesLast = false;
  /** Bytes that the owner holds for this connection. */
  #heldByOwner = 0;
  /** What the budget was told last. */
  #accounted = 0;
  #linger: Linger | undefined;
  /** When the header was decoded of the message whose content is still coming. */
  #headerAt: number | undefined;

  constructor(transport: Transport, owner: ConnectionOwner, parts: ConnectionParts) {
    this.#transport = transport;
    this.#owner = owner;
    this.#parts = parts;
    this.#decoder = parts.createDecoder();
    this.#peerClock = new PeerClock(parts.timeouts);
    this.#received = new ReceiveBuffer({ maxLength: parts.maxReceived });
    this.#sending = new SendBuffer({ maxLength: parts.maxSending, pool: parts.pool });
    transport.start(this, 'read');
  }

  get remoteAddress(): Address {
    return this.#transport.remoteAddress;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** How many bytes wait to be sent. */
  get sendingLength(): number {
    return this.#sending.length;
  }

  /** When the header was decoded of the message that `onMessage` is given, if that was in an earlier turn. */
  get headerAt(): number | undefined {
    return this.#headerAt;
  }

  /**
   * Writes a message, to be sent with the others of this turn; long bytes may be sent at once. After `closed` it does
   * nothing: there is nobody to read it.
   *
   * @throws LocalProtocolError when the message breaks a limit; nothing is written then.
   */
  write(message: OutgoingMessage): void {
    if (this.#state === 'closed') return;
    if (this.#goesDirectly(message)) {
      this.#writeDirect(message);
    } else {
      this.#parts.encoder.encode(message, this.#sending);
    }
    if (!this.#handling) this.#runLater();
  }

  /** How many bytes a message would be; 0 for one that cannot be written. It is encoded to find out. */
  lengthOf(message: OutgoingMessage): number {
    const scratch = new SendBuffer({ pool: this.#parts.pool, maxLength: this.#parts.maxSending });
    try {
      this.#parts.encoder.encode(message, scratch);
      return scratch.length;
    } catch {
      return 0; // writing it will say what is wrong
    } finally {
      scratch.clear();
    }
  }

  /** Decodes and receives nothing until {@link resume}. */
  pause(): void {
    this.#input = 'paused';
    this.#peerClock.between(); // it stands still: it is not the peer who is late
    if (!this.#handling) this.#waitForWhatMatters();
  }

  /** Takes {@link pause} back, beginning with what has been received already. */
  resume(): void {
    if (this.#input !== 'paused') return;
    this.#input = 'resumed';
    if (!this.#handling) this.#runLater();
  }

  /** Takes back the bytes of a message that nobody uses any more, to receive the next one into them. */
  giveBack(bytes: Uint8Array): void {
    if (this.#state === 'open') this.#received.giveBack(bytes);
  }

  /** Lets go of what was given back. */
  forgetSpares(): void {
    this.#received.forgetSpares();
  }

  /** Says that the owner holds `bytes` more for this connection, or fewer where it is negative. */
  hold(bytes: number): void {
    this.#heldByOwner += bytes;
    if (!this.#handling) this.#runLater();
  }

  /**
   * Receives and decodes once more what the kernel has, and then calls `onLastReceived`. At the end of the
   * turn, because until then another connection may be decoding from the memory that all receive into.
   */
  receiveLast(): void {
    this.#receivesLast = true;
    if (!this.#handling) this.#runLater();
  }

  /** Parses nothing that comes later. What is written is still sent. */
  stopInput(): void {
    if (this.#state === 'closed') return;
    this.#move('input-stopped');
  }

  /** Nothing more will be written: ends the connection, gently, once everything is sent. */
  finish(): void {
    this.#finishing = true;
    if (!this.#handling && this.#state !== 'closed') this.#runLater();
  }

  /** Closes at once, whatever is unsent. */
  close(error?: Error): void {
    if (this.#state === 'closed') return;
    this.#end('broken', error);
  }

  /** The same, so that the peer knows that nobody waits for what it owes. */
  abort(error?: Error): void {
    if (this.#state === 'closed') return;
    this.#transport.abort();
    this.#end('broken', error);
  }

  /** Sees whether anything takes too long. Called by the watchdog, again and again. */
  check(now: number): void {
    if (this.#sending.length > 0) this.#checkOutput(now);
    if (this.#state === 'open' && this.#input !== 'paused') this.#checkInput(now);
  }

  /** Gives back what it holds, because all together hold too much. Called by the budget. */
  shed(budget: MemoryBudget): void {
    const bytes = this.#accounted;
    this.#accounted = 0;
    if (this.#state === 'closed') return;
    const hit = shedHit(bytes, budget.maxMemory);
    this.#guard(() => {
      const onlyReceiving = this.#sending.length === 0 && this.#heldByOwner === 0;
      if (this.#state === 'open' && onlyReceiving) {
        this.#received.clear();
        this.#received.forgetSpares();
        this.#move('input-stopped');
        this.#owner.onShed(hit);
      } else {
        this.#owner.onLimit(hit);
        this.close(new ConnectionClosedError(hit.message));
      }
    });
  }

  /** The transport is ready: takes in what came. Called by the event loop. */
  onReady(events: number): void {
    // What a guard is for, written out: this is where every message comes through.
    if (this.#state === 'closed') return;
    this.#handling = true;
    try {
      if ((events & EVENT_READ) !== 0) this.#read((events & EVENT_HANGUP) !== 0);
    } catch (error) {
      this.#fail(error);
    }
    this.#handling = false;
    this.#runLater();
  }

  /** The turn ends: sends what was written in it, and sees what comes next. Called by the event loop. */
  run(): void {
    this.#toRun = false;
    if (this.#state === 'closed') return;
    this.#handling = true;
    try {
      if (this.#receivesLast) this.#receiveLast();
      this.#flush();
      while (this.#input === 'resumed') {
        this.#input = 'on';
        this.#decode();
        this.#flush();
      }
      if (this.#finishing && this.#sending.length === 0) this.#outputDone();
      this.#waitForWhatMatters();
    } catch (error) {
      this.#fail(error);
    }
    this.#handling = false;
    this.#account();
  }

  /** Asks for {@link run} when this turn ends, once. */
  #runLater(): void {
    if (this.#toRun) return;
    this.#toRun = true;
    this.#transport.atEndOfTurn(this);
  }

  /**
   * Writes long bytes: sends what waits and then the bytes from where they are, so that only what the kernel does not
   * take is copied. That is no later than others would be sent, and their order stays.
   */
  #writeDirect(message: OutgoingBinary): void {
    const sending = this.#sending;
    this.#parts.encoder.encodeHeader(message, sending);
    try {
      this.#send('more');
      sending.lend(message.bytes);
      this.#send();
    } catch (error) {
      // It ends the connection at the end of the turn, as every send does: not in the middle of somebody's write.
      this.#sendError ??= asError(error);
    }
    sending.settle();
    // So does whoever waits for room hear of it then.
    if (sending.length === 0) this.#tellsFlushed = true;
  }

  /** Whether a message is long bytes, for which there is room. */
  #goesDirectly(message: OutgoingMessage): message is OutgoingBinary {
    if (message.kind !== 'binary' || !(message.bytes instanceof Uint8Array)) return false;
    const { length } = message.bytes;
    if (length < DIRECT_LENGTH) return false;
    const { maxSending, encoder } = this.#parts;
    return this.#sending.length + length + encoder.limits.maxHeaderLength < maxSending;
  }

  /** Does something that may write, which {@link run} then sends. */
  #guard(work: () => void): void {
    if (this.#state === 'closed') return;
    this.#handling = true;
    try {
      work();
    } catch (error) {
      this.#fail(error);
    }
    this.#handling = false;
    this.#runLater();
  }

  /** What goes wrong ends this connection and no other. */
  #fail(error: unknown): void {
    this.#handling = false;
    // What fails after the end is a defect of ours, or of whoever listens to us.
    if (this.#state === 'closed') throw error;
    this.close(asError(error));
  }

  #read(hangup: boolean): void {
    if (this.#state === 'lingering') {
      this.#discard();
    } else if (this.#state === 'open' && this.#input !== 'paused') {
      this.#receive();
    } else if (hangup) {
      // Nothing can be sent any more and nothing more will be read. Receiving throws the reset, if it was one.
      this.#transport.receive(this.#received);
      throw new ConnectionBrokenError('the peer was gone before everything was sent to it');
    }
  }

  #receive(): void {
    const wasForLittle = this.#receiveOnce();
    if (wasForLittle && this.#state === 'open' && this.#input !== 'paused') this.#receiveOnce();
  }

  /** Returns whether there was room for little more than the end of a long message, and all of that came. */
  #receiveOnce(): boolean {
    const received = this.#received;
    const count = this.#transport.receive(received);
    if (count === WOULD_BLOCK) {
      received.settle();
      return false;
    }
    if (count === 0) {
      this.#inputEnded();
      return false;
    }
    const wasForLittle = count < LITTLE && received.hasAllExpected && received.length <= MUCH;
    this.#peerClock.active();
    this.#decode();
    return wasForLittle;
  }

  #receiveLast(): void {
    this.#receivesLast = false;
    if (this.#state === 'open' && this.#input !== 'paused') this.#receive();
    this.#owner.onLastReceived();
  }

  #decode(): void {
    while (this.#state === 'open' && this.#input !== 'paused') {
      const message = this.#nextMessage();
      if (message === NEED_DATA) break;
      this.#peerClock.between();
      if (message instanceof RemoteProtocolError) {
        if (message.framing === 'lost') this.#move('input-stopped');
        this.#owner.onBadMessage(message);
      } else {
        this.#owner.onMessage(message);
      }
      this.#headerAt = undefined;
    }
    this.#received.settle();
    this.#notePhase();
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

  /** Remembers when a message began of which only a part has come. */
  #notePhase(): void {
    const { insideContent } = this.#decoder;
    if (!insideContent && this.#received.length === 0) return;
    if (this.#state !== 'open' || this.#input === 'paused') return;
    if (insideContent) this.#headerAt ??= this.#parts.clock.now();
    this.#peerClock.inside(insideContent ? 'content' : 'header', this.#parts.clock);
  }

  #checkInput(now: number): void {
    if (this.#peerClock.overdue(now) === undefined) return;
    // If it was we who were slow, what is missing may be in the kernel by now.
    this.#guard(() => this.#receive());
    if (this.#state !== 'open') return;
    const timeout = this.#peerClock.overdue(now);
    if (timeout === undefined) return;
    if (timeout === 'idleMs') {
      this.#peerClock.between(); // told once for each time that it is idle so long
      this.#guard(() => this.#owner.onIdle());
    } else {
      this.#tookTooLong(timeout);
    }
  }

  #tookTooLong(option: 'headerMs' | 'messageMs'): void {
    const { phase } = this.#peerClock;
    const value = this.#parts.timeouts[option];
    const { bytes, start, end, offset } = this.#received;
    const error = new MessageError(
      'timeout',
      `receive the ${phase} of a message: it was not complete within ${value} ms; send it in one go, or raise ${option}`,
      { offset, field: phase, bytes: bytes.subarray(start, end), limit: { option, value } },
    );
    this.#guard(() => {
      this.#move('input-stopped');
      this.#received.clear();
      this.#owner.onBadMessage(error);
    });
  }

  #checkOutput(now: number): void {
    if (!this.#peerClock.stalled(now)) return;
    // If it was we who were slow, the kernel may take something by now.
    this.#guard(() => this.#flush());
    if (this.#sending.length === 0 || !this.#peerClock.stalled(now)) return;
    const hit = stallHit(this.#sending.length, this.#parts.timeouts.writeStallMs);
    this.#guard(() => {
      this.#owner.onLimit(hit);
      this.close(new ConnectionBrokenError(hit.message));
    });
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
    this.#received.clear();
    this.#owner.onInputEnd(truncated);
  }

  #flush(): void {
    if (this.#sendError !== undefined) throw this.#sendError;
    while (this.#sending.length > 0 || this.#tellsFlushed) {
      this.#send();
      if (this.#sending.length > 0) return;
      this.#tellsFlushed = false;
      this.#owner.onFlushed(); // who may write more
    }
  }

  /** Sends what the kernel takes. */
  #send(follows: 'more' | 'nothing' = 'nothing'): void {
    while (this.#sending.length > 0) {
      if (this.#transport.send(this.#sending, follows) === WOULD_BLOCK) return;
      this.#peerClock.taken();
    }
  }

  #discard(): void {
    const count = this.#transport.receive(this.#received);
    this.#received.clear();
    if (count === WOULD_BLOCK) return;
    if (this.#linger?.discarded(count) === true) this.#end('linger-over', undefined);
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
        this.#received.forgetSpares();
        this.#linger = new Linger(this.#parts.clock, () => this.#end('linger-over', undefined));
        break;
      case 'lingering':
      case 'closed':
        break;
    }
  }

  #waitForWhatMatters(): void {
    if (this.#state === 'closed') return;
    const read =
      this.#state === 'lingering' || (this.#state === 'open' && this.#input !== 'paused');
    const write = this.#sending.length > 0;
    this.#transport.waitFor(INTEREST[read ? 1 : 0][write ? 1 : 0]);
  }

  #account(): void {
    const held = this.#received.heldBytes + this.#sending.bytes.length + this.#heldByOwner;
    if (held === this.#accounted || this.#state === 'closed') return;
    this.#accounted = held;
    this.#parts.budget.account(this, held);
  }

  #end(event: ConnectionEvent, error: Error | undefined): void {
    this.#move(event);
    this.#linger?.cancel();
    this.#transport.close();
    this.#received.clear();
    this.#received.forgetSpares();
    this.#sending.clear();
    if (this.#accounted > 0) {
      this.#accounted = 0;
      this.#parts.budget.account(this, 0);
    }
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
