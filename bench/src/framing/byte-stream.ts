/**
 * The bytes that a contestant gets, made before the clock starts: frames of a condition, cut into chunks. They
 * come again and again, each time the same memory; a pass is once through all of them.
 *
 * The chunks of large frames lie in one mebibyte that all of them look into, so that what is measured is the
 * decoder's memory and not that of its source.
 */
import { smallContents } from './contents.ts';
import { CHUNK_LENGTH, type Condition, type Delimitation } from './condition.ts';

/** At least as many bytes as this are in one pass: more than a processor's nearest caches hold. */
const PASS_LENGTH = 1024 * 1024;

/** What one pass consists of. */
export interface ByteStream {
  readonly chunkCount: number;
  readonly frameCount: number;
  /** Bytes, with lengths and line ends. */
  readonly byteCount: number;
  /** The sum of the lengths of all frames, as a contestant counts them: characters of a text, or bytes. */
  readonly lengthSum: number;
  /** One chunk, counted from 0. */
  chunkAt(index: number): Buffer;
}

/** Makes the bytes of a condition. */
export function createByteStream(condition: Condition): ByteStream {
  const stream = condition.group === 'small' ? smallFrames(condition) : largeFrames(condition);
  return condition.chunkLength === 1 ? bytewise(stream) : stream;
}

function smallFrames(condition: Condition): ByteStream {
  const contents = smallContents(condition, PASS_LENGTH);
  const lengths = contents.map((content) => content.length);
  return cut(
    contents.map((content) => Buffer.from(content)),
    { ...condition, lengthSum: lengths.reduce((sum, length) => sum + length, 0) },
  );
}

function largeFrames(condition: Condition): ByteStream {
  const { length } = condition;
  if (length > PASS_LENGTH) return hugeFrame(condition);
  const frameCount = PASS_LENGTH / length;
  const contents = Array.from({ length: frameCount }, () => TILE.subarray(0, length));
  return cut(contents, { ...condition, lengthSum: frameCount * length });
}

/** Frames one behind the other, cut wherever a chunk is full. */
function cut(
  contents: readonly Buffer[],
  { delimitation, lengthSum }: Pick<Condition, 'delimitation'> & Pick<ByteStream, 'lengthSum'>,
): ByteStream {
  const bytes = Buffer.concat(
    contents.flatMap((content) => {
      return [prefixOf(delimitation, content.length), content, suffixOf(delimitation)];
    }),
  );
  const chunks = Array.from({ length: Math.ceil(bytes.length / CHUNK_LENGTH) }, (_, index) => {
    return bytes.subarray(index * CHUNK_LENGTH, (index + 1) * CHUNK_LENGTH);
  });
  return ofChunks(chunks, { frameCount: contents.length, lengthSum });
}

/** One frame that is longer than a pass needs to be: its length, windows of the tile, its line end. */
function hugeFrame({ delimitation, length }: Condition): ByteStream {
  const prefix = prefixOf(delimitation, length);
  const first = CHUNK_LENGTH - prefix.length;
  const chunks: Buffer[] = [Buffer.concat([prefix, windowOf(0, first)])];
  for (let at = first; at < length; at += CHUNK_LENGTH) {
    chunks.push(windowOf(at, Math.min(CHUNK_LENGTH, length - at)));
  }
  const suffix = suffixOf(delimitation);
  if (suffix.length > 0) chunks.push(suffix);
  return ofChunks(chunks, { frameCount: 1, lengthSum: length });
}

/** Text in ASCII without a line end. */
const TEXT = Buffer.alloc(PASS_LENGTH, 'The quick brown fox jumps over the lazy dog. ');

/** The text, and enough of it again for each window to lie in one piece. */
const TILE = Buffer.concat([TEXT, TEXT.subarray(0, CHUNK_LENGTH)]);

/** Some of the text, which goes on without end. */
function windowOf(at: number, length: number): Buffer {
  const start = at % PASS_LENGTH;
  return TILE.subarray(start, start + length);
}

function ofChunks(
  chunks: readonly Buffer[],
  sums: Pick<ByteStream, 'frameCount' | 'lengthSum'>,
): ByteStream {
  const none = Buffer.alloc(0);
  return {
    ...sums,
    chunkCount: chunks.length,
    byteCount: chunks.reduce((sum, { length }) => sum + length, 0),
    chunkAt: (index) => chunks[index] ?? none,
  };
}

/** The same bytes one by one. There are 256 chunks in all, since one of its own for each byte would be gigabytes. */
function bytewise(stream: ByteStream): ByteStream {
  const single = Array.from({ length: 256 }, (_, byte) => Buffer.of(byte));
  const none = Buffer.alloc(0);
  let chunk: Buffer = none;
  let chunkStart = 0;
  let chunkIndex = 0;
  return {
    ...stream,
    chunkCount: stream.byteCount,
    chunkAt(index) {
      if (index === 0) {
        chunkIndex = 0;
        chunkStart = 0;
        chunk = stream.chunkAt(0);
      } else if (index - chunkStart >= chunk.length) {
        chunkStart += chunk.length;
        chunkIndex += 1;
        chunk = stream.chunkAt(chunkIndex);
      }
      return single[chunk[index - chunkStart] ?? 0] ?? none;
    },
  };
}

/** What stands in front of a frame: nothing, or its length. */
function prefixOf(delimitation: Delimitation, length: number): Buffer {
  switch (delimitation) {
    case 'lines':
    case 'newline':
      return Buffer.alloc(0);
    case 'varint':
      return Buffer.from(leb128(length));
    case 'u32': {
      const prefix = Buffer.alloc(4);
      prefix.writeUInt32BE(length);
      return prefix;
    }
  }
}

function suffixOf(delimitation: Delimitation): Buffer {
  return Buffer.from(delimitation === 'lines' || delimitation === 'newline' ? '\n' : '');
}

/** Seven bits a byte, the lowest first; all but the last have the highest bit set. */
function leb128(number: number): number[] {
  return number < 128 ? [number] : [(number % 128) + 128, ...leb128(Math.floor(number / 128))];
}
