/** The client in C against servers of `node:net`: what it sends, and what it takes for a whole answer. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../compile.ts';
import { Program } from '../program.ts';

let client: string;

beforeAll(async () => {
  client = await compile('bench/load/stream.c');
});

const BYTES = 200_000;
const PART = 65_536;

/** Runs the client against a server that serves its one connection so. */
async function run(
  [protocol, direction]: readonly ['raw' | 'wireline', 'up' | 'down'],
  serve: (socket: Socket) => void,
): Promise<unknown> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    // A server that listens at a port has such an address.
    const { port } = server.address() as AddressInfo;
    const numbers = [port, BYTES, PART].map(String);
    const program = await Program.start('stream', [client, protocol, direction, ...numbers]);
    return JSON.parse(await program.result());
  } finally {
    server.close();
  }
}

/** A message as it stands on the wire. */
interface Message {
  readonly header: Readonly<Record<string, unknown>>;
  readonly content: Buffer;
}

/** Hands on each message that comes on a socket. */
function onMessages(socket: Socket, handle: (message: Message) => void): void {
  let received = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    while (received.length > 2) {
      const headerEnd = 2 + received.readUInt16BE(0);
      if (received.length < headerEnd) return;
      // A header is an object.
      const header = JSON.parse(received.toString('utf8', 2, headerEnd)) as Message['header'];
      const end = headerEnd + Number(header['content-length']);
      if (received.length < end) return;
      handle({ header, content: received.subarray(headerEnd, end) });
      received = received.subarray(end);
    }
  });
}

/** A message that answers request 1. */
function createMessage(content: string | Buffer, extensions: string): Buffer {
  const bytes = Buffer.from(content);
  const type = typeof content === 'string' ? 'text/json' : 'application/octet-stream';
  const header = `{"byteorder": "little", "content-type": "${type}", "content-encoding": "utf-8", "content-length": ${bytes.length}, ${extensions}}`;
  const prefix = Buffer.alloc(2);
  prefix.writeUInt16BE(header.length);
  return Buffer.concat([prefix, Buffer.from(header), bytes]);
}

const WHOLE = { bytes: BYTES, seconds: expect.toSatisfy((seconds) => Number(seconds) > 0) };

describe('raw', () => {
  test('up: says that it wants nothing, sends all, and waits for the end', async () => {
    let received = Buffer.alloc(0);
    const report = await run(['raw', 'up'], (socket) => {
      socket.on('data', (chunk) => {
        received = Buffer.concat([received, chunk]);
      });
      socket.on('end', () => socket.end());
    });
    expect(report).toMatchObject(WHOLE);
    expect(received.length).toBe(8 + BYTES);
    expect(received.readBigUInt64BE(0)).toBe(0n);
  });

  test('down: says what it wants, and counts what comes', async () => {
    let wanted = 0n;
    const report = await run(['raw', 'down'], (socket) => {
      socket.once('data', (chunk) => {
        wanted = chunk.readBigUInt64BE(0);
        socket.end(Buffer.alloc(BYTES));
      });
    });
    expect(report).toMatchObject(WHOLE);
    expect(wanted).toBe(BigInt(BYTES));
  });

  test('down: a byte that is missing fails it', async () => {
    const short = run(['raw', 'down'], (socket) => {
      socket.once('data', () => socket.end(Buffer.alloc(BYTES - 1)));
    });
    await expect(short).rejects.toThrow('of 200000 bytes it has 199999');
  });
});

describe('wireline up', () => {
  test('sends parts of one request, the last one empty', async () => {
    const messages: Message[] = [];
    const report = await run(['wireline', 'up'], (socket) => {
      onMessages(socket, (message) => {
        messages.push(message);
        const { more } = message.header;
        if (!more) socket.write(createMessage(`{"length": ${BYTES}}`, '"in-reply-to": 1'));
      });
    });
    expect(report).toMatchObject(WHOLE);
    expect(messages.map(({ content }) => content.length)).toEqual([PART, PART, PART, 3392, 0]);
    const [first, second, , , last] = messages.map(({ header }) => header);
    const type = 'application/octet-stream';
    expect(first).toMatchObject({
      'content-type': type,
      'message-id': 1,
      more: true,
      action: 'upload',
      input: {},
    });
    expect(second).toMatchObject({ 'content-type': type, 'message-id': 1, more: true });
    expect(second).not.toHaveProperty('action');
    expect(last).toMatchObject({ 'content-type': type, 'message-id': 1 });
    expect(last).not.toHaveProperty('more');
  });

  test.each([
    ['another length', createMessage('{"length": 7}', '"in-reply-to": 1'), 'it has 7'],
    ['an error', createMessage('{"error": "no"}', '"in-reply-to": 1'), '{"error": "no"}'],
    ['an answer to nothing', createMessage('{"length": 200000}', '"x": 1'), '"x": 1'],
    ['no answer', Buffer.alloc(0), 'the server closed the connection'],
  ])('%s fails it', async (_, answer, reason) => {
    const running = run(['wireline', 'up'], (socket) => {
      onMessages(socket, ({ header }) => {
        if (!('more' in header)) socket.end(answer);
      });
    });
    await expect(running).rejects.toThrow(reason);
  });
});

describe('wireline down', () => {
  const half = Buffer.alloc(BYTES / 2);

  test('asks for as much as it wants, and counts the parts, however they come', async () => {
    let asked: Message | undefined;
    const answer = Buffer.concat([
      createMessage(half, '"in-reply-to": 1, "more": true'),
      createMessage(half, '"in-reply-to": 1, "more": true'),
      createMessage(Buffer.alloc(0), '"in-reply-to": 1'),
    ]);
    const report = await run(['wireline', 'down'], (socket) => {
      socket.setNoDelay();
      onMessages(socket, (message) => {
        asked = message;
        // The first header comes byte by byte, and the rest at once.
        for (let at = 0; at < 160; at++) socket.write(answer.subarray(at, at + 1));
        socket.write(answer.subarray(160));
      });
    });
    expect(report).toMatchObject(WHOLE);
    expect(JSON.parse(String(asked?.content))).toEqual({
      action: 'download',
      length: BYTES,
      part: PART,
    });
  });

  test.each([
    ['an end too early', [createMessage(half, '"in-reply-to": 1')], 'it has 100000'],
    [
      'an error in the middle',
      [
        createMessage(half, '"in-reply-to": 1, "more": true'),
        createMessage('{"error": "no"}', '"in-reply-to": 1'),
      ],
      '{"error": "no"}',
    ],
    [
      'something behind the last part',
      [createMessage(Buffer.alloc(BYTES), '"in-reply-to": 1'), Buffer.from('more')],
      'something follows it',
    ],
  ])('%s fails it', async (_, answer, reason) => {
    const running = run(['wireline', 'down'], (socket) => {
      onMessages(socket, () => socket.end(Buffer.concat(answer)));
    });
    await expect(running).rejects.toThrow(reason);
  });
});
