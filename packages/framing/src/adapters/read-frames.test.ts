/** FrameReader over a source that is played by hand: what is asked of it when, and what comes of each ending. */
import { describe, expect, expectTypeOf, test } from 'vitest';
import { NEED_DATA } from '../decoder.ts';
import { LocalProtocolError, RemoteProtocolError, TruncatedFrameError } from '../errors.ts';
import type { Framing } from '../framing.ts';
import { delimited, lines } from '../framings/delimited.ts';
import { fixedLength } from '../framings/fixed-length.ts';
import { untilClose } from '../framings/until-close.ts';
import type { ByteSource } from './chunks.ts';
import { readFrames, type FrameReader } from './read-frames.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array): string => new TextDecoder().decode(value);

/** A source whose chunks the test gives when it likes. */
class ScriptedSource implements AsyncIterableIterator<Uint8Array, undefined> {
  /** How often a chunk was asked for, and how often the source was given back. */
  asked = 0;
  returned = 0;
  onReturn: () => Promise<void> = () => Promise.resolve();
  #settle: ((next: Promise<IteratorResult<Uint8Array, undefined>>) => void) | undefined;

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.asked++;
    return new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.returned++;
    await this.onReturn();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  give(chunk: string): void {
    this.giveBytes(bytes(chunk));
  }

  giveBytes(value: Uint8Array): void {
    this.#settle?.(Promise.resolve({ done: false, value }));
  }

  end(): void {
    this.#settle?.(Promise.resolve({ done: true, value: undefined }));
  }

  fail(reason: unknown): void {
    this.#settle?.(Promise.reject(reason));
  }
}

/** An endless source of one chunk that counts how often it is given back. */
function endless(chunk: string): { readonly source: AsyncIterable<Uint8Array>; returned: number } {
  const state = { returned: 0, source: chunks() };
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield bytes(chunk);
    } finally {
      state.returned++;
    }
  }
  return state;
}

const frame = (value: unknown): unknown => ({ done: false, value });
const DONE = { done: true, value: undefined };

describe('frames', () => {
  test('come from chunks cut anywhere, and the source is asked only when it must be', async () => {
    const source = new ScriptedSource();
    const reader = readFrames(source, lines());
    expect(source.asked, 'nothing before the first frame is wanted').toBe(0);
    const first = reader.next();
    source.give('on');
    await tick();
    expect(source.asked).toBe(2);
    source.give('e\ntwo\nth');
    expect(await first).toEqual(frame('one'));
    expect(await reader.next()).toEqual(frame('two'));
    expect(source.asked).toBe(2);
    const third = reader.next();
    expect(source.asked).toBe(3);
    source.give('ree\n');
    expect(await third).toEqual(frame('three'));
    const last = reader.next();
    source.end();
    expect(await last).toEqual(DONE);
    expect(await reader.next()).toEqual(DONE);
    expect([source.asked, source.returned]).toEqual([4, 0]);
  });

  test('that are there come in a promise that has them already', async () => {
    const reader = readFrames([bytes('a\nb\n')], lines());
    await reader.next();
    const order: string[] = [];
    const waiting = reader.next().then(() => order.push('frame'));
    await Promise.resolve().then(() => order.push('promise'));
    await waiting;
    expect(order).toEqual(['frame', 'promise']);
  });

  test('are iterated over', async () => {
    const got: string[] = [];
    for await (const line of readFrames([bytes('a\n'), bytes('b'), bytes('\n')], lines())) {
      got.push(line);
    }
    expect(got).toEqual(['a', 'b']);
  });

  test('that only the end completes come behind it', async () => {
    expect(await all(readFrames([bytes('a'), bytes('b')], untilClose()))).toEqual([bytes('ab')]);
    expect(await all(readFrames([], untilClose()))).toEqual([bytes('')]);
    const framing = lines({ unterminated: 'frame' });
    expect(await all(readFrames([bytes('a\nb')], framing))).toEqual(['a', 'b']);
    expect(await all(readFrames([], framing))).toEqual([]);
  });

  test('of tens of thousands of small chunks are put together, whatever the source', async () => {
    const chunks = Array.from({ length: 50_000 }, () => bytes('x'));
    const long = await all(readFrames([...chunks, bytes('\n')], lines()));
    expect(long).toEqual(['x'.repeat(50_000)]);
  });

  test('keep their bytes when the source uses its memory again', async () => {
    async function* reusing(): AsyncGenerator<Uint8Array> {
      const memory = new Uint8Array(3);
      for (const chunk of ['a\nb', 'c\nd', 'e\nf']) {
        memory.set(bytes(chunk));
        yield memory;
      }
    }
    const reader = readFrames(reusing(), delimited('\n'));
    const frames = [await reader.next(), await reader.next(), await reader.next()];
    expect(frames).toEqual([frame(bytes('a')), frame(bytes('bc')), frame(bytes('de'))]);
  });
});

