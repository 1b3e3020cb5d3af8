/**
 * A mark behind each message, which may come in two halves, and an answer to each.
 *
 *   npm run example -- framing-delimited 127.0.0.1 65432              the server, in one terminal
 *   npm run example -- framing-delimited 127.0.0.1 65432 one two      a client, in another one: each word is a message
 *
 * The mark is three bytes: a number sign, a star, a number sign. The client sends five bytes at a time, wherever
 * that cuts, and prints the answers, `received ONE`. The server prints the messages, `127.0.0.1:50000: "one"`. One
 * that is longer than 64 bytes it skips, with a line that says so, and goes on behind it; and whoever ends without a
 * mark is told of by `lost 127.0.0.1:50000: TruncatedFrameError: ...`. A word that has the mark inside is refused by
 * the client itself, with exit code 1. Ctrl-C ends the server, with exit code 0. Port 0 is a free one.
 */
// #region framing-delimited
import { delimited, encodeFrame, readFrames, text } from '@wireline/framing';
import { formatAddress } from '@wireline/socket';
import { createConnection, createServer, type Socket } from '@wireline/socket/promises';

// #region delimited
const MESSAGE = delimited('#*#', { content: text(), maxLength: 64, overlong: 'skip' });
// #endregion delimited
const PACKET = 5; // bytes: it cuts words and marks

// #endregion framing-delimited
const [host, port = '', ...words] = process.argv.slice(2);
const least = words.length === 0 ? 0 : 1;
if (host === undefined || port === '' || !(Number(port) >= least && Number(port) <= 65535)) {
  console.error('usage: npm run example -- framing-delimited HOST PORT [WORD...]');
  process.exit(2);
}

const where = { host, port: Number(port) };
const stop = new AbortController();
try {
  if (words.length > 0) {
    await ask(words);
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

// #region framing-delimited
async function serve(connection: Socket, peer: string, signal: AbortSignal): Promise<void> {
  await using socket = connection;
  try {
    // #region delimited-loop
    // One message is lost, and where the next one begins is known all the same.
    const onError = (error: Error): void => console.log(`${peer}: ${String(error)}`);
    for await (const message of readFrames(socket.chunks({ signal }), MESSAGE, { onError })) {
      console.log(`${peer}: ${JSON.stringify(message)}`);
      await socket.sendAll(encodeFrame(MESSAGE, message.toUpperCase()), { signal });
    }
    // #endregion delimited-loop
    console.log(`${peer} has closed`);
  } catch (error) {
    if (!signal.aborted) console.log(`lost ${peer}: ${String(error)}`);
  }
}

async function ask(words: readonly string[]): Promise<void> {
  const bytes = Buffer.concat(words.map((word) => encodeFrame(MESSAGE, word)));
  await using socket = await createConnection(where);
  for (let at = 0; at < bytes.length; at += PACKET) {
    await socket.sendAll(bytes.subarray(at, at + PACKET));
  }
  socket.shutdown('write');
  for await (const answer of readFrames(socket, MESSAGE)) console.log(`received ${answer}`);
}
// #endregion framing-delimited
