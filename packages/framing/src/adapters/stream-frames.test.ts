/** Frames as streams: what is read, what is skipped, what is refused, and how much memory it takes. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { TruncatedFrameError, type RemoteProtocolError } from '../errors.ts';
import { delimited } from '../framings/delimited.ts';
import { fixedLength } from '../framings/fixed-length.ts';
import { lengthPrefixed } from '../framings/length-prefixed.ts';
import { untilClose } from '../framings/until-close.ts';
import { streamFrames, type FrameStream, type FrameStreams } from './stream-frames.ts';

const MiB = 1024 * 1024;
const DONE = { done: true, value: undefined };

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A source that counts how often it is given back. */
class Source implements AsyncIterable<Uint8Array> {
  returned = 0;
  readonly #chunks: readonly string[];

  constructor(...chunks: readonly string[]) {
    this.#chunks = chunks;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    let isOver = false;
    try {
      for (const chunk of this.#chunks) yield bytes(chunk);
      isOver = true;
    } finally {
      if (!isOver) this.returned++;
    }
  }
}

async function textOf(frame: FrameStream): Promise<string> {
  let text = '';
  for await (const chunk of frame) text += new TextDecoder().decode(chunk);
  return text;
}

describe('streamFrames', () => {
  test('gives each frame as the pieces in which it comes', async () => {
    const pieces: string[][] = [];
    const source = new Source('ab', 'cd\nef\ngh', 'i', '\n\n');
    for await (const frame of streamFrames(source, delimited('\n'))) {
      const chunks: string[] = [];
      for await (const chunk of frame) chunks.push(new TextDecoder().decode(chunk));
      pieces.push(chunks);
    }
    expect(pieces.map((chunks) => chunks.join(''))).toEqual(['abcd', 'ef', 'ghi', '']);
    expect(pieces[3], 'no piece is empty').toEqual([]);
  });

  test('frames that were not read, or not to their end, are skipped', async () => {
    const texts: string[] = [];
    let number = 0;
    const source = new Source('one one', '\ntwo', ' two\nthree', '\nfo', 'ur\n', 'five\nsix\n');
    for await (const frame of streamFrames(source, delimited('\n'))) {
      number++;
      if (number === 2) {
        for await (const chunk of frame) {
          texts.push(new TextDecoder().decode(chunk));
          break;
        }
        expect(await frame.next()).toEqual(DONE);
      } else if (number % 2 === 0) {
        texts.push(await textOf(frame));
      }
    }
    expect(texts).toEqual(['two', 'four', 'six']);
    expect(source.returned).toBe(0);
  });

  test('a frame that has passed is refused, not given as if it were shorter', async () => {
    const streams = streamFrames(new Source('one', ' one\ntwo\nthree\n'), delimited('\n'));
    const [first, second, third] = [
      await streams.next(),
      await streams.next(),
      await streams.next(),
    ];
    for (const { value } of [first, second]) {
      await expect(value?.next()).rejects.toMatchObject({
        code: 'frame-passed',
        message: expect.stringContaining('read a frame to its end first'),
      });
    }
    expect(third.value && (await textOf(third.value))).toBe('three');
    expect(await streams.next()).toEqual(DONE);
    expect(await third.value?.next(), 'one that was read is over, not passed').toEqual(DONE);
  });

  test('the next frame while a piece is being waited for is refused, and changes nothing', async () => {
    let give: (chunk: IteratorResult<Uint8Array>) => void = () => {};
    const chunks = [bytes('a'), undefined];
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: () =>
          new Promise<IteratorResult<Uint8Array>>((resolve) => {
            const value = chunks.shift();
            if (value === undefined) give = resolve;
            else resolve({ done: false, value });
          }),
      }),
    };
    const streams = streamFrames(source, delimited('\n'));
    const { value: frame } = await streams.next();
    expect(await frame?.next()).toEqual({ done: false, value: bytes('a') });
    const piece = frame?.next();
    await expect(streams.next()).rejects.toMatchObject({ code: 'reader-busy' });
    await expect(frame?.next()).rejects.toMatchObject({ code: 'reader-busy' });
    give({ done: false, value: bytes('b\nc\n') });
    expect(await piece).toEqual({ done: false, value: bytes('b') });
    expect(await frame?.next()).toEqual(DONE);
    const { value: next } = await streams.next();
    expect(next && (await textOf(next))).toBe('c');
  });

  test('leaving the loop gives the source back, and what was being read is over', async () => {
    const source = new Source('one', ' one\ntwo\n');
    let left: FrameStream | undefined;
    for await (const frame of streamFrames(source, delimited('\n'))) {
      left = frame;
      await frame.next();
      break;
    }
    expect(source.returned).toBe(1);
    expect(await left?.next()).toEqual(DONE);
    const other = new Source('one');
    {
      await using streams = streamFrames(other, delimited('\n'));
      await streams.next();
    }
    expect(other.returned).toBe(1);
  });

  test('a stream that ends in a frame throws where it is read, and where it is skipped', async () => {
    const streams = streamFrames(new Source('one', ' on'), delimited('\n'));
    const { value: frame } = await streams.next();
    expect(await frame?.next()).toEqual({ done: false, value: bytes('one') });
    expect(await frame?.next()).toEqual({ done: false, value: bytes(' on') });
    await expect(frame?.next()).rejects.toThrow(TruncatedFrameError);
    expect(await streams.next()).toEqual(DONE);
    const others = streamFrames(new Source('one', ' on'), delimited('\n'));
    await others.next();
    await expect(others.next()).rejects.toThrow(TruncatedFrameError);
  });

  test('who asks for many pieces at once gets one: the others are refused, and no byte is lost', async () => {
    const chunks = [bytes('aaaa'), bytes('bb\ncc\n')];
    const streams = streamFrames(chunks, delimited('\n'));
    const { value: frame } = await streams.next();
    const outcomes = await Promise.allSettled([frame?.next(), frame?.next(), frame?.next()]);
    expect(outcomes).toMatchObject([
      { value: { value: bytes('aaaa') } },
      { reason: { code: 'reader-busy' } },
      { reason: { code: 'reader-busy' } },
    ]);
    expect(await frame?.next()).toEqual({ done: false, value: bytes('bb') });
    expect(await frame?.next()).toEqual(DONE);
    const both = await Promise.allSettled([streams.next(), streams.next()]);
    expect(both).toMatchObject([{ status: 'fulfilled' }, { reason: { code: 'reader-busy' } }]);
    expect(await streams.next()).toEqual(DONE);
  });

  test('one frame until the end of the stream', async () => {
    const texts: string[] = [];
    for await (const frame of streamFrames(new Source('a', 'b'), untilClose())) {
      texts.push(await textOf(frame));
    }
    expect(texts).toEqual(['ab']);
  });

  test('a frame of 1 GiB goes through memory that does not grow with it', async () => {
    const length = 1024 * MiB;
    const memory = new Uint8Array(MiB);
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Uint8Array.of(0, 0, 0, 0, 0x40, 0, 0, 0);
      for (let sent = 0; sent < length; sent += memory.length) yield memory;
    }
    const framing = lengthPrefixed('u64', { maxLength: 2 * length });
    const before = usedMemory();
    let [received, most] = [0, 0];
    for await (const frame of streamFrames(source(), framing)) {
      for await (const chunk of frame) {
        received += chunk.length;
        if (received % (256 * MiB) === 0) most = Math.max(most, usedMemory() - before);
      }
    }
    expect(received).toBe(length);
    // An eighth of it. 10 to 75 MiB are usual, with the version of V8: pieces whose memory the collector has not given back yet.
    expect(most).toBeLessThan(128 * MiB);
  });
});

