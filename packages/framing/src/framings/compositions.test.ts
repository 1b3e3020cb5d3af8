/** What is said when parts of a framing and the whole do not agree, and what the wrong kind of frame gets. */
import { describe, expect, test } from 'vitest';
import {
  decodeFrames,
  delimited,
  encodeFrame,
  fixedLength,
  headed,
  lengthPrefixed,
  lines,
  NEED_DATA,
  preset,
  ReceiveBuffer,
  SendBuffer,
  switching,
  text,
  typeByte,
  untilClose,
  type ComposableFraming,
  type Framing,
} from '../index.ts';

const ascii = (content: string): Uint8Array => new TextEncoder().encode(content);

describe('what is not to be written as a frame', () => {
  const bytes = lengthPrefixed('u16') as Framing<unknown>;
  const strings = lines() as Framing<unknown>;

  test.each([
    ['a string as bytes', bytes, 'hello', 'a string is not bytes'],
    ['other numbers as bytes', bytes, Uint16Array.of(300, 2), 'of type Uint16Array'],
    ['a buffer as bytes', bytes, new ArrayBuffer(3), 'of type ArrayBuffer'],
    ['nothing as bytes', bytes, undefined, 'this is undefined'],
    ['bytes as text', strings, ascii('hello'), 'this is object; give a string'],
    ['a number as text', strings, 42, 'this is number'],
  ])('%s', (_, framing, frame, words) => {
    expect(() => encodeFrame(framing, frame)).toThrow(
      expect.objectContaining({
        name: 'LocalProtocolError',
        code: 'frame-invalid',
        message: expect.stringContaining(words) as unknown,
      }),
    );
  });

  test('a chunk that is none', () => {
    const buffer = new ReceiveBuffer();
    const chunk = 'hello' as unknown as Uint8Array;
    for (const add of ['append', 'lend', 'adopt'] as const) {
      expect(() => buffer[add](chunk)).toThrow(/a string is not bytes/);
    }
    expect(buffer.length).toBe(0);
  });

  test('a frame that is refused leaves no memory behind', () => {
    const buffer = new SendBuffer();
    expect(() => lines().createEncoder().encode('a\nb', buffer)).toThrow(
      /choose another delimiter/,
    );
    expect(buffer.bytes.length).toBe(0);
  });
});

describe('the limits of parts', () => {
  test('a table needs no limit of its own', () => {
    const framing = typeByte({ 1: 2 * 1024 * 1024, 2: lines() });
    expect(framing.maxLength).toBe(2 * 1024 * 1024 + 1);
    const frame = { type: 1, content: new Uint8Array(2 * 1024 * 1024) } as const;
    expect(decodeFrames(framing, encodeFrame(framing, frame))).toEqual([frame]);
  });

  test.each([
    ['of the whole', { maxLength: 4 }, 'the limit is 4;', 4],
    ['of a part', {}, 'the limit of its body is 10;', 10],
  ])('an error says the limit %s', (_, options, words, value) => {
    const framing = typeByte({ 1: lines({ maxLength: 10 }) }, options);
    expect(() => decodeFrames(framing, ascii('\x01longer than ten\n'))).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(words) as unknown,
        limit: { option: 'maxLength', value },
      }),
    );
  });

  test('and that of a head', () => {
    const framing = headed(lines({ maxLength: 10 }), () => 1);
    expect(() => decodeFrames(framing, ascii('longer than ten\n'))).toThrow(
      /the limit of its head is 10;/,
    );
  });

  test('an endless frame that is cut is told of without a number', () => {
    const framing = lengthPrefixed('u64', { overlong: 'skip' });
    expect(() => decodeFrames(framing, new Uint8Array(9).fill(0xff))).toThrow(
      /short of more than 9007199254740991/,
    );
  });
});

