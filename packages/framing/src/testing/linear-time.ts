/**
 * The check that time is linear: reads of the buffer are counted, so that no clock is needed.
 *
 * Two kinds of streams show a decoder that looks twice:
 *
 * - byte by byte: each case as it is, and stretched: its first bytes, then one of them again and again.
 *   Where that is a byte of a text, or one of a length, the result is a long frame that is never complete,
 *   and who searches it from its beginning at each chunk reads n^2/2 bytes;
 * - all at once: many short frames. Who searches, or moves, all that is unread for each of them reads n^2/2f
 *   bytes of frames of f.
 *
 * A decoder that reads where nobody can count, see `counted-bytes.ts`, passes. So does what cannot run on
 * counted memory: from a throw that is no `RemoteProtocolError` on, a stream is left alone, and a finding
 * counts only where the same calls end in the same way without counting.
 */
import { NEED_DATA } from '../decoder.ts';
import { RemoteProtocolError } from '../errors.ts';
import { concat, type Stream } from './cases.ts';
import { CountedBuffer } from './counted-buffer.ts';
import { DecoderVerificationError, Fault, type Finding } from './fault.ts';
import { attempt } from './feed.ts';
import { createRandom } from './random.ts';
import type { Subject } from './subject.ts';
import { WatchedBuffer } from './watched-buffer.ts';

/**
 * Reads allowed for each byte that came. A header of a dozen bytes that is looked at in every call, a few
 * delimiters searched one after the other, a frame that is checked and then parsed: all stay far below.
 */
const READS_PER_BYTE = 64;
/** For what is done once, such as comparing with what is known. */
const READS_AT_LEAST = 1024;
/** A search from the beginning exceeds the above after some 150 bytes, one that reads a tenth after 1400. */
const DRIP_LENGTH = 1536;
/** The part of a long case that is dripped. */
const MAX_DRIPPED_CASE = 4 * 1024;
/** Shows a decoder that reads all that is unread for each frame of up to 128 bytes. */
const PILE_LENGTH = 16 * 1024;
/** Stretched streams, of all cases together; some milliseconds each. */
const MAX_STRETCHED = 24;
/** Bytes of one case that are repeated: the first ones, where lengths are, and some of the others. */
const FIRST_POSITIONS = 4;
const SPREAD_POSITIONS = 8;

/**
 * Counts what a decoder reads.
 *
 * @throws DecoderVerificationError with the shortest beginning of a stream that shows too many reads.
 */
export function checkReads<Frame>(
  subject: Subject<Frame>,
  streams: readonly Stream<Frame>[],
  seed: number,
): void {
  for (const { name, title, bytes } of streams) {
    check(
      subject,
      { name, title, bytes: bytes.subarray(0, MAX_DRIPPED_CASE) },
      { dripped: true, seed },
    );
  }
  for (const script of stretched(streams, seed)) check(subject, script, { dripped: true, seed });
  for (const script of piles(streams)) check(subject, script, { dripped: false, seed });
}

interface Script {
  readonly name: string;
  readonly title: string;
  readonly bytes: Uint8Array;
}

/** What a run has come to. */
interface Tally {
  delivered: number;
  fault: Fault | undefined;
}

function check<Frame>(
  subject: Subject<Frame>,
  script: Script,
  { dripped, seed }: { readonly dripped: boolean; readonly seed: number },
): void {
  const tally: Tally = { delivered: 0, fault: undefined };
  let reads = 0;
  const buffer = new CountedBuffer((count) => {
    reads += count;
    if (reads <= READS_AT_LEAST + READS_PER_BYTE * tally.delivered) return;
    // Kept as well, since the decoder may catch what a read throws.
    tally.fault ??= new Fault(tooMany(reads, tally.delivered));
    throw tally.fault;
  });
  const chunkLength = dripped ? 1 : Math.max(script.bytes.length, 1);
  const counted = buffer.counting(() =>
    drive(subject, script.bytes, { buffer, chunkLength, tally }),
  );
  if (counted.fault === undefined) return;
  const plain = drive(subject, script.bytes, {
    buffer: new WatchedBuffer({ maxLength: Infinity }),
    chunkLength,
    tally: { delivered: 0, fault: undefined },
  });
  if (!counted.outcomes.every((outcome, index) => outcome === plain.outcomes[index])) return;
  const { delivered } = tally;
  const { name, title } = script;
  throw new DecoderVerificationError(
    {
      name,
      title: delivered < script.bytes.length ? `${title}, the first ${delivered} bytes` : title,
      bytes: script.bytes.subarray(0, delivered),
    },
    counted.fault.finding,
    {
      manner: 'appended',
      cuts: dripped ? Array.from({ length: delivered - 1 }, (_, index) => index + 1) : [],
      seed,
    },
  );
}