describe('sources', () => {
  test.each<[string, () => ByteSource]>([
    ['an array', () => [bytes('a\nb'), bytes('\n')]],
    ['a set', () => new Set([bytes('a\n'), bytes('b\n')])],
    ['a generator', () => (function* generator() { yield bytes('a\nb\n'); })()], // prettier-ignore
    ['a web stream', () => new Blob(['a\nb\n']).stream()],
    ['a body', () => new Response('a\nb\n').body ?? []],
    ['a web stream that cannot be iterated over', () => onlyReader(new Blob(['a\nb\n']).stream())],
  ])('%s', async (_name, source) => {
    expect(await all(readFrames(source(), lines()))).toEqual(['a', 'b']);
  });

  test('a web stream that cannot be iterated over is cancelled when it is given back', async () => {
    let cancelled = 0;
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(bytes('a\n')),
      cancel: () => void cancelled++,
    });
    for await (const line of readFrames(onlyReader(stream), lines())) if (line === 'a') break;
    expect(cancelled).toBe(1);
  });

  test('a web stream that cannot be iterated over is free when it is read, given back, or handed on', async () => {
    const streams = Array.from({ length: 4 }, () => new Blob(['a\nb\n']).stream());
    const [read, left, handedOn, failed] = streams as [
      ReadableStream<Uint8Array>,
      ReadableStream<Uint8Array>,
      ReadableStream<Uint8Array>,
      ReadableStream<Uint8Array>,
    ];
    expect(await all(readFrames(onlyReader(read), lines()))).toEqual(['a', 'b']);
    for await (const line of readFrames(onlyReader(left), lines())) if (line === 'a') break;
    const reader = readFrames(onlyReader(handedOn), lines());
    await reader.next();
    expect(text(reader.rest())).toBe('b\n');
    expect(await all(readFrames(onlyReader(handedOn), lines()))).toEqual([]);
    const other = readFrames(onlyReader(failed), fixedLength(9));
    await expect(other.next()).rejects.toThrow(TruncatedFrameError);
    expect(streams.map(({ locked }) => locked)).toEqual([false, false, false, false]);
  });

  test.each<[string, unknown]>([
    ['the framing is a function; call it, as in lines()', lines],
    ['the framing is null; pass one', null],
    ['the framing is an Object; pass one', {}],
  ])('of what is no framing: %s', (message, framing) => {
    // Callers without types pass it.
    const read = (): unknown => readFrames([], framing as Framing<string>);
    expect(read).toThrow(TypeError);
    expect(read).toThrow(message);
  });

  test.each<[string, unknown]>([
    ['it is a string; pass an AsyncIterable or Iterable of Uint8Array', 'a\n'],
    ['it is a Uint8Array; pass an array of chunks, [bytes], or use decodeFrames', bytes('a\n')],
    ['it is null;', null],
    ['it is undefined;', undefined],
    ['it is an Object;', {}],
  ])('none: %s', (message, source) => {
    // Callers without types pass it.
    expect(() => readFrames(source as ByteSource, lines())).toThrow(message);
    expect(() => readFrames(source as ByteSource, lines())).toThrow(TypeError);
  });

  test.each<[string, unknown]>([
    ['it is a string; read bytes: without setEncoding() or TextDecoderStream', 'a\n'],
    ['it is a number; pass a Uint8Array', 97],
    ['it is a Promise; pass a Uint8Array', Promise.resolve(bytes('a\n'))],
    ['it is a Uint16Array; pass a Uint8Array', new Uint16Array(2)],
    ['it is null; pass a Uint8Array', null],
  ])('of what is no chunk: %s', async (message, chunk) => {
    let returned = 0;
    function* chunks(): Generator<Uint8Array> {
      try {
        yield chunk as Uint8Array; // callers without types yield it
      } finally {
        returned++;
      }
    }
    const reader = readFrames(chunks(), lines());
    const attempt = reader.next();
    await expect(attempt).rejects.toThrow(TypeError);
    await expect(attempt).rejects.toThrow(message);
    expect(returned).toBe(1);
    expect(await reader.next()).toEqual(DONE);
  });
});

