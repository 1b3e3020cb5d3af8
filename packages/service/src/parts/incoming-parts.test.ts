import { binaryMessage, MessageDecoder, MessageEncoder, type Message } from '@wireline/message';
import { NEED_DATA, ReceiveBuffer, SendBuffer } from '@wireline/framing/decoder';
import { describe, expect, test } from 'vitest';
import { IncomingParts } from './incoming-parts.ts';

/** What a part costs besides its content. */
const COST = 256;

/** A part as it comes. */
function part(length: number): Message {
  const sent = new SendBuffer();
  new MessageEncoder().encode(binaryMessage(new Uint8Array(length), 'text/plain'), sent);
  const received = new ReceiveBuffer();
  received.append(sent.bytes.subarray(sent.start, sent.end));
  const message = new MessageDecoder().decode(received);
  if (message === NEED_DATA) throw new Error('decode a part: it is not whole');
  return message;
}

/** Parts, and what their owner hears. */
function create(maxQueued = 1000): {
  readonly parts: IncomingParts;
  readonly heard: string[];
  readonly held: () => number;
  /** The bytes of parts that were lent and are done with. */
  readonly given: Uint8Array[];
} {
  const heard: string[] = [];
  const given: Uint8Array[] = [];
  let held = 0;
  const parts = new IncomingParts(
    {
      hold: (bytes) => void (held += bytes),
      onFull: () => void heard.push('full'),
      onDrained: () => void heard.push('drained'),
      onAbandoned: () => void heard.push('abandoned'),
    },
    maxQueued,
    (bytes) => given.push(bytes),
  );
  return { parts, heard, held: () => held, given };
}

function bytesOf(message: Message): Uint8Array {
  if (message.kind === 'binary') return message.bytes;
  throw new Error('look at a part: it is no bytes');
}

const [one, two, three] = [part(1), part(2), part(3)];
const END = { done: true, value: undefined };

describe('lending', () => {
  test('gives a part back when the next one is asked for: one that was there, and one that came later', async () => {
    const { parts, given } = create();
    parts.push(one);
    const iterator = parts.lent()[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: one });
    expect(given).toEqual([]);
    const second = iterator.next();
    expect(given).toEqual([bytesOf(one)]);
    parts.push(two);
    expect(await second).toEqual({ done: false, value: two });
    parts.end();
    expect(await iterator.next()).toEqual(END);
    expect(given).toEqual([bytesOf(one), bytesOf(two)]);
  });

  test('gives nothing back of what is read without it', async () => {
    const { parts, given } = create();
    parts.push(one);
    parts.end();
    for await (const each of parts) expect(each).toBe(one);
    expect(given).toEqual([]);
  });
});

describe('reading', () => {
  test('what came before and what comes later, in order, and then the end', async () => {
    const { parts } = create();
    parts.push(one);
    const iterator = parts[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: one });
    const [second, third, fourth, fifth] = [
      iterator.next(),
      iterator.next(),
      iterator.next(),
      iterator.next(),
    ];
    parts.push(two);
    parts.push(three);
    parts.end();
    expect(await second).toEqual({ done: false, value: two });
    expect(await third).toEqual({ done: false, value: three });
    expect(await fourth).toEqual(END);
    expect(await fifth).toEqual(END);
    expect(await iterator.next()).toEqual(END);
  });

  test('what waits is read after the end', async () => {
    const { parts } = create();
    parts.push(one);
    parts.end();
    parts.push(two); // nobody's
    const read: Message[] = [];
    for await (const each of parts) read.push(each);
    expect(read).toEqual([one]);
  });

  test('once', () => {
    const { parts } = create();
    parts[Symbol.asyncIterator]();
    expect(() => parts[Symbol.asyncIterator]()).toThrow('they are read already');
  });
});

describe('what waits', () => {
  test('is held until it is read, and one who waits has nothing held', async () => {
    const { parts, held } = create();
    parts.push(two);
    parts.push(three);
    expect([held(), parts.queuedBytes]).toEqual([2 * COST + 5, 2 * COST + 5]);
    const iterator = parts[Symbol.asyncIterator]();
    await iterator.next();
    expect(held()).toBe(COST + 3);
    await iterator.next();
    expect(held()).toBe(0);
    expect(parts.isAwaited).toBe(false);
    const next = iterator.next();
    expect(parts.isAwaited).toBe(true);
    parts.push(two);
    await next;
    expect(held()).toBe(0);
  });

  test('is told to be too much once, and drained at the half', async () => {
    const { parts, heard } = create(4 * COST);
    const empty = part(0);
    for (let count = 0; count < 4; count++) parts.push(empty);
    expect(heard).toEqual([]); // just as much as may
    parts.push(empty);
    parts.push(empty);
    expect(heard).toEqual(['full']);
    const iterator = parts[Symbol.asyncIterator]();
    for (let count = 0; count < 3; count++) await iterator.next();
    expect(heard).toEqual(['full']);
    await iterator.next();
    expect(heard).toEqual(['full', 'drained']);
    for (let count = 0; count < 3; count++) parts.push(empty);
    expect(heard).toEqual(['full', 'drained', 'full']);
  });

  test.each([
    ['a failure', (parts: IncomingParts) => parts.fail(new Error('gone'))],
    ['a reader who stops', (parts: IncomingParts) => void parts[Symbol.asyncIterator]().return?.()],
  ])('is given back by %s, however much it was', (_name, end) => {
    const { parts, heard, held } = create();
    parts.push(part(5000));
    end(parts);
    expect(held()).toBe(0);
    expect(heard.slice(0, 2)).toEqual(['full', 'drained']);
    parts.push(one);
    expect(held()).toBe(0);
  });
});

describe('failing', () => {
  test('reaches those who wait and those who ask later; what waited is for nobody', async () => {
    const { parts } = create();
    const iterator = parts[Symbol.asyncIterator]();
    const waiting = [iterator.next(), iterator.next()];
    const reason = new Error('gone');
    parts.fail(reason);
    for (const each of [...waiting, iterator.next()]) await expect(each).rejects.toBe(reason);
    parts.fail(new Error('another'));
    parts.end();
    await expect(iterator.next()).rejects.toBe(reason);
  });

  test('after the end: what was not read is lost, and what was read is not taken back', async () => {
    const unread = create().parts;
    unread.push(one);
    unread.end();
    unread.fail(new Error('gone'));
    await expect(unread[Symbol.asyncIterator]().next()).rejects.toThrow('gone');
    const read = create().parts;
    const iterator = read[Symbol.asyncIterator]();
    read.push(one);
    read.end();
    await iterator.next();
    read.fail(new Error('gone'));
    expect(await iterator.next()).toEqual(END);
  });
});

describe('a reader who stops', () => {
  test('is told of while more may come, and not after the end', async () => {
    const open = create();
    await open.parts[Symbol.asyncIterator]().return?.();
    expect(open.heard).toEqual(['abandoned']);
    const ended = create();
    ended.parts.push(one);
    ended.parts.end();
    await ended.parts[Symbol.asyncIterator]().return?.();
    expect(ended.heard).toEqual([]);
    expect(ended.held()).toBe(0);
  });

  test('while it waits: it waits no more, and a failure is not news', async () => {
    const { parts } = create();
    const iterator = parts[Symbol.asyncIterator]();
    const waiting = iterator.next();
    expect(await iterator.return?.()).toEqual(END);
    expect(await waiting).toEqual(END);
    parts.fail(new Error('gone'));
    expect(await iterator.next()).toEqual(END);
  });
});