describe('a frame above the limit', () => {
  const framing = (overlong: 'skip' | 'close') => delimited('\n', { maxLength: 10, overlong });
  const LONG = ['ok\naaaa', 'bbbb', 'cccc', '\nok\n'];

  test('that closes the stream is not given as if it were whole', async () => {
    const source = new Source(...LONG);
    const streams = streamFrames(source, framing('close'));
    const { value: first } = await streams.next();
    expect(first && (await textOf(first))).toBe('ok');
    expect(streams.closed).toBe(false);
    const { value: frame } = await streams.next();
    await expect(textOf(frame as FrameStream)).rejects.toMatchObject({
      name: 'RemoteProtocolError',
      code: 'frame-too-large',
      framing: 'lost',
    });
    expect(await streams.next()).toEqual(DONE);
    expect([streams.closed, source.returned]).toEqual([true, 1]);
    expect(() => streams.rest()).toThrow(/take the rest: the last piece of a frame has not come/);
  });

  test('that closes the stream while it is skipped ends the loop', async () => {
    const streams = streamFrames(new Source(...LONG), framing('close'));
    const frames: FrameStream[] = [];
    for await (const frame of streams) frames.push(frame);
    expect([frames.length, streams.closed]).toEqual([2, true]);
    await expect(frames[1]?.next()).rejects.toMatchObject({ code: 'frame-passed' });
  });

  test('that is skipped throws where it is read, and the next one comes', async () => {
    const source = new Source(...LONG);
    const texts: string[] = [];
    for await (const frame of streamFrames(source, framing('skip'))) {
      const text = textOf(frame);
      texts.push(await text.catch(({ code }: RemoteProtocolError) => code));
    }
    expect(texts).toEqual(['ok', 'frame-too-large', 'ok']);
    expect(source.returned).toBe(0);
  });

  test.each([
    ['of which pieces were given', LONG],
    ['of which none was', ['ok\n', 'aaaabbbbcccc\nok\n']],
  ])('that is skipped by the reader, too, is told to onError: one %s', async (_name, chunks) => {
    const codes: string[] = [];
    const onError = ({ code }: RemoteProtocolError): void => void codes.push(code);
    const options = { onError };
    const streams = streamFrames(new Source(...chunks), framing('skip'), options);
    const frames: FrameStream[] = [];
    for await (const frame of streams) frames.push(frame);
    expect(codes).toEqual(['frame-too-large']);
    expect(frames).toHaveLength(chunks === LONG ? 3 : 2);
    const source = new Source(...chunks);
    const untold = streamFrames(source, framing('skip'));
    const read = async (): Promise<void> => {
      for await (const frame of untold) void frame;
    };
    await expect(read()).rejects.toMatchObject({ code: 'frame-too-large', framing: 'intact' });
    expect(await untold.next()).toEqual(DONE);
    expect(source.returned).toBe(1);
  });

  test('onError may switch, take the rest or end the reading', async () => {
    for (const chunks of [LONG, ['ok\n', 'aaaabbbbcccc\nok\n']]) {
      const read = async (act: (streams: FrameStreams) => void): Promise<string[]> => {
        const onError = (): void => act(streams);
        const streams: FrameStreams = streamFrames(chunks.map(bytes), framing('skip'), { onError });
        const texts: string[] = [];
        for await (const frame of streams) {
          const { value } = await frame.next();
          texts.push(new TextDecoder().decode(value));
        }
        return texts;
      };
      const before = chunks === LONG ? ['ok', 'aaaa'] : ['ok'];
      expect(await read((streams) => streams.switchTo(fixedLength(3)))).toEqual([
        ...before,
        'ok\n',
      ]);
      const rest = (streams: FrameStreams): void => expect(streams.rest()).toEqual(bytes('ok\n'));
      expect(await read(rest)).toEqual(before);
      expect(await read((streams) => void streams.return())).toEqual(before);
    }
  });
});

