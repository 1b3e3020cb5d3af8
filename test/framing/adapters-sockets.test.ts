/** Frames over what is real: awaited sockets, streams of Node's, bodies of HTTP, a peer written in Python. */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  delimited,
  encodeFrame,
  FrameDecoderStream,
  lengthPrefixed,
  lines,
  readFrames,
  streamFrames,
} from '@wireline/framing';
import { createDecodeStream, createEncodeStream } from '@wireline/framing/node';
import { createServer, Socket, socketpair } from '@wireline/socket/promises';
import { toNetSocket } from '@wireline/socket/streams';
import { deferred } from '../support/deferred.ts';
import { Program } from '../support/program.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('an awaited socket', () => {
  test('gives its frames, until the peer has sent its last byte', async () => {
    const [one, other] = pair();
    const sent = (async () => {
      for (const word of ['a', 'bc', '', 'd'.repeat(200_000)]) {
        await one.sendAll(encodeFrame(lines(), word));
      }
      one.shutdown('write');
    })();
    const lengths: number[] = [];
    for await (const line of readFrames(other, lines())) lengths.push(line.length);
    await sent;
    expect(lengths).toEqual([1, 2, 0, 200_000]);
    // It is still there, in the other direction.
    await other.sendAll(bytes('bye'));
    expect(await one.recv(10)).toEqual(bytes('bye'));
  });

  test('a protocol that changes: a line, then binary, then somebody else', async () => {
    const [one, other] = pair();
    const frame = encodeFrame(lengthPrefixed('u16'), bytes('body'));
    await one.sendAll(Buffer.concat([bytes('UPGRADE\n'), frame, bytes('tail')]));
    const reader = readFrames(other, lines());
    expect((await reader.next()).value).toBe('UPGRADE');
    const binary = reader.switchTo(lengthPrefixed('u16'));
    expect((await binary.next()).value).toEqual(bytes('body'));
    expect(binary.rest()).toEqual(bytes('tail'));
    await one.sendAll(bytes('more'));
    expect(await other.recv(10), 'the reader has let go of it').toEqual(bytes('more'));
  });

  test('an answer for each request, both through frames', async () => {
    await using server = await createServer({ host: '127.0.0.1', port: 0 });
    const framing = lengthPrefixed('u32');
    const serve = (async () => {
      const { socket } = await server.accept();
      await using connection = socket;
      for await (const frame of readFrames(connection, framing)) {
        await connection.sendAll(encodeFrame(framing, frame.toReversed()));
      }
    })();
    const address = server.getsockname();
    await using client = new Socket();
    await client.connect(address);
    const answers = readFrames(client, framing);
    for (const word of ['abc', '', 'x'.repeat(100_000)]) {
      await client.sendAll(encodeFrame(framing, bytes(word)));
      expect((await answers.next()).value).toEqual(bytes(word).toReversed());
    }
    client.close();
    await serve;
  });

  test('that is reset passes its error on', async () => {
    const { socket, peer } = await connection();
    await peer.sendAll(bytes('a\nb'));
    const reader = readFrames(socket, lines());
    expect((await reader.next()).value).toBe('a');
    const next = reader.next();
    peer.setsockopt('SO_LINGER', 0); // closing resets
    peer.close();
    await expect(next).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });

  test('a large frame is streamed as it comes', async () => {
    const { socket, peer } = await connection();
    const length = 16 * 1024 * 1024;
    const framing = lengthPrefixed('u64', { maxLength: 2 ** 32 });
    const header = encodeFrame(framing, new Uint8Array(0));
    new DataView(header.buffer, header.byteOffset).setBigUint64(0, BigInt(length));
    const sent = peer
      .sendAll(header)
      .then(() => peer.sendAll(new Uint8Array(length).fill(7)))
      .then(() => peer.sendAll(encodeFrame(framing, bytes('next'))))
      .then(() => peer.close());
    const lengths: number[] = [];
    for await (const frame of streamFrames(socket, framing)) {
      let [sum, longest] = [0, 0];
      for await (const piece of frame) {
        sum += piece.length;
        longest = Math.max(longest, piece.length);
      }
      lengths.push(sum);
      expect(longest).toBeLessThanOrEqual(128 * 1024);
    }
    await sent;
    expect(lengths).toEqual([length, 4]);
  });
});

