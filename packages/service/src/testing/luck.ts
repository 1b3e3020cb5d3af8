/**
 * Luck: what a fake network does to those who use it, and how often.
 *
 * Each kind has a probability, from 0 (never) to 1 (always). It says of what: of each call, of each
 * connection, of each attempt. Three tempers are ready-made:
 *
 * - `calm`: nothing bad. What is sent is there at once.
 * - `rough`: a bad line and a busy machine. Everything comes in pieces, late and in another order, but
 *   nothing is lost: whoever waits long enough gets everything.
 * - `hostile`: connections also break, at any byte and at any moment, or fall silent for ever.
 */

/** How often what goes wrong. */
export interface Luck {
  // What loses nothing.

  /** Of receives: they bring only a part of what has arrived. */
  readonly shortReads: number;
  /** Of sends: they take only a part of what there is room for. */
  readonly shortWrites: number;
  /** Of receives and sends: they would block, although readiness was reported. */
  readonly wouldBlocks: number;
  /** Of turns: those who are ready are called in another order. */
  readonly disorder: number;
  /** Of sends and connects: they are under way for up to `delayMs`. */
  readonly delays: number;
  readonly delayMs: number;
  /** Of sends: neither they nor what follows arrives for up to `stallMs`. */
  readonly stalls: number;
  readonly stallMs: number;
  /** Of directions: slow, as if the other end read slowly: between once and 16 times `slowBytesPerMs`. */
  readonly slowLines: number;
  readonly slowBytesPerMs: number;
  /** Of accepts: no descriptor is left for a while. Connections wait until there is one. */
  readonly starvations: number;

  // What breaks something.

  /** Of connections: both ends find them reset. */
  readonly resets: number;
  /** Of connections: both ends find the other's end of stream, in mid-frame as likely as not. */
  readonly cuts: number;
  /** Of connections: nothing arrives any more, and nobody is told. */
  readonly silences: number;
  /** Of connects: refused, although somebody listens. */
  readonly refusals: number;
  /** Of accepts: the connection is gone before it could be served. */
  readonly acceptFailures: number;
}

/** The ready-made tempers. */
export type LuckName = 'calm' | 'rough' | 'hostile';

const CALM: Luck = {
  shortReads: 0,
  shortWrites: 0,
  wouldBlocks: 0,
  disorder: 0,
  delays: 0,
  delayMs: 0,
  stalls: 0,
  stallMs: 0,
  slowLines: 0,
  slowBytesPerMs: 0,
  starvations: 0,
  resets: 0,
  cuts: 0,
  silences: 0,
  refusals: 0,
  acceptFailures: 0,
};

const ROUGH: Luck = {
  ...CALM,
  // Often enough that no message of some pieces gets through untouched, seldom enough to get on.
  shortReads: 0.3,
  shortWrites: 0.3,
  wouldBlocks: 0.1,
  disorder: 0.5,
  delays: 0.2,
  // 20 ms: longer than a client's probation of 10 ms, far from every time-out.
  delayMs: 20,
  stalls: 0.02,
  stallMs: 500,
  slowLines: 0.1,
  // 256 bytes a millisecond are 2 Mbit/s: 1 MiB takes 4 s, within the 60 s that a message has.
  slowBytesPerMs: 256,
  starvations: 0.05,
};

/** What each name stands for. */
export const LUCK: Readonly<Record<LuckName, Luck>> = {
  calm: CALM,
  rough: ROUGH,
  hostile: {
    ...ROUGH,
    // 20 s: beyond the time that a header has, so that servers lose patience too.
    stalls: 0.01,
    stallMs: 20_000,
    // One connection in three does not end by itself; the others are there to be disturbed by it.
    resets: 0.15,
    cuts: 0.15,
    silences: 0.05,
    refusals: 0.05,
    acceptFailures: 0.05,
  },
};

/**
 * The luck of that name; or `calm` with the given kinds instead.
 *
 * @throws RangeError when a number is out of its range.
 */
export function chooseLuck(luck: LuckName | Partial<Luck>): Luck {
  if (typeof luck === 'string') return LUCK[luck];
  const chosen = { ...CALM, ...luck };
  for (const [kind, value] of Object.entries(chosen)) {
    const isAmount = kind.endsWith('Ms');
    if (value >= 0 && (isAmount ? Number.isFinite(value) : value <= 1)) continue;
    const range = isAmount ? 'a number of at least 0' : 'a probability from 0 to 1';
    throw new RangeError(`set the luck ${kind} to ${value}: expected ${range}`);
  }
  if (chosen.slowLines > 0 && chosen.slowBytesPerMs === 0) {
    throw new RangeError('set the luck slowLines: slowBytesPerMs is 0; say how slow they are');
  }
  return chosen;
}