describe('between two frames', () => {
  test('other framings go on, and the rest is somebody else’s', async () => {
    const source = new Source('2\nabc', 'd\nmore');
    const streams = streamFrames(source, delimited('\n'));
    const { value: head } = await streams.next();
    expect(head && (await textOf(head))).toBe('2');
    const { value: body } = await streams.switchTo(fixedLength(2)).next();
    expect(body && (await textOf(body))).toBe('ab');
    const { value: long } = await streams.switchTo(fixedLength(100)).next();
    expect(await long?.next()).toEqual({ done: false, value: bytes('c') });
    const refusals = [() => streams.rest(), () => streams.switchTo(delimited('\n'))];
    for (const refused of refusals) {
      expect(refused).toThrow(expect.objectContaining({ code: 'reader-busy' }));
    }
    const others = streamFrames(new Source('a\nb\ncd'), delimited('\n'));
    await others.next();
    const next = others.next();
    expect(() => others.rest(), 'the frame is there, and has not been given').toThrow(/await next/);
    await next;
    expect(others.rest()).toEqual(bytes('cd'));
    expect(await others.next()).toEqual(DONE);
  });
});

test('what is no framing is refused, and what to do is said', () => {
  // Callers without types pass it.
  const none = delimited as unknown as ReturnType<typeof delimited>;
  expect(() => streamFrames([], none)).toThrow(TypeError);
  expect(() => streamFrames([], none)).toThrow('the framing is a function; call it');
});

/** What is held, once everything that is not is collected. */
function usedMemory(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)(); // the flag puts it there
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
