/**
 * The check with junk: whatever comes of it, it comes of every chunking, and nothing else breaks.
 *
 * What must come is rehearsed in one chunk; then the stream runs as a case does. A failure is made small
 * byte by byte, each byte with the cut before it, and then cut by cut.
 */
import type { Stream } from './cases.ts';
import { DecoderVerificationError, Fault, type Finding } from './fault.ts';
import { junkOf } from './junk.ts';
import { createRandom, type Random } from './random.ts';
import { rehearse } from './rehearsal.ts';
import { createManners, runDecoder, type Manner } from './run.ts';
import { shrink, simplify } from './shrink.ts';
import type { Subject } from './subject.ts';

/** Bytes shown of the smallest junk that fails; nearly always it is much shorter. */
const MAX_SHOWN = 64;

/** Rounds of making bytes smaller and leaving some out. */
const MAX_ROUNDS = 4;

/** A byte of junk, and whether a chunk begins with it. */
interface Cell {
  readonly byte: number;
  readonly cut: boolean;
}

/**
 * Feeds junk to a decoder.
 *
 * @throws DecoderVerificationError with the smallest junk found that breaks it.
 */
export function checkJunk<Frame>(
  subject: Subject<Frame>,
  streams: readonly Stream<Frame>[],
  seed: number,
): void {
  const random = createRandom(seed);
  const manners = createManners();
  const [simplest] = manners;
  for (const bytes of junkOf(streams, random)) {
    const drip = Array.from({ length: bytes.length }, (_, index) => index).slice(1);
    const anyManner = (): Manner => manners[random(manners.length)] ?? simplest;
    const ways: readonly Way[] = [
      { cuts: [], manner: simplest },
      { cuts: [], manner: anyManner() },
      { cuts: drip, manner: anyManner() },
      { cuts: randomCuts(bytes.length, random), manner: anyManner() },
    ];
    for (const way of ways) {
      if (find(subject, bytes, way) !== undefined) throw failure(subject, bytes, { ...way, seed });
    }
  }
}

interface Way {
  readonly cuts: readonly number[];
  readonly manner: Manner;
}

function find<Frame>(subject: Subject<Frame>, bytes: Uint8Array, way: Way): Finding | undefined {
  try {
    const script = { name: 'junk', title: `junk <${toHex(bytes)}>`, bytes };
    const stream = rehearse(subject.createDecoder(), script);
    const { finding } = runDecoder(subject, stream, way);
    if (finding === undefined) return undefined;
    return {
      ...finding,
      hint: finding.hint ?? 'In one chunk, the same bytes give what is expected.',
    };
  } catch (error) {
    if (error instanceof Fault) return error.finding;
    throw error;
  }
}

function failure<Frame>(
  subject: Subject<Frame>,
  bytes: Uint8Array,
  { cuts, manner, seed }: Way & { readonly seed: number },
): DecoderVerificationError {
  let finding: Finding | undefined;
  const fails = (cells: readonly Cell[]): boolean => {
    const found = find(subject, bytesOf(cells), { cuts: cutsOf(cells), manner });
    finding = found ?? finding;
    return found !== undefined;
  };
  const cells = Array.from(bytes, (byte, index) => ({ byte, cut: cuts.includes(index) }));
  fails(cells);
  let small = shrink(cells, fails);
  // A smaller number is often a shorter frame, so that more can be left out.
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const simpler = simplify(small, simplerCells, fails);
    if (simpler === small) break;
    small = shrink(simpler, fails);
  }
  const smallBytes = bytesOf(small);
  const smallCuts = shrink(cutsOf(small), (fewer) => {
    const found = find(subject, smallBytes, { cuts: fewer, manner });
    finding = found ?? finding;
    return found !== undefined;
  });
  return new DecoderVerificationError(
    { name: 'junk', title: `junk <${toHex(smallBytes)}>`, bytes: smallBytes },
    // It failed a moment ago; a decoder that keeps something from stream to stream may not fail again.
    finding ?? {
      expected: 'the same results each time',
      received: 'other results the second time',
    },
    { manner: manner.name, cuts: smallCuts, seed },
  );
}

/** The same cell with a smaller byte, the smallest first. */
function simplerCells({ byte, cut }: Cell): readonly Cell[] {
  return [0, 1, byte >> 1, byte - 1]
    .filter((smaller, index, all) => smaller < byte && all.indexOf(smaller) === index)
    .map((smaller) => ({ byte: smaller, cut }));
}

function bytesOf(cells: readonly Cell[]): Uint8Array {
  return Uint8Array.from(cells, ({ byte }) => byte);
}

function cutsOf(cells: readonly Cell[]): readonly number[] {
  return cells.flatMap(({ cut }, index) => (cut && index > 0 ? [index] : []));
}

function randomCuts(length: number, random: Random): readonly number[] {
  const cuts = new Set<number>();
  for (let count = Math.min(1 + random(4), length - 1); count > 0; count--) {
    cuts.add(1 + random(length - 1));
  }
  return [...cuts].sort((left, right) => left - right);
}

function toHex(bytes: Uint8Array): string {
  const pairs = Array.from(bytes.subarray(0, MAX_SHOWN), (byte) =>
    byte.toString(16).padStart(2, '0'),
  );
  const omitted = bytes.length - MAX_SHOWN;
  return `${pairs.join(' ')}${omitted > 0 ? ` ... ${omitted} more` : ''}`;
}
