/** What passed between us and the peer in one check, for the report. */
import { showBytes } from '../wire/show.ts';

/** One line of it. */
export interface Entry {
  /** Which connection of the check, from 1. */
  readonly connection: number;
  readonly kind: 'sent' | 'came' | 'event';
  readonly text: string;
}

/** A check that sends thousands of messages is not written down whole. */
const MAX_ENTRIES = 60;

/** Collects the lines of one check. */
export class Transcript {
  readonly #entries: Entry[] = [];
  #leftOut = 0;

  get entries(): readonly Entry[] {
    if (this.#leftOut === 0) return this.#entries;
    const text = `${this.#leftOut} more`;
    return [...this.#entries, { connection: 0, kind: 'event', text }];
  }

  bytes(connection: number, kind: 'sent' | 'came', bytes: Uint8Array): void {
    if (this.#isFull()) return;
    this.#entries.push({ connection, kind, text: showBytes(bytes) });
  }

  event(connection: number, text: string): void {
    if (this.#isFull()) return;
    this.#entries.push({ connection, kind: 'event', text });
  }

  #isFull(): boolean {
    if (this.#entries.length < MAX_ENTRIES) return false;
    this.#leftOut++;
    return true;
  }
}
