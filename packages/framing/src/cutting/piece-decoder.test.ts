/** Frames in pieces, and long frames: whose memory it is, and how much of it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { heldBytesOf, inChunks, joinPieces, outcomes, pattern, raw } from '../../test/codec.ts';
import { text } from '../contents/text.ts';
import { NEED_DATA } from '../decoder.ts';
import type { ComposableFraming, Piece } from '../framing.ts';
import { delimited, lines } from '../framings/delimited.ts';
import { fixedLength } from '../framings/fixed-length.ts';
import { headed } from '../framings/headed.ts';
import { lengthPrefixed } from '../framings/length-prefixed.ts';
import { typeByte } from '../framings/type-byte.ts';
import { untilClose } from '../framings/until-close.ts';
import { ReceiveBuffer } from '../receive-buffer.ts';
import { PART_LENGTH } from './frame-parts.ts';

/** A framing, a stream in it, and what the pieces of each frame make. */
type Case = readonly [
  name: string,
  framing: ComposableFraming<unknown>,
  stream: Uint8Array,
  frames: Uint8Array[],
];

const CASES: readonly Case[] = [
  ['fixedLength', fixedLength(4), raw('abcdefgh'), [raw('abcd'), raw('efgh')]],
  ['fixedLength: padding stays', fixedLength(4, { padding: '#' }), raw('ab##'), [raw('ab##')]],
  ['delimited', delimited('#*#'), raw('ab#*c#*##*##*#'), [raw('ab#*c'), raw(), raw()]],
  [
    'delimited, kept',
    delimited('##', { keepDelimiter: true }),
    raw('a##b#c##'),
    [raw('a##'), raw('b#c##')],
  ],
  [
    'delimited, unterminated',
    delimited('##', { unterminated: 'frame' }),
    raw('a##b#'),
    [raw('a'), raw('b#')],
  ],
  ['lines', lines(), raw('é\r\n€\n\n'), [raw('é'), raw('€'), raw()]],
  [
    'lengthPrefixed',
    lengthPrefixed('u16'),
    raw(0, 2, 'ab', 0, 0, 0, 1, 'c'),
    [raw('ab'), raw(), raw('c')],
  ],
  [
    'lengthPrefixed, whole',
    lengthPrefixed('u16', { offset: 1 }),
    raw(9, 0, 1, 'a', 8, 0, 0),
    [raw(9, 0, 1, 'a'), raw(8, 0, 0)],
  ],
  ['netstring', lengthPrefixed('netstring'), raw('2:ab,0:,'), [raw('ab'), raw()]],
  ['text is not read', lengthPrefixed('u8', { content: text() }), raw(1, 0xff), [raw(0xff)]],
  [
    'typeByte',
    typeByte({ 1: 2, 2: delimited('#') }),
    raw(1, 'ab', 2, 'cd#', 2, '#'),
    [raw(1, 'ab'), raw(2, 'cd'), raw(2)],
  ],
  [
    'headed: the head is as it was on the wire',
    headed(lengthPrefixed('u8'), () => lengthPrefixed('netstring')),
    raw(1, 'x2:ab,', 0, '0:,'),
    [raw(1, 'xab'), raw(0)],
  ],
  ['untilClose', untilClose(), raw('abc'), [raw('abc')]],
  ['untilClose, empty', untilClose(), raw(), [raw()]],
];

describe('joined they are the frames', () => {
  test.each(CASES)('%s', (_name, framing, stream, frames) => {
    const expected = frames.map((frame) => ({ frame }));
    const property = fc.property(
      fc.array(fc.integer({ min: 1, max: stream.length + 1 }), { maxLength: 5 }),
      (lengths) => {
        const found = outcomes(framing.createPieceDecoder(), inChunks(stream, lengths));
        expect(joinPieces(found)).toEqual(expected);
      },
    );
    fc.assert(property, { numRuns: 60, examples: [[[]], [[1]], [[2]]] });
  });
});

// A lead is a piece of its own, and so is what came before the end of a stream that completes a frame.
const ALL_AT_ONCE = CASES.filter(
  ([name]) => !/^(typeByte|headed|untilClose)|unterminated/.test(name),
);