/** Delivers the bytes and decodes; how each call ended, and the fault that stopped it. */
function drive<Frame>(
  subject: Subject<Frame>,
  bytes: Uint8Array,
  {
    buffer,
    chunkLength,
    tally,
  }: {
    readonly buffer: WatchedBuffer;
    readonly chunkLength: number;
    readonly tally: Tally;
  },
): { readonly outcomes: readonly string[]; readonly fault?: Fault } {
  const decoder = subject.createDecoder();
  const outcomes: string[] = [];
  try {
    for (let at = 0; at < bytes.length; at += chunkLength) {
      const chunk = bytes.subarray(at, at + chunkLength);
      buffer.append(chunk);
      tally.delivered += chunk.length;
      for (let waiting = false; !waiting;) {
        const outcome = attempt(() => buffer.watched((watched) => decoder.decode(watched)));
        if (tally.fault !== undefined) return { outcomes, fault: tally.fault };
        // Results without end are the business of the check with junk.
        if (outcomes.length > 4 * bytes.length) return { outcomes };
        if ('value' in outcome) {
          waiting = outcome.value === NEED_DATA;
          outcomes.push(waiting ? 'waits' : 'frame');
        } else if (outcome.thrown instanceof RemoteProtocolError) {
          outcomes.push(outcome.thrown.code);
          if (outcome.thrown.framing === 'lost') return { outcomes };
        } else {
          return { outcomes };
        }
      }
    }
    return { outcomes };
  } catch (error) {
    if (error instanceof Fault) return { outcomes, fault: error };
    throw error;
  }
}

/** The beginnings of cases, each with its last byte repeated. */
function stretched(streams: readonly Stream<unknown>[], seed: number): readonly Script[] {
  const random = createRandom(seed);
  const all = streams.flatMap(({ name, title, bytes }) =>
    positionsIn(bytes.length).map((position) => ({
      rank: random(2 ** 31),
      make: (): Script => {
        const stream = new Uint8Array(Math.max(DRIP_LENGTH, position + DRIP_LENGTH / 2));
        stream.set(bytes.subarray(0, position));
        stream.fill(bytes[position] ?? 0, position);
        return { name, title: `${title} with its byte ${position + 1} repeated`, bytes: stream };
      },
    })),
  );
  all.sort((left, right) => left.rank - right.rank);
  return all.slice(0, MAX_STRETCHED).map(({ make }) => make());
}

function positionsIn(length: number): readonly number[] {
  const positions = new Set<number>();
  for (let position = 0; position < Math.min(length, FIRST_POSITIONS); position++) {
    positions.add(position);
  }
  // Of a long case the first KiB, since all that stands before is dripped as well.
  const spread = Math.min(length, MAX_DRIPPED_CASE / 4);
  for (let step = 0; step < Math.min(length, SPREAD_POSITIONS); step++) {
    positions.add(Math.floor((step * spread) / SPREAD_POSITIONS));
  }
  return [...positions];
}

/** Many frames in one chunk: of all cases in turn, and of the one that is shortest. */
function piles(streams: readonly Stream<unknown>[]): readonly Script[] {
  const clean = streams.filter(({ ending, lateCount, bytes }) => {
    return ending === 'boundary' && lateCount === 0 && bytes.length > 0;
  });
  const shortest = clean.reduce<Stream<unknown> | undefined>(
    (least, stream) =>
      least === undefined || stream.bytes.length < least.bytes.length ? stream : least,
    undefined,
  );
  if (shortest === undefined) return [];
  const groups = clean.length === 1 ? [clean] : [clean, [shortest]];
  return groups.map((group) => {
    const one = concat(group.map(({ bytes }) => bytes));
    const times = Math.max(1, Math.floor(PILE_LENGTH / one.length));
    return {
      name: group.map(({ name }) => name).join(', '),
      title: `${times} times ${group.map(({ title }) => title).join(', ')}`,
      bytes: concat(Array.from({ length: times }, () => one)),
    };
  });
}

function tooMany(reads: number, delivered: number): Finding {
  return {
    expected: `reads of the buffer to grow with what comes: at most ${READS_PER_BYTE} a byte`,
    received: `${reads} bytes read while ${delivered} came: it looks again at what it has looked at`,
    hint: 'Remember how far a search has come, go on from there, and stop it at buffer.end.',
  };
}
