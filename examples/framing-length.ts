/**
 * Messages with their length in front: five digits, and later on four bytes.
 *
 *   npm run example -- framing-length 127.0.0.1 65432                        the server, in one terminal
 *   npm run example -- framing-length 127.0.0.1 65432 hello binary goodbye   a client: each word is a message
 *   printf '00005hello' | nc -N 127.0.0.1 65432                              digits can be typed
 *   printf '00005hel' | nc -N 127.0.0.1 65432                                and what is cut off is noticed
 *
 * Behind the word `binary` both sides write lengths as binary numbers. The client sends everything in one packet,
 * the change included, prints it, and prints what comes back: `received hello`. The server prints the messages,
 * `127.0.0.1:50000, digits: "hello"`. A length of more than 1000 is refused before the message comes, with a line
 * `lost 127.0.0.1:50000: RemoteProtocolError: ...`. Ctrl-C ends the server, with exit code 0. Port 0 is a free one.
 */
// #region framing-length
import { encodeFrame, lengthPrefixed, readFrames, text } from '@wireline/framing';
import { formatAddress } from '@wireline/socket';
import { createConnection, createServer, type Socket } from '@wireline/socket/promises';

// #region length
const DIGITS = lengthPrefixed('ascii5', { content: text(), maxLength: 1005 }); // 00005hello
const BINARY = lengthPrefixed('u32', { content: text(), maxLength: 1004 }); // 00 00 00 05, hello
const CHANGE = 'binary'; // whoever says so writes the length of the next message in binary
// #endregion length

// #endregion framing-length
const [host, port = '', ...words] = process.argv.slice(2);
const least = words.length === 0 ? 0 : 1;
if (host === undefined || port === '' || !(Number(port) >= least && Number(port) <= 65535)) {
  console.error('usage: npm run example -- framing-length HOST PORT [WORD...]');
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

// #region framing-length
async function serve(connection: Socket, peer: string, signal: AbortSignal): Promise<void> {
  await using socket = connection;
  try {
    // #region length-loop
    let framing = DIGITS;
    const messages = readFrames(socket.chunks({ signal }), framing);
    for await (const message of messages) {
      const way = framing === DIGITS ? 'digits' : 'binary';
      console.log(`${peer}, ${way}: ${JSON.stringify(message)}`);
      await socket.sendAll(encodeFrame(framing, message), { signal });
      if (message !== CHANGE) continue;
      framing = BINARY;
      messages.switchTo(framing); // from the very next byte on, also of those that have come already
    }
    // #endregion length-loop
    console.log(`${peer} has closed`);
  } catch (error) {
    if (!signal.aborted) console.log(`lost ${peer}: ${String(error)}`);
  }
}

async function ask(words: readonly string[]): Promise<void> {
  const change = words.indexOf(CHANGE);
  const packet = Buffer.concat(
    words.map((word, at) => encodeFrame(change === -1 || at <= change ? DIGITS : BINARY, word)),
  );
  await using socket = await createConnection(where);
  await socket.sendAll(packet);
  socket.shutdown('write');
  console.log(`sent ${JSON.stringify(packet.toString())}`);

  const answers = readFrames(socket, DIGITS);
  for await (const answer of answers) {
    console.log(`received ${answer}`);
    if (answer === CHANGE) answers.switchTo(BINARY);
  }
}
// #endregion framing-length