test.each(ALL_AT_ONCE)(
  'a frame that is all there is one piece: %s',
  (_name, framing, stream, frames) => {
    const found = outcomes(framing.createPieceDecoder(), [stream]);
    expect(found).toEqual(frames.map((bytes) => ({ frame: { bytes, first: true, last: true } })));
  },
);

describe('a frame of 200 KiB', () => {
  const content = pattern(200 * 1024);
  const long: readonly Case[] = [
    ['fixedLength', fixedLength(content.length), content, [content]],
    [
      'delimited',
      delimited(raw(0xfe, 0xfd, 0xfc, 0xfe)),
      raw(content, 0xfe, 0xfd, 0xfc, 0xfe),
      [content],
    ],
    ['lengthPrefixed', lengthPrefixed('u24'), raw(3, 0x20, 0, content), [content]],
    ['netstring', lengthPrefixed('netstring'), raw('204800:', content, ','), [content]],
    ['untilClose', untilClose(), content, [content]],
  ];
  const chunkings = [
    [],
    [1000],
    [PART_LENGTH - 1],
    [PART_LENGTH],
    [PART_LENGTH + 1],
    [100_000, 1],
    [131_072, 3],
  ];

  test.each(long)('comes whole: %s', (_name, framing, stream, frames) => {
    for (const lengths of chunkings) {
      const found = outcomes(framing.createDecoder(), inChunks(stream, lengths));
      expect(
        found.map((each) =>
          'frame' in each && each.frame instanceof Uint8Array
            ? Buffer.compare(each.frame, content)
            : each,
        ),
      ).toEqual(frames.map(() => 0));
    }
  });

  test.each(long)('comes in pieces, none of them held: %s', (_name, framing, stream) => {
    for (const lengths of chunkings.slice(1)) {
      const decoder = framing.createPieceDecoder();
      const buffer = new ReceiveBuffer({ maxLength: 140_000 });
      const pieces: Piece[] = [];
      const decodeAll = (): void => {
        for (
          let piece = decoder.decode(buffer);
          piece !== NEED_DATA;
          piece = decoder.decode(buffer)
        )
          pieces.push(piece);
      };
      for (const chunk of inChunks(stream, lengths)) {
        buffer.append(chunk);
        decodeAll();
        expect(buffer.length).toBeLessThan(8);
      }
      decoder.end(buffer);
      decodeAll();
      expect(Buffer.compare(raw(...pieces.map(({ bytes }) => bytes)), content)).toBe(0);
      expect(pieces.map(({ first }) => first).indexOf(true, 1)).toBe(-1);
      expect(pieces.findIndex(({ last }) => last)).toBe(pieces.length - 1);
    }
  });

  test('is held once while it comes, and not at all behind', () => {
    const decoder = lengthPrefixed('u24').createDecoder();
    const buffer = new ReceiveBuffer();
    let delivered = 0;
    for (const chunk of inChunks(raw(3, 0x20, 0, content), [PART_LENGTH, 10])) {
      buffer.append(chunk);
      delivered += chunk.length;
      const isWhole = decoder.decode(buffer) !== NEED_DATA;
      buffer.settle();
      expect(heldBytesOf(decoder) + buffer.length).toBe(isWhole ? 0 : delivered);
      expect(heldBytesOf(decoder) + buffer.heldBytes).toBeLessThanOrEqual(2 * delivered);
    }
    expect(heldBytesOf(decoder) + buffer.heldBytes).toBe(0);
  });
});

test('a piece decoder takes frames of any length', () => {
  const decoder = delimited('\n', { maxLength: Number.MAX_SAFE_INTEGER }).createPieceDecoder();
  const buffer = new ReceiveBuffer({ maxLength: PART_LENGTH });
  let length = 0;
  for (let round = 0; round < 100; round++) {
    buffer.append(new Uint8Array(PART_LENGTH));
    const piece = decoder.decode(buffer);
    if (piece === NEED_DATA) throw new Error('all of it is content');
    length += piece.bytes.length;
    expect(piece).toMatchObject({ first: round === 0, last: false });
  }
  buffer.append(raw('\n'));
  expect(decoder.decode(buffer)).toMatchObject({ first: false, last: true });
  expect(length).toBe(100 * PART_LENGTH);
});