describe('switchTo', () => {
  test('is exact: the next byte is that of the new framing', async () => {
    const reader = readFrames([bytes('3\nabcd\ne')], lines());
    expect(await reader.next()).toEqual(frame('3'));
    const binary = reader.switchTo(fixedLength(3));
    expectTypeOf(binary).toEqualTypeOf<FrameReader<Uint8Array>>();
    expect(await binary.next()).toEqual(frame(bytes('abc')));
    const text = binary.switchTo(lines({ unterminated: 'frame' }));
    expect(await text.next()).toEqual(frame('d'));
    expect(await text.next()).toEqual(frame('e'));
    expect(await text.next()).toEqual(DONE);
  });

  test('inside a loop', async () => {
    const reader = readFrames<string | Uint8Array>([bytes('2\nab1\nc')], lines());
    const got: (string | Uint8Array)[] = [];
    for await (const each of reader) {
      got.push(each);
      if (typeof each === 'string') reader.switchTo(fixedLength(Number(each)));
      else reader.switchTo(lines());
    }
    expect(got).toEqual(['2', bytes('ab'), '1', bytes('c')]);
  });

  test('has errors tell where in the whole stream they are', async () => {
    const reader = readFrames([bytes('2\nab'), bytes('\u00ff'.repeat(9))], lines());
    await reader.next();
    const binary = reader.switchTo(delimited('\n', { maxLength: 4 }));
    await expect(binary.next()).rejects.toMatchObject({ code: 'frame-too-large', offset: 2 });
  });

  test('behind the end: the new framing is told of it, too', async () => {
    const reader = readFrames([bytes('a')], lines({ unterminated: 'frame' }));
    expect(await reader.next()).toEqual(frame('a'));
    expect(await reader.switchTo(untilClose()).next()).toEqual(frame(bytes('')));
  });

  test('while a frame is being waited for is refused, and changes nothing', async () => {
    const source = new ScriptedSource();
    const reader = readFrames(source, lines());
    const next = reader.next();
    expect(() => reader.switchTo(fixedLength(1))).toThrow(LocalProtocolError);
    expect(() => reader.switchTo(fixedLength(1))).toThrow(/switch to another framing: .*await/);
    source.give('a\n');
    expect(await next).toEqual(frame('a'));
  });
});

describe('rest', () => {
  test('gives the bytes behind the last frame, ends the reading and leaves the source open', async () => {
    const source = new ScriptedSource();
    const reader = readFrames(source, lines());
    const next = reader.next();
    source.give('GET\nbody');
    await next;
    expect(text(reader.rest())).toBe('body');
    expect(reader.rest()).toEqual(bytes(''));
    expect(await reader.next()).toEqual(DONE);
    expect(await reader.return()).toEqual(DONE);
    expect([source.asked, source.returned]).toEqual([1, 0]);
    const other = source.next();
    source.give('more');
    expect(await other).toEqual(frame(bytes('more')));
  });

  test('has them also behind a loop that was left, and before the first frame', async () => {
    const reader = readFrames([bytes('head\n\nbody')], lines());
    for await (const line of reader) if (line === '') break;
    expect(text(reader.rest())).toBe('body');
    expect(readFrames([bytes('a\n')], lines()).rest()).toEqual(bytes(''));
  });

  test('is refused while a frame is being waited for', async () => {
    const source = new ScriptedSource();
    const reader = readFrames(source, lines());
    const next = reader.next();
    expect(() => reader.rest()).toThrow(/take the rest: the one before is still being waited for/);
    source.give('a\n');
    expect(await next).toEqual(frame('a'));
  });
});

