/** A connection as a file. */
import { BlockingIOError, LimitError } from '@wireline/socket';
import { describe, expect, test } from 'vitest';
import { FACES, type FaceSocket } from './face.ts';
import { digestOf, pair, pattern, receiveToEnd } from './sockets.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Whether `socket` has received nothing so far. On loopback what was sent is there at once. */
async function hasNothing(socket: FaceSocket): Promise<boolean> {
  try {
    await socket.recv(1, { flags: ['MSG_PEEK', 'MSG_DONTWAIT'] });
    return false;
  } catch (error) {
    return error instanceof BlockingIOError;
  }
}

describe.each(FACES)('$title', (face) => {
  test('lines come with their line feed, the last one as it is, and then none', async () => {
    const [near, far] = await pair(face);
    await far.sendAll(encode('one\r\n\ntwo\nthree'));
    far.close();
    const file = near.makeFile();
    const lines: string[] = [];
    for (let i = 0; i < 6; i++) lines.push(decode(await file.readLine()));
    expect(lines).toEqual(['one\r\n', '\n', 'two\n', 'three', '', '']);
  });

  test.each([1, 2, 3, 5, 8192])('lines through a buffer of %d bytes', async (bufferSize) => {
    const [near, far] = await pair(face);
    await far.sendAll(encode('a\nbcd\nefghijklmnop\n'));
    far.shutdown('write');
    const lines: string[] = [];
    for await (const line of near.makeFile({ bufferSize })) lines.push(decode(line));
    expect(lines).toEqual(['a\n', 'bcd\n', 'efghijklmnop\n']);
  });

  test('a line that comes in pieces', async () => {
    const [near, far] = await pair(face);
    const file = near.makeFile();
    await far.sendAll(encode('first\nsec'));
    expect(decode(await file.readLine())).toBe('first\n');
    await far.sendAll(encode('ond\n'));
    expect(decode(await file.readLine())).toBe('second\n');
  });

  test('a line without end is refused at the limit, and can still be read', async () => {
    const [near, far] = await pair(face);
    await far.sendAll(encode('0123456789\n'));
    const file = near.makeFile();
    await expect((async () => file.readLine({ limit: 10 }))()).rejects.toThrow(LimitError);
    expect(decode(await file.readLine({ limit: 11 }))).toBe('0123456789\n');
  });

  test('read gives as many bytes as it was asked for, and fewer only at the end', async () => {
    const [near, far] = await pair(face);
    const bytes = pattern(100_000);
    await far.sendAll(bytes.subarray(0, 50_000));
    await far.sendAll(bytes.subarray(50_000));
    far.close();
    const file = near.makeFile();
    const parts = [
      await file.read(0),
      await file.read(7),
      await file.read(90_000),
      await file.read(50_000),
    ];
    expect(parts.map(({ length }) => length)).toEqual([0, 7, 90_000, 9_993]);
    expect(digestOf(Buffer.concat(parts))).toBe(digestOf(bytes));
    expect(await file.read(1)).toHaveLength(0);
  });

  test('every byte is a byte: what is read is not taken for text', async () => {
    const [near, far] = await pair(face);
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    await far.sendAll(bytes);
    far.close();
    const file = near.makeFile();
    const first = await file.readLine();
    expect([...first]).toEqual([...bytes.subarray(0, 11)]);
    expect([...(await file.readToEnd())]).toEqual([...bytes.subarray(11)]);
  });

  test('readToEnd stops at its limit, and what came can still be read', async () => {
    const [near, far] = await pair(face);
    await far.sendAll(pattern(1001));
    far.close();
    const file = near.makeFile();
    await expect((async () => file.readToEnd({ limit: 1000 }))()).rejects.toThrow(LimitError);
    expect(digestOf(await file.readToEnd({ limit: 1001 }))).toBe(digestOf(pattern(1001)));
  });

  test('what was written and not flushed has not been sent', async () => {
    const [near, far] = await pair(face);
    const file = near.makeFile();
    await file.write(encode('question?\n'));
    expect(await hasNothing(far)).toBe(true);
    await file.flush();
    expect(decode(await far.recv(100))).toBe('question?\n');
    await file.flush();
    expect(await hasNothing(far)).toBe(true);
  });

  test('closing the file flushes it, and leaves the socket open', async () => {
    const [near, far] = await pair(face);
    const file = near.makeFile();
    await file.write(encode('last words'));
    await file.close();
    expect(decode(await far.recv(100))).toBe('last words');
    await near.sendAll(encode('more'));
    expect(decode(await far.recv(100))).toBe('more');
  });

  test('a forgotten flush: the socket closes, and the peer gets nothing', async () => {
    const [near, far] = await pair(face);
    await near.makeFile().write(encode('lost'));
    near.close();
    expect(await far.recv(100)).toHaveLength(0);
  });

  test('a file that is disposed of is flushed', async () => {
    const [near, far] = await pair(face);
    const open = near.makeFile();
    await open.write(encode('flushed'));
    if (Symbol.asyncDispose in open) {
      await using file = open;
      expect(file).toBe(open);
    } else {
      using file = open;
      expect(file).toBe(open);
    }
    expect(decode(await far.recv(100))).toBe('flushed');
  });

  test('a full buffer leaves by itself, in the order of writing', async () => {
    const [near, far] = await pair(face);
    const file = near.makeFile({ bufferSize: 4 });
    for (const text of ['ab', 'cd', 'e', 'fghijklmnop', 'q']) await file.write(encode(text));
    expect(decode(await far.recvExactly(16))).toBe('abcdefghijklmnop');
    expect(await hasNothing(far)).toBe(true);
    await file.close();
    near.close();
    expect(decode(await receiveToEnd(far))).toBe('q');
  });

  test('what was written may be changed afterwards: the file has a copy', async () => {
    const [near, far] = await pair(face);
    const file = near.makeFile();
    const bytes = Uint8Array.of(1, 2);
    await file.write(bytes);
    bytes.fill(9);
    await file.close();
    expect([...(await far.recv(10))]).toEqual([1, 2]);
  });

  test('both directions at once: a conversation in lines', async () => {
    const [near, far] = await pair(face);
    const [ours, theirs] = [near.makeFile(), far.makeFile()];
    for (let i = 0; i < 10; i++) {
      await ours.write(encode(`${i}?\n`));
      await ours.flush();
      const question = decode(await theirs.readLine());
      await theirs.write(encode(question.replace('?', '!')));
      await theirs.flush();
      expect(decode(await ours.readLine())).toBe(`${i}!\n`);
    }
  });

  test.each([0, -1, 1.5, Number.NaN])('a buffer of %d bytes is refused', async (bufferSize) => {
    const [near] = await pair(face);
    expect(() => near.makeFile({ bufferSize })).toThrow(RangeError);
  });
});
