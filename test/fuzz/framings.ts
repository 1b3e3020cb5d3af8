/**
 * The subject `framings`: random framings, one in the other, and what becomes of frames and of broken streams.
 *
 * - What the encoder accepts decodes to the same; what it refuses is a LocalProtocolError and leaves nothing behind.
 * - A damaged stream gives the same frames and errors however it is cut, appended or received into shared memory.
 * - Read in pieces it gives the same once more: as many frames, the same errors, and for plain framings the same bytes.
 */
import { inspect, isDeepStrictEqual } from 'node:util';
import { LocalProtocolError, SendBuffer } from '@wireline/framing';
import { insertBytes, joinBytes, overwriteBytes } from './bytes.ts';
import type { Coverage } from './coverage.ts';
import { Fault, showThrown } from './fault.ts';
import {
  readStream,
  type FramedResult,
  type Reading,
  type ReadingOptions,
} from './framed-reader.ts';
import { Dice, frameFor } from './framed-values.ts';
import { framingRuns, type FramingRun, type StreamDamage } from './framing-draw.ts';
import { isTransparent, mostHeld } from './framing-facts.ts';
import { buildFraming, type Built } from './framing-recipes.ts';
import { createSubject } from './subject.ts';

/** What an event loop has, and so little that streams need stores of their own. */
const SCRATCHES = [new Uint8Array(64 * 1024), new Uint8Array(16)];

/** Longer streams are not read byte by byte. */
const MAX_DRIPPED = 500;

/** Framings, whole and in pieces, and their encoders. */
export const framings = createSubject({
  name: 'framings',
  arbitrary: framingRuns(),
  examine,
  describe: describeRun,
});

function examine(run: FramingRun, coverage: Coverage): void {
  const built = buildFraming(run.recipe);
  const { accepted, bytes } = encodeFrames(built, run.frames, coverage);
  checkComesBack(built, accepted, bytes);
  const stream = streamOf(run, bytes);
  const options: ReadingOptions = { chunks: [], mostHeld: mostHeld(run.recipe) };
  const whole = readStream(built.framing.createDecoder(), stream, options);
  for (const result of whole.results)
    coverage.count('unframed', 'frame' in result ? 'frame' : result.code);
  if (whole.closed) coverage.count('unframed', 'closed');
  for (const way of waysToRead(run, stream)) {
    const other = readStream(built.framing.createDecoder(), stream, { ...options, ...way });
    checkSame(whole, other, `in chunks of ${way.chunks.join(', ')}`);
  }
  checkPieces(built, whole, stream, { run, options });
}

interface Encoded {
  readonly accepted: readonly unknown[];
  readonly bytes: Uint8Array;
}

function encodeFrames(built: Built, seeds: readonly number[], coverage: Coverage): Encoded {
  const buffer = new SendBuffer();
  const encoder = built.framing.createEncoder();
  const accepted: unknown[] = [];
  for (const seed of seeds) {
    const frame = frameFor(built, new Dice(seed));
    const before = buffer.bytes.slice(buffer.start, buffer.end);
    try {
      encoder.encode(frame, buffer);
      accepted.push(frame);
      coverage.count('framed', 'written');
    } catch (thrown) {
      if (!(thrown instanceof LocalProtocolError)) {
        throw new Fault('bytes or a LocalProtocolError', showThrown(thrown), { cause: thrown });
      }
      coverage.count('framed', thrown.code);
      const after = buffer.bytes.subarray(buffer.start, buffer.end);
      if (Buffer.compare(before, after) !== 0)
        throw new Fault('nothing to be left behind', inspect(after));
    }
  }
  return { accepted, bytes: buffer.bytes.slice(buffer.start, buffer.end) };
}

/** What was accepted comes back: the same frames, or such as are written as the same bytes. */
function checkComesBack(built: Built, accepted: readonly unknown[], bytes: Uint8Array): void {
  const { framing, recipe } = built;
  const { results } = readStream(framing.createDecoder(), bytes, {
    chunks: [],
    mostHeld: mostHeld(recipe),
  });
  // A stream without a byte is a frame where frames end with their stream.
  if (accepted.length === 0 && recipe.kind === 'until-close') return;
  const frames = results.flatMap((result) => ('frame' in result ? [result.frame] : []));
  const isSame = isTransparent(recipe) ? isDeepStrictEqual(frames, accepted) : true;
  if (frames.length !== accepted.length || results.length !== frames.length || !isSame) {
    throw new Fault(`to receive ${show(accepted)}`, show(results));
  }
  const encoder = framing.createEncoder();
  const buffer = new SendBuffer();
  for (const frame of frames) encoder.encode(frame, buffer);
  const again = buffer.bytes.subarray(buffer.start, buffer.end);
  if (Buffer.compare(bytes, again) !== 0)
    throw new Fault(`what came to be written as ${show(bytes)}`, show(again));
}

function* waysToRead(
  { chunks }: FramingRun,
  { length }: Uint8Array,
): Generator<Pick<ReadingOptions, 'chunks' | 'scratch'>> {
  yield { chunks };
  for (const scratch of SCRATCHES) yield { chunks, scratch };
  if (length <= MAX_DRIPPED) yield { chunks: [1] };
}

