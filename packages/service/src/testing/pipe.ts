/**
 * Pipe: one direction of a connection in memory, with the bounds of a kernel's buffers.
 *
 * ```
 *   write -> [ in flight: pieces and marks, each with its time | arrived: unread bytes ] -> read
 *            |<------------------------- length at most ---------------------------->|
 * ```
 *
 * Order is kept, also between bytes and marks. What is late holds up what follows. Without delay a piece
 * arrives inside `write`, as it does on a loopback interface.
 */
import type { Clock, Timer } from '@wireline/socket/event-loop';
import { STEADY_LINE, type Line } from './line.ts';

/** A slow line carries its bytes in pieces of so many milliseconds: smooth enough, and not too many timers. */
const PIECE_MS = 8;

/** What a pipe is made of. */
export interface PipeParts {
  readonly clock: Clock;
  /** How many bytes it holds at most, in flight and unread. */
  readonly length: number;
  readonly line?: Line;
}

/** Something under way. */
interface Sent {
  readonly at: number;
  /** Bytes, or what to do when everything before has arrived. */
  readonly load: Uint8Array | (() => void);
}

/** Bytes one way. */
export class Pipe {
  readonly #clock: Clock;
  readonly #length: number;
  readonly #line: Line;
  readonly #flight: Sent[] = [];
  readonly #arrived: Uint8Array[] = [];
  #inFlight = 0;
  #unread = 0;
  /** When the last piece in flight arrives; a fraction where the line is slow. */
  #lastAt = 0;
  #held = false;
  #timer: Timer | undefined;
  /** A mark to come, and behind how many more bytes. */
  #ahead: { readonly bytes: number; readonly onArrival: () => void } | undefined;
  #onRefused: (() => void) | undefined;

  constructor({ clock, length, line = STEADY_LINE }: PipeParts) {
    this.#clock = clock;
    this.#length = length;
    this.#line = line;
  }

  /** How many bytes have arrived and were not read. */
  get unread(): number {
    return this.#unread;
  }

  /** How many bytes are under way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** How many bytes it takes now. */
  get space(): number {
    return this.#length - this.#inFlight - this.#unread;
  }

  /** Whether a sender is told to go on: as on Linux when a third is free, so that it need not go byte by byte. */
  get writable(): boolean {
    return this.space >= Math.max(1, Math.floor(this.#length / 3));
  }

  /** Whether it is held by hand. */
  get held(): boolean {
    return this.#held;
  }

  /** Takes as many of `bytes` as there is room for and the line allows, copied. */
  write(bytes: Uint8Array): number {
    const room = Math.min(this.space, bytes.length);
    const taken = room === 0 ? 0 : this.#line.take(room);
    const copy = bytes.slice(0, taken);
    const ahead = this.#ahead;
    if (ahead === undefined || taken < ahead.bytes) {
      this.#send(copy);
      if (ahead !== undefined) this.#ahead = { ...ahead, bytes: ahead.bytes - taken };
    } else {
      this.#ahead = undefined;
      this.#send(copy.subarray(0, ahead.bytes));
      this.#enqueue(ahead.onArrival, this.#line.delayMs());
      this.#send(copy.subarray(ahead.bytes));
    }
    this.#arrive();
    return taken;
  }

  /** Calls `onArrival` when everything that was written before has arrived. */
  mark(onArrival: () => void): void {
    this.#enqueue(onArrival, this.#line.delayMs());
    this.#arrive();
  }

  /** Fills `into` with as many unread bytes as there are and the line allows. */
  read(into: Uint8Array): number {
    const there = Math.min(this.#unread, into.length);
    const count = there === 0 ? 0 : this.#line.give(there);
    let filled = 0;
    while (filled < count) {
      const [piece] = this.#arrived;
      if (piece === undefined) break;
      const part = piece.subarray(0, count - filled);
      into.set(part, filled);
      filled += part.length;
      if (part.length === piece.length) this.#arrived.shift();
      else this.#arrived[0] = piece.subarray(part.length);
    }
    this.#unread -= filled;
    return filled;
  }

  /** Nobody will read what comes from now on: it is thrown away, and `onBytes` is called. */
  refuse(onBytes: () => void): void {
    this.#onRefused = onBytes;
  }

  /** Throws away what is unread. */
  forget(): void {
    this.#arrived.length = 0;
    this.#unread = 0;
  }

  /** Calls `onArrival` when `bytes` more have arrived, before any that follow. The newest such mark counts. */
  markAfter(bytes: number, onArrival: () => void): void {
    if (bytes === 0) this.mark(onArrival);
    else this.#ahead = { bytes, onArrival };
  }

  /** Nothing arrives until {@link release}. */
  hold(): void {
    this.#held = true;
    this.#arrive();
  }

  /** Takes {@link hold} back. */
  release(): void {
    this.#held = false;
    this.#arrive();
  }

  /** Loses what is in flight. */
  drop(): void {
    this.#flight.length = 0;
    this.#inFlight = 0;
    this.#lastAt = 0;
    this.#arrive();
  }

  /** Puts bytes under way, in pieces where the line is slow. */
  #send(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const { bytesPerMs } = this.#line;
    const pieceLength = Math.ceil(Math.min(bytes.length, bytesPerMs * PIECE_MS));
    let delayMs = this.#line.delayMs();
    for (let start = 0; start < bytes.length; start += pieceLength) {
      const piece = bytes.subarray(start, start + pieceLength);
      this.#inFlight += piece.length;
      this.#enqueue(piece, delayMs, piece.length / bytesPerMs);
      delayMs = 0;
    }
  }

  #enqueue(load: Sent['load'], delayMs: number, carryMs = 0): void {
    this.#lastAt = Math.max(this.#lastAt, this.#clock.now() + delayMs) + carryMs;
    // Whole milliseconds, so that what a slow line carries within one arrives together.
    this.#flight.push({ at: Math.ceil(this.#lastAt), load });
  }

  /** Lets arrive what is due, and sets the timer for what is not. */
  #arrive(): void {
    this.#stopTimer();
    while (!this.#held) {
      const [first] = this.#flight;
      if (first === undefined) return;
      const waitMs = first.at - this.#clock.now();
      if (waitMs > 0) {
        this.#stopTimer(); // what arrived may have set it
        this.#timer = this.#clock.after(waitMs, () => this.#arrive());
        return;
      }
      this.#flight.shift();
      if (typeof first.load === 'function') first.load();
      else this.#keep(first.load);
    }
  }

  #stopTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #keep(bytes: Uint8Array): void {
    this.#inFlight -= bytes.length;
    if (this.#onRefused !== undefined) {
      this.#onRefused();
      return;
    }
    this.#arrived.push(bytes);
    this.#unread += bytes.length;
  }
}
