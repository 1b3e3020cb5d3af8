/**
 * Messages of one length, 30 bytes each: what is missing is filled up.
 *
 *   npm run example -- framing-fixed 127.0.0.1 65432              the server, in one terminal
 *   npm run example -- framing-fixed 127.0.0.1 65432 one two      a client, in another one: each word is a message
 *   printf 'half of a message' | nc -N 127.0.0.1 65432            a client that ends in the middle of one
 *
 * The client prints `sent 40 bytes` for each packet, and its packets do not end where its messages do. The server
 * prints the messages, `127.0.0.1:50000: "one"`, and `lost 127.0.0.1:50000: TruncatedFrameError: ...` for whoever
 * ends in the middle of one. A word that is longer than 30 bytes is refused by the client itself, with exit code 1.
 * Ctrl-C ends the server, with exit code 0. Port 0 is a free one.
 */
// #region framing-fixed
import { encodeFrame, fixedLength, readFrames, text } from '@wireline/framing';
import { formatAddress } from '@wireline/socket';
import { createConnection, createServer, type Socket } from '@wireline/socket/promises';

// #region fixed-serve
const MESSAGE = fixedLength(30, { padding: '#', content: text() });

// #endregion fixed-serve
const PACKET = 40; // bytes: a message and a third of the next one

// #endregion framing-fixed
const [host, port = '', ...words] = process.argv.slice(2);
const least = words.length === 0 ? 0 : 1;
if (host === undefined || port === '' || !(Number(port) >= least && Number(port) <= 65535)) {
  console.error('usage: npm run example -- framing-fixed HOST PORT [WORD...]');
  process.exit(2);
}

const where = { host, port: Number(port) };
const stop = new AbortController();
try {
  if (words.length > 0) {
    await send(words);
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

// #region framing-fixed
// #region fixed-serve
async function serve(connection: Socket, peer: string, signal: AbortSignal): Promise<void> {
  await using socket = connection;
  try {
    for await (const message of readFrames(socket.chunks({ signal }), MESSAGE)) {
      console.log(`${peer}: ${JSON.stringify(message)}`);
    }
    console.log(`${peer} has closed`);
  } catch (error) {
    if (!signal.aborted) console.log(`lost ${peer}: ${String(error)}`);
  }
}
// #endregion fixed-serve

// #region fixed-send
async function send(words: readonly string[]): Promise<void> {
  const bytes = Buffer.concat(words.map((word) => encodeFrame(MESSAGE, word)));
  await using socket = await createConnection(where);
  for (let at = 0; at < bytes.length; at += PACKET) {
    const packet = bytes.subarray(at, at + PACKET);
    await socket.sendAll(packet);
    console.log(`sent ${packet.length} bytes`);
  }
}
// #endregion fixed-send
// #endregion framing-fixed