function checkSame(expected: Reading, received: Reading, how: string): void {
  if (isDeepStrictEqual(expected, received)) return;
  throw new Fault(`${show(expected)}, as in one chunk`, `${show(received)} ${how}`);
}

/** Pieces joined are frames, in whichever chunks they come. */
function checkPieces(
  built: Built,
  whole: Reading,
  stream: Uint8Array,
  { run, options }: { readonly run: FramingRun; readonly options: ReadingOptions },
): void {
  const read = (way: Pick<ReadingOptions, 'chunks' | 'scratch'>): Reading => {
    const reading = readStream(built.framing.createPieceDecoder(), stream, { ...options, ...way });
    return { closed: reading.closed, results: joinPieces(reading.results) };
  };
  const joined = read({ chunks: [] });
  for (const way of waysToRead(run, stream)) checkSame(joined, read(way), 'in pieces');
  const pairs = Math.max(whole.results.length, joined.results.length);
  for (let index = 0; index < pairs; index++) {
    const one = whole.results[index];
    const other = joined.results[index];
    if (one !== undefined && other !== undefined && isSamePiecewise(built, one, other)) continue;
    throw new Fault(`result ${index + 1} to be ${show(one)}, as whole`, `${show(other)} in pieces`);
  }
  if (joined.closed !== whole.closed)
    throw new Fault(`closed ${whole.closed}`, `closed ${joined.closed}`);
}

function isSamePiecewise({ recipe }: Built, whole: FramedResult, joined: FramedResult): boolean {
  if (!('frame' in joined)) return isDeepStrictEqual(whole, joined);
  // Nobody reads what is in pieces.
  if (!('frame' in whole)) return whole.code === 'content-invalid' && whole.framing === 'intact';
  const isPlain = recipe.kind !== 'type' && recipe.kind !== 'headed';
  const hasPadding = recipe.kind === 'fixed' && recipe.padding !== undefined && !recipe.keepPadding;
  if (!isPlain || hasPadding || recipe.content === 'replaced') return true;
  const bytes = typeof whole.frame === 'string' ? Buffer.from(whole.frame) : whole.frame;
  return (
    bytes instanceof Uint8Array &&
    joined.frame instanceof Uint8Array &&
    Buffer.compare(bytes, joined.frame) === 0
  );
}

/** Each frame in one; the pieces of one that an error ends are dropped. */
function joinPieces(results: readonly FramedResult[]): FramedResult[] {
  const joined: FramedResult[] = [];
  let parts: Uint8Array[] = [];
  for (const result of results) {
    if (!('frame' in result)) {
      parts = [];
      joined.push(result);
      continue;
    }
    // A piece decoder gives pieces.
    const { bytes, first, last } = result.frame as {
      bytes: Uint8Array;
      first: boolean;
      last: boolean;
    };
    if (first !== (parts.length === 0))
      throw new Fault('the first piece to be the first', inspect(result));
    parts.push(bytes);
    if (!last) continue;
    joined.push({ frame: joinBytes(parts) });
    parts = [];
  }
  return joined;
}

function streamOf({ damages, junk, missing }: FramingRun, bytes: Uint8Array): Uint8Array {
  const damaged = joinBytes([damages.reduce(damageStream, bytes), junk]);
  return damaged.subarray(0, Math.max(0, damaged.length - missing));
}

function damageStream(bytes: Uint8Array, { kind, at, value }: StreamDamage): Uint8Array {
  const index = at % Math.max(bytes.length, 1);
  switch (kind) {
    case 'set':
      return overwriteBytes(bytes, at, [value]);
    case 'insert':
      return insertBytes(bytes, at, [value]);
    case 'remove':
      return joinBytes([bytes.subarray(0, index), bytes.subarray(index + 1 + (value % 4))]);
    case 'double':
      return insertBytes(bytes, at, bytes.subarray(index, index + 1 + (value % 16)));
  }
}

function describeRun(run: FramingRun): string {
  const built = buildFraming(run.recipe);
  const buffer = new SendBuffer();
  const encoder = built.framing.createEncoder();
  const lines = run.frames.map((seed, index) => {
    const frame = frameFor(built, new Dice(seed));
    try {
      encoder.encode(frame, buffer);
      return `frame ${index + 1}: ${show(frame)}`;
    } catch (error) {
      return `frame ${index + 1}, refused: ${show(frame)} (${String(error)})`;
    }
  });
  const stream = streamOf(run, buffer.bytes.slice(buffer.start, buffer.end));
  return [
    `framing: ${show(run.recipe)}`,
    ...lines,
    `damage: ${show(run.damages)}; junk behind: ${run.junk.length} bytes; ${run.missing} bytes cut off`,
    `stream of ${stream.length} bytes, in chunks of ${run.chunks.join(', ') || 'all'}: ${Buffer.from(stream).toString('hex')}`,
  ].join('\n');
}

function show(value: unknown): string {
  return inspect(value, { depth: 8, breakLength: 120, maxArrayLength: 60 });
}
