/** One test for each bug of framings that others had, named after it. */
import {
  BlockPool,
  delimited,
  lengthPrefixed,
  lines,
  LocalProtocolError,
  NEED_DATA,
  ReceiveBuffer,
  RemoteProtocolError,
  SendBuffer,
  text,
  TruncatedFrameError,
  type Decoder,
  type Framing,
} from '@wireline/framing';
import { verifyDecoder } from '@wireline/framing/testing';
import { SocketDescriptor, WOULD_BLOCK } from '@wireline/socket';
import { ScriptedKernel, type ScriptedStep } from '@wireline/socket/testing';
import { describe, expect, test } from 'vitest';

const utf8 = new TextEncoder();

/** No stream here has so many: a decoder that goes round for ever is to fail, not to hang. */
const MOST_RESULTS = 1000;

/** All that comes of chunks. */
function read<Frame>(framing: Framing<Frame>, chunks: readonly Uint8Array[]): (Frame | string)[] {
  const decoder = framing.createDecoder();
  const buffer = new ReceiveBuffer();
  const found: (Frame | string)[] = [];
  for (const chunk of chunks) {
    buffer.append(chunk);
    for (;;) {
      try {
        const frame = decoder.decode(buffer);
        if (frame === NEED_DATA) break;
        found.push(frame);
      } catch (error) {
        if (!(error instanceof RemoteProtocolError)) throw error;
        found.push(error.code);
        if (error.framing === 'lost') return found;
        if (found.length > MOST_RESULTS) throw new Error('results without end', { cause: error });
      }
    }
  }
  decoder.end(buffer);
  return found;
}

function write<Frame>(framing: Framing<Frame>, frame: Frame): Uint8Array {
  const buffer = new SendBuffer();
  framing.createEncoder().encode(frame, buffer);
  return buffer.bytes.slice(buffer.start, buffer.end);
}

describe('quadratic delimiter search', () => {
  const long = `${'x'.repeat(300)}\r\n`;
  const cases = [{ name: 'a long line', bytes: utf8.encode(long), frames: [long.slice(0, -2)] }];

  test('each byte is looked at once, however long the line and small the chunks', () => {
    for (const framing of [
      lines(),
      delimited('\r\n', { content: text() }),
      delimited(['\r\n', '#'], { content: text() }),
    ]) {
      verifyDecoder({ createDecoder: () => framing.createDecoder(), cases });
    }
  });

  test('who begins again at each chunk is found out', () => {
    const createDecoder = (): Decoder<string> => ({
      decode(buffer) {
        for (let at = buffer.start; at < buffer.end - 1; at++) {
          if (buffer.bytes[at] !== 0x0d || buffer.bytes[at + 1] !== 0x0a) continue;
          const line = new TextDecoder().decode(buffer.take(at - buffer.start));
          buffer.consume(2);
          return line;
        }
        return NEED_DATA;
      },
      end(buffer) {
        if (buffer.length > 0) throw new TruncatedFrameError('read a line: it is cut off');
      },
    });
    expect(() => verifyDecoder({ createDecoder, cases })).toThrow(
      'reads of the buffer to grow with what comes',
    );
  });
});

test('UTF-8 cut at a chunk border', () => {
  const said = 'aé€🐶\u{10ffff}';
  for (const framing of [
    lines(),
    lengthPrefixed('u8', { content: text() }),
    delimited('\0', { content: text() }),
  ]) {
    const bytes = write(framing, said);
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second++) {
        const chunks = [
          bytes.subarray(0, first),
          bytes.subarray(first, second),
          bytes.subarray(second),
        ];
        expect(read(framing, chunks)).toEqual([said]);
      }
    }
  }
});

test('one read taken for one message', () => {
  const framings = [
    lines(),
    lengthPrefixed('u32', { content: text() }),
    lengthPrefixed('netstring', { content: text() }),
  ];
  for (const framing of framings) {
    const [one, two, three] = ['one', 'two', 'three'].map((frame) => write(framing, frame));
    const whole = Buffer.concat(
      [one ?? '', two ?? '', three ?? ''].map((each) => Buffer.from(each)),
    );
    const expected = ['one', 'two', 'three'];
    expect(read(framing, [whole])).toEqual(expected);
    // Two and a half messages, and then the rest.
    const border = whole.length - 2;
    expect(read(framing, [whole.subarray(0, border), whole.subarray(border)])).toEqual(expected);
    expect(
      read(
        framing,
        Array.from(whole, (byte) => Uint8Array.of(byte)),
      ),
    ).toEqual(expected);
  }
});

