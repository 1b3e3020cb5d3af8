/**
 * What the test of framings runs in the browser: bundled, it becomes the page's only script.
 *
 * Each check gives what it found, as JSON has it; what is expected is in `framing.test.ts`.
 */
import {
  bytes,
  decodeFrames,
  delimited,
  fixedLength,
  FrameDecoderStream,
  FrameEncoderStream,
  headed,
  lengthPrefixed,
  lines,
  readFrames,
  SendBuffer,
  streamFrames,
  switching,
  text,
  typeByte,
  untilClose,
  type Framing,
} from '@wireline/framing';
import { verifyDecoder, type DecoderCase } from '@wireline/framing/testing';

const latin = (characters: string): Uint8Array =>
  Uint8Array.from(characters, (character) => character.charCodeAt(0));

/** Passes, or throws. */
type Check = () => void;

/** A framing, the bytes of a stream, and its frames, which are written as the same bytes. */
function check<Frame>(framing: Framing<Frame>, stream: string, frames: readonly Frame[]): Check {
  const verify = decodes(framing, stream, frames);
  return () => {
    verify();
    const encoder = framing.createEncoder();
    const buffer = new SendBuffer();
    for (const frame of frames) encoder.encode(frame, buffer);
    const encoded = buffer.bytes.subarray(buffer.start, buffer.end);
    if (String(encoded) !== String(latin(stream))) throw new Error(`encoded ${String(encoded)}`);
  };
}

/** A framing whose frames may be written in more ways than one. */
function decodes<Frame>(framing: Framing<Frame>, stream: string, frames: readonly Frame[]): Check {
  const cases: DecoderCase<Frame>[] = [{ name: stream, bytes: latin(stream), frames }];
  return () => verifyDecoder({ createDecoder: () => framing.createDecoder(), cases });
}

/** A framing whose last frame ends with its stream: cut off anywhere, it is another frame. */
function atEnd<Frame>(framing: Framing<Frame>, stream: string, frames: readonly Frame[]): Check {
  return () => {
    const decoded = decodeFrames(framing, latin(stream));
    if (JSON.stringify(decoded) !== JSON.stringify(frames)) throw new Error(String(decoded));
  };
}

const [U8, U16] = [lengthPrefixed('u8'), lengthPrefixed('u16')];

const CHECKS: Readonly<Record<string, Check>> = {
  fixedLength: check(fixedLength(3), 'abcdef', [latin('abc'), latin('def')]),
  'fixedLength, padded': check(fixedLength(4, { padding: ' ' }), 'ab  ', [latin('ab')]),
  delimited: check(delimited('\r\n'), 'ab\r\n', [latin('ab')]),
  'delimited by several': decodes(delimited([';', '\n']), 'a;b\n', [latin('a'), latin('b')]),
  lines: check(lines(), 'a\n\xc3\xa4\n', ['a', 'ä']),
  'lengthPrefixed u16': check(lengthPrefixed('u16'), '\0\x03abc', [latin('abc')]),
  'lengthPrefixed u64le': check(lengthPrefixed('u64le'), '\x01\0\0\0\0\0\0\0a', [latin('a')]),
  'lengthPrefixed varint': check(lengthPrefixed('varint'), '\x01a\0', [latin('a'), latin('')]),
  'lengthPrefixed ascii4': check(lengthPrefixed('ascii4'), '0002ab', [latin('ab')]),
  netstring: check(lengthPrefixed('netstring'), '2:ab,', [latin('ab')]),
  'octet-counting': check(lengthPrefixed('octet-counting'), '2 ab', [latin('ab')]),
  text: check(lengthPrefixed('u8', { content: text() }), '\x04\xf0\x9f\x90\xb0', ['🐰']),
  bytes: check(lengthPrefixed('u8', { content: bytes() }), '\x01a', [latin('a')]),
  typeByte: check(typeByte({ 1: 2, 2: lengthPrefixed('u8') }), '\x01ab\x02\x01c', [
    { type: 1, content: latin('ab') },
    { type: 2, content: latin('c') },
  ]),
  headed: check(
    headed(lengthPrefixed('u8'), (head) => head.length),
    '\x02abcd',
    [{ head: latin('ab'), body: latin('cd') }],
  ),
  switching: check(
    // The second frame of each two has a longer length.
    switching(U8, ({ length }) => (length === 1 ? U16 : U8)),
    '\x01a\0\x02bc',
    [latin('a'), latin('bc')],
  ),
  untilClose: atEnd(untilClose({ content: text() }), 'abc', ['abc']),
  'lines without the last end': atEnd(lines({ unterminated: 'frame' }), 'a\nb', ['a', 'b']),
};

/** What the page can be asked to do. */
export const page = {
  /** What came of each framing: `passed`, or why not. */
  verify(): Record<string, string> {
    const outcomes = Object.entries(CHECKS).map(([name, run]) => [name, outcomeOf(run)]);
    return Object.fromEntries(outcomes) as Record<string, string>; // pairs of strings
  },

  /** Words through an encoding stream, cut into single bytes, through a decoding one. */
  async pipe(words: readonly string[]): Promise<readonly string[]> {
    const source = new ReadableStream<string>({
      start(controller) {
        for (const word of words) controller.enqueue(word);
        controller.close();
      },
    });
    const cutting = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        for (const byte of chunk) controller.enqueue(Uint8Array.of(byte));
      },
    });
    const frames = source
      .pipeThrough(new FrameEncoderStream(lines()))
      .pipeThrough(cutting)
      .pipeThrough(new FrameDecoderStream(lines()));
    return all(readAll(frames));
  },

  /** How a stream of frames ends that has one above the limit. */
  async overlong(): Promise<unknown> {
    const { readable, writable } = new FrameDecoderStream(delimited('\n', { maxLength: 4 }));
    const [reader, writer] = [readable.getReader(), writable.getWriter()];
    const outcomes = await Promise.allSettled([
      reader.read(),
      writer.write(latin('abcdefgh')),
      writer.closed,
    ]);
    return outcomes.map((outcome) =>
      outcome.status === 'rejected' ? (outcome.reason as { code: string }).code : outcome.status,
    );
  },

  /** The lines of a body, as they come; the first `limit` of them. */
  async fetchLines(path: string, limit = Infinity): Promise<readonly string[]> {
    const { body } = await fetch(path);
    const got: string[] = [];
    for await (const line of readFrames(body ?? [], lines())) {
      got.push(line);
      if (got.length === limit) break;
    }
    return got;
  },

  /** The lines of a body in a browser whose streams cannot be iterated over. */
  async fetchThroughReader(path: string): Promise<readonly string[]> {
    const { body } = await fetch(path);
    const source = body === null ? [] : { getReader: () => body.getReader() };
    return all(readFrames(source, lines()));
  },

  /** The lengths of the frames of a body, none of which is held. */
  async fetchLengths(path: string): Promise<readonly number[]> {
    const { body } = await fetch(path);
    const lengths: number[] = [];
    for await (const frame of streamFrames(body ?? [], delimited('\n'))) {
      let length = 0;
      for await (const piece of frame) length += piece.length;
      lengths.push(length);
    }
    return lengths;
  },
};

Object.assign(globalThis, { page });

function outcomeOf(run: Check): string {
  try {
    run();
    return 'passed';
  } catch (error) {
    return String(error);
  }
}

async function* readAll<Frame>(stream: ReadableStream<Frame>): AsyncGenerator<Frame> {
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}

async function all<Frame>(frames: AsyncIterable<Frame>): Promise<Frame[]> {
  const list: Frame[] = [];
  for await (const frame of frames) list.push(frame);
  return list;
}