describe('ends', () => {
  test('a second next before the first has settled is refused, and the first goes on', async () => {
    const source = new ScriptedSource();
    const reader = readFrames(source, lines());
    const first = reader.next();
    await expect(reader.next()).rejects.toMatchObject({
      code: 'reader-busy',
      message: 'read the next frame: the one before is still being waited for; await next() first',
    });
    source.give('a\nb\n');
    expect([await first, await reader.next()]).toEqual([frame('a'), frame('b')]);
    expect(source.asked).toBe(1);
  });

  test('leaving the loop gives the source back, once', async () => {
    const state = endless('a\n');
    const reader = readFrames(state.source, lines());
    for await (const line of reader) if (line === 'a') break;
    expect(state.returned).toBe(1);
    expect(await reader.return()).toEqual(DONE);
    expect(await reader.next()).toEqual(DONE);
    const source = new ScriptedSource();
    const other = readFrames(source, lines());
    await other.return();
    await other.return();
    expect(source.returned).toBe(1);
  });

  test('so does disposing of it', async () => {
    const source = new ScriptedSource();
    {
      await using reader = readFrames(source, lines());
      const next = reader.next();
      source.give('a\n');
      await next;
    }
    expect(source.returned).toBe(1);
  });

  test('return while a frame is being waited for: there is no frame, and nobody waits for the source', async () => {
    const source = new ScriptedSource();
    source.onReturn = () => new Promise(() => {});
    const reader = readFrames(source, lines());
    const next = reader.next();
    expect(await reader.return()).toEqual(DONE);
    expect(await next).toEqual(DONE);
    source.give('late\n');
    await tick();
    expect(await reader.next()).toEqual(DONE);
    expect([source.asked, source.returned]).toEqual([1, 1]);
  });

  test('what the source says when it is given back goes to who gave it back', async () => {
    const source = new ScriptedSource();
    source.onReturn = () => Promise.reject(new Error('no'));
    await expect(readFrames(source, lines()).return()).rejects.toThrow('no');
  });

  test('lost framing throws once, and the source is given back before', async () => {
    const source = new ScriptedSource();
    const framing = delimited('\n', { maxLength: 4 });
    let isClosed = false;
    source.onReturn = async () => {
      await tick();
      isClosed = true;
      throw new Error('second');
    };
    const reader = readFrames(source, framing, { onError: () => expect.unreachable() });
    const next = reader.next();
    source.give('abcdefgh');
    await expect(next).rejects.toMatchObject({ code: 'frame-too-large', framing: 'lost' });
    expect(isClosed).toBe(true);
    expect(await reader.next()).toEqual(DONE);
    expect(source.returned).toBe(1);
  });

  test('lost framing behind a frame of the same chunk', async () => {
    const source = new ScriptedSource();
    const reader = readFrames(source, delimited('\n', { maxLength: 4 }));
    const next = reader.next();
    source.give('a\nabcdefgh');
    expect(await next).toEqual(frame(bytes('a')));
    await expect(reader.next()).rejects.toThrow(RemoteProtocolError);
    expect([source.asked, source.returned]).toEqual([1, 1]);
  });

  test('an error that leaves the framing intact is thrown and ends the reading', async () => {
    const reader = readFrames([Uint8Array.of(0xff, 0x0a), bytes('b\n')], lines());
    const error = { code: 'content-invalid', framing: 'intact' };
    await expect(reader.next()).rejects.toMatchObject(error);
    expect(await reader.next()).toEqual(DONE);
  });

  test('... or is told to onError, and reading goes on', async () => {
    const codes: string[] = [];
    const onError = ({ code }: RemoteProtocolError): void => void codes.push(code);
    const chunks = [Uint8Array.of(0xff, 0x0a), bytes('a\n'), Uint8Array.of(0x62, 0x0a, 0xff, 0x0a)];
    expect(await all(readFrames(chunks, lines(), { onError }))).toEqual(['a', 'b']);
    expect(codes).toEqual(['content-invalid', 'content-invalid']);
    codes.length = 0;
    const framing = delimited('\n', { maxLength: 4, overlong: 'skip' });
    const some = [bytes('abcdef'), bytes('gh\nab\nabcdefghi\nc\n')];
    expect(await all(readFrames(some, framing, { onError }))).toEqual([bytes('ab'), bytes('c')]);
    expect(codes).toEqual(['frame-too-large', 'frame-too-large']);
  });

  test('onError may throw, switch or end the reading, whether a chunk was waited for or not', async () => {
    const bad = Uint8Array.of(0xff, 0x0a, 0x61, 0x62, 0x0a);
    for (const chunks of [[bad], [bytes('x\n'), bad], [Uint8Array.of(0x78, 0x0a, ...bad)]]) {
      const isFirst = chunks.length === 1 && chunks[0] === bad;
      const read = async (
        onError: (reader: FrameReader<string | Uint8Array>) => void,
      ): Promise<unknown> => {
        const reader: FrameReader<string | Uint8Array> = readFrames<string | Uint8Array>(
          chunks,
          lines(),
          { onError: () => onError(reader) },
        );
        if (!isFirst) expect(await reader.next()).toEqual(frame('x'));
        return reader.next();
      };
      await expect(
        read(() => {
          throw new Error('enough');
        }),
      ).rejects.toThrow('enough');
      expect(await read((reader) => reader.switchTo(fixedLength(2)))).toEqual(frame(bytes('ab')));
      expect(await read((reader) => expect(text(reader.rest())).toBe('ab\n'))).toEqual(DONE);
    }
  });

  test('onError that asks for the next frame is refused, and nothing else changes', async () => {
    const bad = Uint8Array.of(0xff, 0x0a, 0x61, 0x0a);
    for (const isThere of [true, false]) {
      const source = new ScriptedSource();
      const refused: unknown[] = [];
      const reader: FrameReader<string> = readFrames(source, lines(), {
        onError: () => void reader.next().catch((error: unknown) => refused.push(error)),
      });
      if (isThere) {
        const first = reader.next();
        source.giveBytes(Uint8Array.of(0x78, 0x0a, ...bad));
        expect(await first).toEqual(frame('x'));
      }
      const next = reader.next();
      source.giveBytes(bad);
      expect(await next).toEqual(frame('a'));
      expect(refused).toMatchObject([{ code: 'reader-busy' }]);
      expect(source.asked).toBe(1);
    }
  });

  test('onError that ends the reading: no frame comes, and the rest is there', async () => {
    const bad = Uint8Array.of(0xff, 0x0a, 0x61, 0x0a);
    for (const chunks of [[bad], [Uint8Array.of(0x78, 0x0a, ...bad)]]) {
      const reader: FrameReader<string> = readFrames(chunks, lines(), {
        onError: () => void reader.return(),
      });
      if (chunks[0] !== bad) expect(await reader.next()).toEqual(frame('x'));
      expect(await reader.next()).toEqual(DONE);
      expect(text(reader.rest())).toBe('a\n');
    }
  });

  test('onError that takes the rest ends the reading: the source is asked no more', async () => {
    const source = new ScriptedSource();
    const reader: FrameReader<string> = readFrames(source, lines(), {
      onError: () => expect(text(reader.rest())).toBe('a'),
    });
    const next = reader.next();
    source.give('x\n');
    expect(await next).toEqual(frame('x'));
    const last = reader.next();
    source.giveBytes(Uint8Array.of(0xff, 0x0a, 0x61));
    expect(await last).toEqual(DONE);
    expect([source.asked, source.returned]).toEqual([2, 0]);
  });

  test('a stream that a frame above the limit has closed is given back without an error', async () => {
    const source = new ScriptedSource();
    const reader = readFrames(source, delimited('\n', { maxLength: 4, overlong: 'close' }));
    const first = reader.next();
    source.give('a\n');
    expect(await first).toEqual(frame(bytes('a')));
    const second = reader.next();
    source.give('abcdefgh');
    expect(reader.closed).toBe(false);
    expect(await second).toEqual(DONE);
    expect([reader.closed, source.returned]).toEqual([true, 1]);
    const another = new ScriptedSource();
    const both = readFrames(another, delimited('\n', { maxLength: 4, overlong: 'close' }));
    const next = both.next();
    another.give('a\nabcdefgh');
    expect([await next, await both.next()]).toEqual([frame(bytes('a')), DONE]);
    expect(another.returned).toBe(1);
  });

  test('a source that throws passes its error on, behind the frames that came', async () => {
    const source = new ScriptedSource();
    const reader = readFrames(source, lines());
    const first = reader.next();
    source.give('a\nb');
    expect(await first).toEqual(frame('a'));
    const second = reader.next();
    const reason = new Error('reset');
    source.fail(reason);
    await expect(second).rejects.toBe(reason);
    expect(await reader.next()).toEqual(DONE);
    expect(source.returned).toBe(0);
  });

  test('a source that ends in a frame: the error says so, and it is over', async () => {
    const source = new ScriptedSource();
    const reader = readFrames(source, lines());
    const first = reader.next();
    source.give('a\nb');
    await first;
    const second = reader.next();
    source.end();
    await expect(second).rejects.toThrow(TruncatedFrameError);
    expect(await reader.next()).toEqual(DONE);
    expect(source.returned, 'it has ended by itself').toBe(0);
  });
});

async function all<Frame>(reader: AsyncIterable<Frame>): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const each of reader) frames.push(each);
  return frames;
}

/** A stream as some browsers have it. */
function onlyReader(stream: ReadableStream<Uint8Array>): ByteSource {
  return { getReader: () => stream.getReader() };
}

/** All promise jobs that are due. */
function tick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('a bad end that leaves the framing intact is told of once', async () => {
  const errors: RemoteProtocolError[] = [];
  let ends = 0;
  const framing: Framing<never> = {
    createDecoder: () => ({
      closed: false,
      decode: () => NEED_DATA,
      end() {
        // Again and again would be for ever: nothing else could stop it.
        if (ends++ > 0) throw new Error('it was told of the end twice');
        throw new RemoteProtocolError('content-invalid', 'read the end', { framing: 'intact' });
      },
    }),
    createEncoder: () => ({ encode: () => undefined }),
  };
  const onError = (error: RemoteProtocolError): void => void errors.push(error);
  for await (const frame of readFrames([Uint8Array.of(97)], framing, { onError })) {
    throw new Error(`there is no frame ${String(frame)}`);
  }
  expect(errors.map(({ code }) => code)).toEqual(['content-invalid']);
});