test('a short write ignored', () => {
  const taken: number[] = [];
  const send = (returns: number): ScriptedStep => ({
    call: 'send',
    returns,
    during: ([, bytes]) => {
      if (bytes instanceof Uint8Array) taken.push(...bytes.subarray(0, returns));
    },
  });
  const kernel = new ScriptedKernel({
    script: [
      { call: 'socket', returns: 5 },
      send(1),
      send(3),
      { call: 'send', fails: 'EAGAIN' },
      send(2),
      send(300),
    ],
    always: { close: { returns: 0 } },
  });
  using socket = new SocketDescriptor({ libc: kernel.libc });
  const framing = lengthPrefixed('u16', { content: text() });
  const encoder = framing.createEncoder();
  // A block of memory that is moved and given back while the kernel takes its time.
  const buffer = new SendBuffer({ pool: new BlockPool({ blockLength: 64 }) });
  const flush = (times: number): void => {
    for (let time = 0; time < times; time++) {
      const count = socket.trySend(buffer.bytes.subarray(buffer.start, buffer.end));
      if (count !== WOULD_BLOCK) buffer.consume(count);
    }
  };
  encoder.encode('hello', buffer);
  flush(3);
  encoder.encode('w'.repeat(298), buffer);
  flush(1);
  const { length } = buffer;
  expect(length).toBe(301);
  encoder.encode('', buffer);
  flush(1);
  expect(buffer.length).toBe(3);
  kernel.done();
  const rest = buffer.bytes.slice(buffer.start, buffer.end);
  expect(read(framing, [Uint8Array.from(taken), rest])).toEqual(['hello', 'w'.repeat(298), '']);
});

test('a sender that may send what its receiver refuses', () => {
  const limited = { maxLength: 8 } as const; // an option
  const pairs: readonly (readonly [Framing<string>, string])[] = [
    [lines(limited), 'too long'],
    [lines(), 'two\nlines'],
    [lines(), 'ends as a line does\r'],
    [lines(), 'half of a pair \ud83d'],
    [delimited('##', { content: text() }), 'a#'],
    [lengthPrefixed('u16', { ...limited, content: text() }), 'too long'],
    [lengthPrefixed('u8', { content: text() }), 'x'.repeat(256)],
    [lengthPrefixed('ascii1', { content: text() }), 'ten digits'],
    [lengthPrefixed('octet-counting', { content: text() }), ''],
    [lengthPrefixed('u8', { adjustment: 3, content: text() }), 'ab'],
  ];
  for (const [framing, frame] of pairs) {
    expect(() => write(framing, frame)).toThrow(LocalProtocolError);
  }
  // One byte less is no reason to refuse anything.
  expect(read(lines(limited), [write(lines(limited), '7 bytes')])).toEqual(['7 bytes']);
  const nine = lengthPrefixed('ascii1', { content: text() });
  expect(read(nine, [write(nine, '9 letters')])).toEqual(['9 letters']);
});

test('several errors for one over-long frame', () => {
  const options = { maxLength: 10, overlong: 'skip' } as const; // options
  const framings = [lines(options), lengthPrefixed('u16', { ...options, content: text() })];
  const roomy = [lines(), lengthPrefixed('u16', { content: text() })];
  for (const [index, framing] of framings.entries()) {
    const wide = roomy[index] ?? framing;
    const bytes = Buffer.concat(['a', 'x'.repeat(95), 'b'].map((frame) => write(wide, frame)));
    for (const size of [1, 3, 10, 11, 12, 50, 200]) {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
      expect(read(framing, chunks)).toEqual(['a', 'frame-too-large', 'b']);
    }
  }
});

test('the limit compared before the length is adjusted', () => {
  // The length says 6 and counts itself: 6 bytes in all, although 6 and the field are more than the limit.
  const itself = lengthPrefixed('u32', { adjustment: -4, maxLength: 6, content: text() });
  expect(read(itself, [write(itself, 'ab')])).toEqual(['ab']);
  // The length says 2 and counts neither itself nor the 3 bytes before it: 9 in all, although 2 is less.
  const header = Uint8Array.of(1, 2, 3, 0, 0, 0, 0);
  const inside = (maxLength: number) =>
    lengthPrefixed('u32', { offset: 3, strip: 7, header, maxLength, content: text() });
  const bytes = write(inside(9), 'ab');
  expect(read(inside(9), [bytes])).toEqual(['ab']);
  expect(read(inside(8), [bytes])).toEqual(['frame-too-large']);
  expect(() => write(inside(8), 'ab')).toThrow('the limit is 8');
  // The length says 0, and 5 bytes follow all the same.
  const behind = lengthPrefixed('u8', { adjustment: 5, maxLength: 5 });
  expect(read(behind, [Uint8Array.of(0, 1, 2, 3, 4, 5)])).toEqual(['frame-too-large']);
});