describe('memory', () => {
  const stream = raw('abc\n', 'd\n', 'x'.repeat(3000), '\n', 'ef\n');
  const framing = delimited('\n');

  function framesOf(chunk: Uint8Array): Uint8Array[] {
    const decoder = framing.createDecoder();
    const buffer = new ReceiveBuffer();
    buffer.append(chunk);
    const frames: Uint8Array[] = [];
    for (let frame = decoder.decode(buffer); frame !== NEED_DATA; frame = decoder.decode(buffer))
      frames.push(frame);
    return frames;
  }

  test('frames are no views of what was appended, a Buffer or not', () => {
    for (const chunk of [stream.slice(), Buffer.from(stream)]) {
      const frames = framesOf(chunk);
      chunk.fill(0);
      expect(frames.map((frame) => [frame[0], frame.length])).toEqual([
        [0x61, 3],
        [0x64, 1],
        [0x78, 3000],
        [0x65, 2],
      ]);
      for (const frame of frames) {
        expect(frame.buffer).not.toBe(chunk.buffer);
        expect(Object.getPrototypeOf(frame)).toBe(Uint8Array.prototype);
      }
    }
  });

  test('no two streams share any, whatever they were received into', () => {
    const scratch = new Uint8Array(64 * 1024);
    const stores = [raw('abc\nde\n'), raw('fgh\nij\n')].map((bytes) => {
      const decoder = framing.createDecoder();
      const buffer = new ReceiveBuffer();
      buffer.beginReceive(scratch).set(bytes);
      buffer.endReceive(bytes.length);
      const frames: Uint8Array[] = [];
      for (let frame = decoder.decode(buffer); frame !== NEED_DATA; frame = decoder.decode(buffer))
        frames.push(frame);
      buffer.settle();
      return frames;
    });
    scratch.fill(0);
    const [first = [], second = []] = stores;
    expect([...first, ...second]).toEqual([raw('abc'), raw('de'), raw('fgh'), raw('ij')]);
    for (const frame of first) {
      for (const other of second) expect(frame.buffer).not.toBe(other.buffer);
      expect(frame.buffer).not.toBe(scratch.buffer);
    }
  });

  test('frames of one stream do not overlap', () => {
    const frames = framesOf(raw('abc\nde\nfgh\n'));
    for (const [index, frame] of frames.entries()) frame.fill(index);
    expect(frames).toEqual([raw(0, 0, 0), raw(1, 1), raw(2, 2, 2)]);
  });

  test('a kept short frame keeps a batch, and no more', () => {
    const frames = framesOf(raw('ab\n'.repeat(10_000)));
    for (const frame of frames) expect(frame.buffer.byteLength).toBeLessThanOrEqual(8 * 1024);
  });

  test('chunks that are adopted become frames without a copy', () => {
    const decoder = fixedLength(1000).createPieceDecoder();
    const buffer = new ReceiveBuffer();
    const chunk = pattern(1000);
    buffer.adopt(chunk);
    const piece = decoder.decode(buffer);
    if (piece === NEED_DATA) throw new Error('it is all there');
    expect(piece.bytes.buffer).toBe(chunk.buffer);
    expect(piece.bytes).toEqual(pattern(1000));
  });

  test('short frames of an adopted chunk are views of it, and of no memory that comes behind it', () => {
    const decoder = delimited('\n').createDecoder();
    const buffer = new ReceiveBuffer();
    const scratch = new Uint8Array(64);
    const chunk = raw('ab\ncd\ne');
    buffer.adopt(chunk);
    const first = decoder.decode(buffer);
    const second = decoder.decode(buffer);
    if (typeof first === 'symbol' || typeof second === 'symbol') throw new Error('they are there');
    expect([first.buffer, second.buffer]).toEqual([chunk.buffer, chunk.buffer]);
    expect(decoder.decode(buffer)).toBe(NEED_DATA);
    buffer.beginReceive(scratch).set(raw('f\ngh\nij\n'));
    buffer.endReceive(8);
    const others = [decoder.decode(buffer), decoder.decode(buffer), decoder.decode(buffer)];
    scratch.fill(0);
    expect([first, second, ...others]).toEqual(
      ['ab', 'cd', 'ef', 'gh', 'ij'].map((each) => raw(each)),
    );
  });
});
