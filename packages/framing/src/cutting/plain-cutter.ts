/** PlainCutter: what most cutters have in common, which is nothing to strip, to settle or to remember. */
import { UNKNOWN, type Cutter, type LimitSaid } from './cutter.ts';

/** A cutter whose heirs say where a frame ends, and what it says. */
export abstract class PlainCutter<Frame> implements Cutter<Frame> {
  readonly limit: number;
  readonly keepsBytes: boolean;
  readonly endsWithStream: boolean = false;
  readonly awaited: string = 'its end';
  readonly lead: number = 0;
  head = 0;
  tail = 0;

  constructor(limit: number, keepsBytes: boolean) {
    this.limit = limit;
    this.keepsBytes = keepsBytes;
  }

  get limitSaid(): LimitSaid {
    return { value: this.limit, whose: 'the limit' };
  }

  abstract measure(bytes: Uint8Array, start: number, end: number): number;

  abstract read(bytes: Uint8Array, start: number, end: number, owned: boolean): Frame;

  measureAtEnd(_bytes: Uint8Array, _start: number, _end: number): number {
    return UNKNOWN;
  }

  settled(): number {
    return 0;
  }

  forget(_count: number): void {
    // Nothing is settled, so nothing is forgotten.
  }

  checkTail(_bytes: Uint8Array, _end: number): void {
    // There is none.
  }

  reset(): void {
    // There is nothing to remember.
  }
}