describe('streams of Node’s', () => {
  test('a pipeline over native sockets answers each line', async () => {
    const [one, other] = pair();
    const stream = toNetSocket(other);
    const echo = pipeline(
      stream,
      createDecodeStream(lines()),
      async function* (words: AsyncIterable<string>) {
        for await (const word of words) yield word.toUpperCase();
      },
      createEncodeStream(lines()),
      stream,
    );
    const answers = readFrames(one, lines());
    for (const word of ['one', 'two']) {
      await one.sendAll(encodeFrame(lines(), word));
      expect((await answers.next()).value).toBe(word.toUpperCase());
    }
    one.shutdown('write');
    expect((await answers.next()).done).toBe(true);
    await echo;
  });

  test('a broken peer fails the pipeline and closes the connection', async () => {
    const [one, other] = pair();
    const framing = delimited('\n', { maxLength: 8 });
    const check = async (frames: AsyncIterable<Uint8Array>): Promise<void> => {
      for await (const frame of frames) expect(frame.length).toBe(2);
    };
    const reading = pipeline(toNetSocket(other), createDecodeStream(framing), check);
    await one.sendAll(bytes('ab\nabcdefghijkl'));
    await expect(reading).rejects.toMatchObject({ code: 'frame-too-large' });
    const end = await one.recv(1).catch((error: { readonly code: string }) => error.code);
    expect([bytes(''), 'ECONNRESET']).toContainEqual(end);
  });

  test('the rest goes back to a stream that was lent as an iterator', async () => {
    const [one, other] = pair();
    const stream = toNetSocket(other);
    onTestFinished(() => void stream.destroy());
    await one.sendAll(bytes('CONNECT\nraw '));
    const chunks: AsyncIterableIterator<Uint8Array> = stream.iterator({ destroyOnReturn: false });
    const reader = readFrames(chunks, lines());
    expect((await reader.next()).value).toBe('CONNECT');
    stream.unshift(reader.rest());
    await chunks.return?.();
    await one.sendAll(bytes('bytes'));
    one.shutdown('write');
    const text: string[] = [];
    stream.on('data', (chunk: Buffer) => text.push(chunk.toString()));
    await once(stream, 'end');
    expect(text.join('')).toBe('raw bytes');
  });

  test('leaving the loop closes the stream', async () => {
    const [one, other] = pair();
    const stream = toNetSocket(other);
    await one.sendAll(bytes('a\nb\n'));
    for await (const line of readFrames<string>(stream, lines())) if (line === 'a') break;
    expect(stream.destroyed).toBe(true);
  });
});

describe('a body of HTTP', () => {
  test('is read while it comes, and let go in the middle', async () => {
    const closed = deferred();
    const server = createHttpServer((_request, response) => {
      response.on('close', closed.resolve);
      response.write('{"n":1}\n{"n"');
      // The second half comes when the first has been read.
      server.once('more', () => response.write(':2}\n{"n":3'));
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as { port: number }; // it listens on a port
    const { body } = await fetch(`http://127.0.0.1:${port}/`);
    const seen: unknown[] = [];
    for await (const line of readFrames(body ?? [], lines())) {
      seen.push(JSON.parse(line));
      if (seen.length === 2) break;
      server.emit('more');
    }
    expect(seen).toEqual([{ n: 1 }, { n: 2 }]);
    await closed.promise;
  });

  test('goes through a stream of frames, and a whole one comes back', async () => {
    const words = Array.from({ length: 1000 }, (_, index) => `line ${index}`);
    const server = createHttpServer((request, response) => void request.pipe(response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number }; // it listens on a port
    const { body } = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      body: words.map((word) => `${word}\n`).join(''),
    });
    const got: string[] = [];
    const frames = body?.pipeThrough(new FrameDecoderStream(lines()));
    for await (const line of frames ?? []) got.push(line);
    expect(got).toEqual(words);
  });
});

/** Answers each frame, `struct.pack('!H')` and so many bytes, with its bytes reversed; at the end says how many. */
const PEER = `
import socket, struct, sys
listener = socket.create_server(("127.0.0.1", 0))
print("listening on 127.0.0.1:%d" % listener.getsockname()[1], flush=True)
connection, _ = listener.accept()
stream = connection.makefile("rb")
count = 0
while True:
    head = stream.read(2)
    if len(head) < 2:
        break
    content = stream.read(struct.unpack("!H", head)[0])
    connection.sendall(head)  # head and content apart, so that frames come cut
    connection.sendall(content[::-1])
    count += 1
connection.close()
print("frames:", count, flush=True)
`;

test('a peer in Python reads what is written and is read', async () => {
  await using peer = Program.run('python3', '-c', PEER);
  const port = await peer.port();
  const framing = lengthPrefixed('u16');
  const words = ['a', '', 'hello', 'x'.repeat(60_000), 'ä🐰'];
  const stream = connect({ port, host: '127.0.0.1' });
  const frames = createEncodeStream(framing);
  frames.pipe(stream);
  const reader = readFrames<Uint8Array>(stream, framing);
  for (const word of words) {
    frames.write(bytes(word));
    expect((await reader.next()).value).toEqual(bytes(word).toReversed());
  }
  frames.end();
  expect((await reader.next()).done).toBe(true);
  await peer.says(/frames: 5\n/);
});

/** Two connected sockets, closed behind the test. */
function pair(): [Socket<'unix'>, Socket<'unix'>] {
  const [one, other] = socketpair();
  onTestFinished(() => {
    one.close();
    other.close();
  });
  return [one, other];
}

/** Two sockets connected by TCP, closed behind the test. */
async function connection(): Promise<{ readonly socket: Socket; readonly peer: Socket }> {
  await using server = await createServer({ host: '127.0.0.1', port: 0 });
  const peer = new Socket();
  const [{ socket }] = await Promise.all([server.accept(), peer.connect(server.getsockname())]);
  onTestFinished(() => {
    socket.close();
    peer.close();
  });
  return { socket, peer };
}
