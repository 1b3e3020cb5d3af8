/** The check of an echo server: what is right passes, and each way to be wrong is noticed. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { checkEcho, MESSAGE } from './exchange.ts';

/** Where the block begins that follows the message. */
const BLOCK = MESSAGE.length;

/** Checks a server on `node:net` that serves its one connection so. */
async function check(serve: (socket: Socket) => void): Promise<Buffer> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    // A server that listens at a port has such an address.
    return await checkEcho((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

/** Echoes what `change` makes of each chunk, told how many bytes came before it. */
function echo(change: (chunk: Buffer, at: number) => Buffer): (socket: Socket) => void {
  return (socket) => {
    let at = 0;
    socket.on('data', (chunk) => {
      socket.write(change(chunk, at));
      at += chunk.length;
    });
    socket.on('end', () => socket.end());
  };
}

test('a right server is one that keeps all it cannot send', async () => {
  expect(await check(echo((chunk) => chunk))).toEqual(MESSAGE);
});

test('and one that does not read from a peer that does not read', async () => {
  expect(await check((socket) => socket.pipe(socket))).toEqual(MESSAGE);
});

test.each([
  ['other bytes', echo((chunk) => Buffer.alloc(chunk.length, 7)), 'the bytes are others'],
  [
    'a lost byte',
    echo((chunk, at) => chunk.subarray(at === BLOCK ? 1 : 0)),
    'of a block of 16777216 bytes 16777215 came back',
  ],
  [
    'a changed byte',
    echo((chunk, at) =>
      at === BLOCK ? Buffer.concat([chunk.subarray(1), chunk.subarray(0, 1)]) : chunk,
    ),
    '16777216 came back, and they differ',
  ],
  [
    'the end of the stream before all is sent',
    (socket: Socket) => {
      socket.on('data', (chunk) => socket.write(chunk)); // keeps what the peer does not read
      socket.on('end', () => socket.destroy());
    },
    'check the echo',
  ],
  ['an end too early', (socket: Socket) => socket.end(), 'it ended early'],
])('%s is not right', async (_, serve, reason) => {
  await expect(check(serve)).rejects.toThrow(reason);
});
