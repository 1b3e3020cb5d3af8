/**
 * One run: a fresh decoder, one stream, one way to cut it, one way to deliver the pieces.
 */
import type { Stream } from './cases.ts';
import { chunkLengths } from './chunkings.ts';
import { checkEnding } from './ending.ts';
import { Fault, type Finding } from './fault.ts';
import { Session } from './session.ts';
import type { Subject } from './subject.ts';

/** What a run found. */
export interface RunReport {
  readonly finding: Finding | undefined;
  /** For each result, how many bytes of the stream were consumed when it was out. */
  readonly ends: readonly number[];
}

/** How the pieces of a stream are given to the buffer. */
export interface Manner {
  /** As failures say it. */
  readonly name: string;
  /** Twice the shared buffer to receive into; without it, chunks are appended. */
  readonly scratch: Uint8Array | undefined;
}

/** The ways to give pieces to the buffer, the simplest first. */
export function createManners(): readonly [Manner, ...Manner[]] {
  return [
    { name: 'appended', scratch: undefined },
    // 64 KiB, as an event loop has: short streams stay in it, only tails are copied away.
    { name: 'received into a shared buffer', scratch: new Uint8Array(2 * 64 * 1024) },
    // 16 bytes: whatever is longer than 8 goes to the stream's own store and is received there.
    { name: 'received into a shared buffer of 16 bytes', scratch: new Uint8Array(2 * 16) },
  ];
}

/** Runs a fresh decoder over `stream`, cut at `cuts`. */
export function runDecoder<Frame>(
  subject: Subject<Frame>,
  stream: Stream<Frame>,
  delivery: { readonly cuts: readonly number[]; readonly manner: Manner },
): RunReport {
  const session = new Session(subject, stream, delivery.manner.scratch);
  try {
    deliver(session, delivery.cuts);
    checkEnding(session);
    return { finding: undefined, ends: session.ends };
  } catch (error) {
    if (error instanceof Fault) return { finding: error.finding, ends: session.ends };
    throw error;
  }
}

function deliver<Frame>(session: Session<Frame>, cuts: readonly number[]): void {
  const { bytes } = session.stream;
  let at = 0;
  for (const length of chunkLengths(cuts, bytes.length)) {
    session.feed.deliver(bytes.subarray(at, at + length), () => session.decodeAll());
    session.checkMemory();
    if (session.lost) return;
    at += length;
  }
}
