/**
 * Reports of a device: the first byte says what comes, and so where it ends.
 *
 *   npm run example -- framing-type-byte 127.0.0.1 65432                 the server, in one terminal
 *   npm run example -- framing-type-byte 127.0.0.1 65432 21.5 '!fire'    a device, in another one
 *   printf '\003fire\0' | nc -N 127.0.0.1 65432                          another device, by hand
 *   printf '\007fire\0' | nc -N 127.0.0.1 65432                          one that nobody understands
 *
 * A number is a measurement: type 1, and 8 bytes. What begins with an exclamation mark is an alarm: type 3, and
 * text up to a zero byte. All else is a note: type 2, two bytes of length, and text. The device prints the bytes
 * that it sends, the server what they mean: `127.0.0.1:50000: alarm "fire"`. Behind a type that it does not know it
 * understands nothing any more: `lost 127.0.0.1:50000: RemoteProtocolError: ...`. Ctrl-C ends the server, with exit
 * code 0. Port 0 is a free one.
 */
// #region framing-type-byte
import {
  delimited,
  encodeFrame,
  lengthPrefixed,
  readFrames,
  text,
  typeByte,
} from '@wireline/framing';
import { formatAddress } from '@wireline/socket';
import { createConnection, createServer, type Socket } from '@wireline/socket/promises';
import { pack, unpack } from '@wireline/socket/struct';

// #region type-table
const REPORT = typeByte({
  1: 8, // a measurement, '>If': the number of the report, and the value
  2: lengthPrefixed('u16', { content: text() }), // a note
  3: delimited('\0', { content: text(), maxLength: 100 }), // an alarm
});
// #endregion type-table

// #endregion framing-type-byte
const [host, port = '', ...words] = process.argv.slice(2);
const least = words.length === 0 ? 0 : 1;
if (host === undefined || port === '' || !(Number(port) >= least && Number(port) <= 65535)) {
  console.error('usage: npm run example -- framing-type-byte HOST PORT [WORD...]');
  process.exit(2);
}

const where = { host, port: Number(port) };
const stop = new AbortController();
try {
  if (words.length > 0) {
    await report(words);
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

// #region framing-type-byte
async function serve(connection: Socket, peer: string, signal: AbortSignal): Promise<void> {
  await using socket = connection;
  try {
    // #region type-loop
    for await (const report of readFrames(socket.chunks({ signal }), REPORT)) {
      if (report.type === 1) {
        const [number, value] = unpack('>If', report.content);
        console.log(`${peer}: measurement ${number}: ${value.toFixed(2)}`);
      } else {
        const kind = report.type === 2 ? 'note' : 'alarm';
        console.log(`${peer}: ${kind} ${JSON.stringify(report.content)}`);
      }
    }
    // #endregion type-loop
    console.log(`${peer} has closed`);
  } catch (error) {
    if (!signal.aborted) console.log(`lost ${peer}: ${String(error)}`);
  }
}

async function report(words: readonly string[]): Promise<void> {
  await using socket = await createConnection(where);
  for (const [index, word] of words.entries()) {
    const bytes = encode(word, index + 1);
    await socket.sendAll(bytes);
    console.log(`sent ${Buffer.from(bytes).toString('hex')}`);
  }
}

function encode(word: string, number: number): Uint8Array {
  if (word.startsWith('!')) return encodeFrame(REPORT, { type: 3, content: word.slice(1) });
  const value = word.trim() === '' ? Number.NaN : Number(word);
  if (Number.isNaN(value)) return encodeFrame(REPORT, { type: 2, content: word });
  return encodeFrame(REPORT, { type: 1, content: pack('>If', number, value) });
}
// #endregion framing-type-byte