describe('mistakes when a framing is made', () => {
  const wrong = { overlong: 'ignore' } as unknown as { overlong: 'skip' };

  test.each<readonly [string, () => unknown, RegExp]>([
    ['overlong', () => lines(wrong), /'ignore': choose fail, skip or close/],
    ['overlong of a length', () => lengthPrefixed('u8', wrong), /'ignore'/],
    ['overlong of a head', () => headed(lines(), () => 1, wrong), /'ignore'/],
    ['overlong until the close', () => untilClose(wrong), /'ignore'/],
    [
      'side',
      () => fixedLength(4, { padding: ' ', side: 'left' as 'start' }),
      /'left': choose start/,
    ],
    [
      'unterminated',
      () => delimited('\n', { unterminated: 'frames' as 'frame' }),
      /'frames': choose fail or frame/,
    ],
    ['a type that is no number', () => typeByte({ abc: 3 }), /type 'abc'/],
    ['a cap', () => new ReceiveBuffer({ maxLength: Number.NaN }), /at most NaN bytes/],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(RangeError);
    expect(make).toThrow(message);
  });

  test.each([
    ['a framing that was not made', lines],
    ['nothing', null],
    ['a framing that changes', switching(lines(), () => undefined)],
  ])('an entry of a table that is %s', (_, entry) => {
    const table = { 1: entry as unknown as number };
    expect(() => typeByte(table)).toThrow(TypeError);
    expect(() => typeByte(table, { maxLength: 10 })).toThrow(/such as lines\(\)/);
  });

  test.each([
    ['nothing', undefined],
    ['a framing that changes', switching(lines(), () => undefined)],
  ])('a body that is %s', (_, body) => {
    const framing = headed(lines(), () => body as unknown as ComposableFraming<string>);
    expect(() => decodeFrames(framing, ascii('head\nbody\n'))).toThrow(TypeError);
    expect(() => encodeFrame(framing, { head: 'head', body: 'body' })).toThrow(/return a number/);
  });
});

test('bodies of several kinds', () => {
  const framing = headed(lines(), (head) => (head === 'raw' ? 5 : lines()));
  expect(decodeFrames(framing, ascii('raw\nhellotext\nhello\n'))).toEqual([
    { head: 'raw', body: ascii('hello') },
    { head: 'text', body: 'hello' },
  ]);
  expect(() => encodeFrame(framing, { head: 'raw', body: ascii('hell') })).toThrow(/that it has 5/);
  const silent = headed(lines(), () => Number.NaN);
  expect(() => encodeFrame(silent, { head: '', body: ascii('x') })).toThrow(
    /does not say how many/,
  );
});

test('an unknown type is what could not be written', () => {
  const framing = typeByte({ 1: 8 }) as unknown as Framing<{ type: number; content: Uint8Array }>;
  expect(() => encodeFrame(framing, { type: 9, content: ascii('x') })).toThrow(
    /^write a frame of type 9: it is not in the table/,
  );
});

test('a framing that changes with the last frame hears of the end, too', () => {
  const framing = switching<string>(lines({ unterminated: 'frame' }), (frame) =>
    frame === 'x' ? untilClose({ content: text() }) : undefined,
  );
  const decoder = framing.createDecoder();
  const buffer = new ReceiveBuffer();
  buffer.append(ascii('a\nx'));
  expect([decoder.decode(buffer), decoder.decode(buffer)]).toEqual(['a', NEED_DATA]);
  decoder.end(buffer);
  expect([decoder.decode(buffer), decoder.decode(buffer)]).toEqual(['x', '']);
  expect(decoder.decode(buffer)).toBe(NEED_DATA);
});

test('lsp: two lengths that differ are none, twice the same is one', () => {
  const framing = preset('lsp');
  const twice = 'Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}';
  expect(decodeFrames(framing, ascii(twice))).toHaveLength(1);
  expect(() => decodeFrames(framing, ascii(twice.replace('2', '3')))).toThrow(
    /two of them that differ/,
  );
});

test('what was received is no more than there was room for', () => {
  const buffer = new ReceiveBuffer({ maxLength: 10 });
  expect(buffer.beginReceive(new Uint8Array(64))).toHaveLength(10);
  expect(() => buffer.endReceive(40)).toThrow(/there was room for 10/);
});
