/**
 * A file that ends where its sender closes: received piece by piece, never held.
 *
 *   npm run example -- framing-until-close 127.0.0.1 65432            the server, in one terminal
 *   npm run example -- framing-until-close 127.0.0.1 65432 LICENSE    a client, in another one, sends a file
 *   head -c 100 LICENSE | nc -N 127.0.0.1 65432                       one that sends a part, and closes as well
 *
 * The server prints `127.0.0.1:50000: 1077 bytes, 9f86d0...`: how many came, and their SHA-256, which `sha256sum`
 * prints, too. It sends both back: the client has closed for sending, and still listens. The server cannot know that
 * a part is a part. The client can: it compares, prints `arrived: ...`, or ends with exit code 1. More than 100 MiB
 * are refused. Ctrl-C ends the server, with exit code 0. Port 0 is a free one.
 */
// #region framing-until-close
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFrames, streamFrames, text, untilClose } from '@wireline/framing';
import { formatAddress } from '@wireline/socket';
import { createConnection, createServer, type Socket } from '@wireline/socket/promises';

// #region until-close-serve
const FILE = untilClose({ maxLength: 100 * 1024 * 1024 }); // bytes

// #endregion until-close-serve
const ANSWER = untilClose({ content: text(), maxLength: 100 });

// #endregion framing-until-close
const [host, port = '', path, ...more] = process.argv.slice(2);
const least = path === undefined ? 0 : 1;
const isPort = port !== '' && Number(port) >= least && Number(port) <= 65535;
if (host === undefined || !isPort || more.length > 0) {
  console.error('usage: npm run example -- framing-until-close HOST PORT [FILE]');
  process.exit(2);
}

const where = { host, port: Number(port) };
const stop = new AbortController();
try {
  if (path !== undefined) {
    await send(path);
  } else {
    process.on('SIGINT', () => stop.abort());
    await listen(stop.signal);
  }
} catch (error) {
  if (!stop.signal.aborted) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

async function listen(signal: AbortSignal): Promise<void> {
  await using server = await createServer(where);
  console.log(`listening on ${formatAddress(server.getsockname())}`);
  for (;;) {
    const { socket, address } = await server.accept({ signal });
    void serve(socket, formatAddress(address), signal); // not awaited: the next one is accepted meanwhile
  }
}

// #region framing-until-close
// #region until-close-serve
async function serve(connection: Socket, peer: string, signal: AbortSignal): Promise<void> {
  await using socket = connection;
  try {
    for await (const file of streamFrames(socket.chunks({ signal }), FILE)) {
      const receipt = await sum(file);
      console.log(`${peer}: ${receipt}`);
      await socket.sendAll(new TextEncoder().encode(receipt), { signal });
    }
    console.log(`${peer} has closed`);
  } catch (error) {
    if (!signal.aborted) console.log(`lost ${peer}: ${String(error)}`);
  }
}

/** How many bytes there are, and their SHA-256. One piece is held at a time. */
async function sum(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  let count = 0;
  for await (const piece of pieces) {
    hash.update(piece);
    count += piece.length;
  }
  return `${count} bytes, ${hash.digest('hex')}`;
}
// #endregion until-close-serve

async function send(path: string): Promise<void> {
  await using socket = await createConnection(where);
  for await (const piece of createReadStream(path)) await socket.sendAll(piece as Uint8Array);
  socket.shutdown('write'); // this is the end of the file; the answer is still to come
  for await (const answer of readFrames(socket, ANSWER)) {
    if (answer !== (await sum(createReadStream(path)))) {
      throw new Error(`send ${path}: something else arrived: ${answer || 'nothing'}`);
    }
    console.log(`arrived: ${answer}`);
  }
}
// #endregion framing-until-close
