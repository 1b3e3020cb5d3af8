/**
 * Asks any web server for a page, each line of HTTP written by hand.
 *
 *   npm run example -- http-by-hand                in one terminal
 *   npm run example -- get-by-hand                 in another one
 *   npm run example -- get-by-hand example.com     asks that server; a port and a path may follow: 80 /index.html
 *
 * It prints `HTTP/1.1 200 OK`, a line for each header, and how long the body is. Many servers answer with
 * `HTTP/1.1 301 Moved Permanently` and say in `Location` where the page is now: a browser asks there without a word.
 */
// #region get-by-hand
import { createConnection, type SocketFile } from '@wireline/socket';

// #endregion get-by-hand
/** A server that says nothing for so long is given up. */
const TIMEOUT_MS = 10_000;

/** How much of the body is read at once. */
const PIECE = 64 * 1024;

const [host = '127.0.0.1', givenPort, path = '/', ...more] = process.argv.slice(2);
const port = Number(givenPort ?? (process.argv.length > 2 ? 80 : 8000));
if (more.length > 0 || !(port >= 1 && port <= 65535) || !/^\/[!-~]*$/.test(path)) {
  console.error('usage: npm run example -- get-by-hand [HOST] [PORT] [/PATH]');
  process.exit(2);
}

try {
  get();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

// #region get-by-hand
function get(): void {
  using socket = createConnection({ host, port }, { timeoutMs: TIMEOUT_MS });
  const name = host.includes(':') ? `[${host}]` : host;
  const site = port === 80 ? name : `${name}:${port}`;
  const request = [
    `GET ${path} HTTP/1.0`, // whoever says 1.1 has to understand a body in chunks, too
    `Host: ${site}`, // one server may have many
    'Connection: close', // the body ends with the connection
    '', // what is above ends with a line end
    '', // the blank line: the request is complete
  ];
  socket.sendAll(new TextEncoder().encode(request.join('\r\n')));

  const answer = socket.makeFile();
  const status = readLine(answer);
  if (!/^HTTP\/1\.[01] [1-5][0-9]{2}( |$)/.test(status)) {
    throw new Error(`${host}:${port} does not speak HTTP: it says ${JSON.stringify(status)}`);
  }
  console.log(status);

  let announced: number | undefined;
  for (let line = readLine(answer); line !== ''; line = readLine(answer)) {
    console.log(line);
    const [, name = '', value = ''] = /^([^:]*): *(.*)$/.exec(line) ?? [];
    if (/^content-length$/i.test(name)) announced = Number(value);
    if (/^location$/i.test(name)) console.log(`(the page is at ${value})`);
  }

  // The body: all the rest, whatever its length. Only a piece of it is in memory at a time.
  let length = 0;
  for (let piece = answer.read(PIECE); piece.length > 0; piece = answer.read(PIECE)) {
    length += piece.length;
  }
  if (length < (announced ?? 0)) throw new Error(`only ${length} of ${announced} bytes came`);
  console.log(`a body of ${length} bytes`);
}

/** The next line of the header, without its line end: a carriage return and a line feed. */
function readLine(answer: SocketFile): string {
  const line = Buffer.from(answer.readLine()).toString('latin1');
  if (!line.endsWith('\n')) throw new Error('the server closed before the header was complete');
  // A terminal obeys control characters, whoever sent them.
  return line.replace(/\r?\n$/, '').replace(/[^ -~]/g, '?');
}
// #endregion get-by-hand
