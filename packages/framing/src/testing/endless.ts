/**
 * Endless input: streams that never complete anything, fed far beyond the longest frame.
 *
 * Each is the beginning of a case and then filler. A decoder that keeps its cap throws at some point, or
 * gives frames, or drops what came; one that does not holds ever more.
 */
import { NEED_DATA, type Decoder } from '../decoder.ts';
import { RemoteProtocolError } from '../errors.ts';
import type { Stream } from './cases.ts';
import { DecoderVerificationError, Fault, showThrown, type Finding } from './fault.ts';
import { Feed } from './feed.ts';
import { createRandom, type Random } from './random.ts';
import { shrink } from './shrink.ts';
import type { Subject } from './subject.ts';

/** What comes at a time. The window may exceed the cap by so much before the decoder is asked. */
const CHUNK_LENGTH = 4 * 1024;
/** Streams tried; each is longer than everything that may be held, so there are fewer where that is much. */
const MAX_STREAMS = 40;
const MIN_STREAMS = 8;
const MAX_BYTES = 16 * 1024 * 1024;
/** Lengths of beginnings, besides some from anywhere: nothing, part of a header, a header. */
const BEGINNINGS = [0, 1, 2, 4];
const RANDOM_BEGINNINGS = 4;
/** After so many results a stream is no endless frame. */
const MAX_RESULTS = 256;

/** What endless streams go on with, chunk by chunk the same. */
const FILLERS: readonly Filler[] = [
  { name: 'zeros', bytes: () => chunkOf(() => 0) },
  { name: 'bytes ff', bytes: () => chunkOf(() => 0xff) },
  { name: 'digits 1', bytes: () => chunkOf(() => 0x31) },
  { name: 'random bytes', bytes: (seed) => chunkOf(byteFrom(createRandom(seed))) },
];

interface Filler {
  readonly name: string;
  bytes(seed: number): Uint8Array;
}

interface Beginning {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Feeds endless streams to a decoder whose frames have at most `maxFrameLength` bytes.
 *
 * @throws DecoderVerificationError when more is held than twice that and the memory allowed besides.
 */
export function checkCap<Frame>(
  subject: Subject<Frame>,
  streams: readonly Stream<Frame>[],
  { maxFrameLength, seed }: { readonly maxFrameLength: number; readonly seed: number },
): void {
  const allowed = 2 * maxFrameLength + subject.maxMemory;
  const random = createRandom(seed);
  const most = Math.min(MAX_STREAMS, Math.max(MIN_STREAMS, Math.floor(MAX_BYTES / allowed)));
  for (const { beginning, filler } of plan(streams, random).slice(0, most)) {
    const held = (bytes: Uint8Array): Finding | undefined =>
      feedEndlessly(subject, bytes, { filler: filler.bytes(seed), allowed });
    let finding = held(beginning.bytes);
    if (finding === undefined) continue;
    const smallest = shrink([...beginning.bytes], (fewer) => {
      const found = held(Uint8Array.from(fewer));
      finding = found ?? finding;
      return found !== undefined;
    });
    const pairs = smallest.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    throw new DecoderVerificationError(
      {
        name: beginning.name,
        title: `<${pairs}> and then ${filler.name} without end`,
        bytes: Uint8Array.from(smallest),
      },
      finding,
      { manner: `and then of ${CHUNK_LENGTH} appended`, cuts: [], seed },
    );
  }
}

/** Beginnings of cases with each filler: the bare fillers first, then the others in any order. */
function plan(
  streams: readonly Stream<unknown>[],
  random: Random,
): readonly { readonly beginning: Beginning; readonly filler: Filler }[] {
  const beginnings = new Map<string, Beginning>();
  for (const { name, bytes } of streams) {
    const anywhere = Array.from({ length: RANDOM_BEGINNINGS }, () => random(bytes.length + 1));
    for (const length of [...BEGINNINGS, ...anywhere]) {
      const beginning = bytes.subarray(0, length);
      beginnings.set(beginning.join(), { name, bytes: beginning });
    }
  }
  const all = [...beginnings.values()].flatMap((beginning) =>
    FILLERS.map((filler) => ({
      beginning,
      filler,
      rank: beginning.bytes.length === 0 ? -1 : random(2 ** 31),
    })),
  );
  return all.sort((left, right) => left.rank - right.rank);
}

function feedEndlessly<Frame>(
  subject: Subject<Frame>,
  beginning: Uint8Array,
  { filler, allowed }: { readonly filler: Uint8Array; readonly allowed: number },
): Finding | undefined {
  const decoder = subject.createDecoder();
  const feed = new Feed();
  const state = { going: true };
  const decodeAll = (): boolean => {
    state.going = decodeOn(feed, decoder);
    return state.going;
  };
  try {
    feed.deliver(beginning, decodeAll);
    while (state.going && feed.delivered <= allowed + CHUNK_LENGTH) {
      feed.deliver(filler, decodeAll);
      const ofBuffer = feed.buffer.heldBytes;
      const ofDecoder = subject.heldBytes(decoder);
      if (ofBuffer + ofDecoder > allowed) {
        return {
          expected: `at most ${allowed} bytes of memory: twice maxFrameLength, and maxMemory`,
          received:
            `${ofBuffer} bytes held by the buffer and ${ofDecoder} by the decoder ` +
            `after ${feed.delivered} bytes came`,
          hint: 'Refuse a frame as soon as it must become too long, or drop its bytes as they come.',
        };
      }
    }
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error.finding;
    throw error;
  }
}

/** Decodes until more bytes are needed. Returns whether the stream is worth going on with. */
function decodeOn<Frame>(feed: Feed, decoder: Decoder<Frame>): boolean {
  for (let results = 0; results < MAX_RESULTS; results++) {
    const outcome = feed.call((buffer) => decoder.decode(buffer));
    if ('thrown' in outcome) {
      const { thrown } = outcome;
      if (!(thrown instanceof RemoteProtocolError)) {
        throw new Fault({
          expected: 'frames, NEED_DATA or a RemoteProtocolError',
          received: `decode to throw ${showThrown(thrown)}`,
          hint: 'What the peer did wrong is a RemoteProtocolError; anything else is a bug.',
          cause: thrown,
        });
      }
      if (thrown.framing === 'lost') return false;
    } else if (outcome.value === NEED_DATA) {
      return true;
    }
  }
  return false;
}

function chunkOf(byte: () => number): Uint8Array {
  return Uint8Array.from({ length: CHUNK_LENGTH }, byte);
}

function byteFrom(random: Random): () => number {
  return () => random(256);
}
