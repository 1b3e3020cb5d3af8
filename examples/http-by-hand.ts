/**
 * A web page for any browser, each line of HTTP written by hand.
 *
 *   npm run example -- http-by-hand                in one terminal
 *   curl -i http://127.0.0.1:8000/                 in another one
 *   curl -i http://127.0.0.1:8000/no-blank-line    fails: nobody says where the header ends
 *
 * It prints `listening on 127.0.0.1:8000`, and what each browser asks for, `127.0.0.1:50000 GET / HTTP/1.1`. Open
 * http://127.0.0.1:8000/ in a browser to see the page, and follow its link: the same bytes without the blank line
 * give an empty page in Chromium, for which all of the page belongs to the header then. Host and port may be given:
 * `'' 8000` is all interfaces. Ctrl-C ends it.
 */
// #region http-by-hand
import { formatAddress } from '@wireline/socket';
import { createServer, type Socket } from '@wireline/socket/promises';

/** There is no empty line in it: a browser that misses the blank line would find that one. */
const PAGE = `<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <meta name="viewport" content="width=device-width" />
  <title>By hand</title>
  <h1>Written by hand</h1>
  <p>A status line, headers, a blank line and this page: that is all there is to an answer. 🐰</p>
  <p><a href="/no-blank-line">The same without the blank line</a></p>
</html>
`;

// #endregion http-by-hand
/** A request with a longer header is not answered. 16 KiB is what web servers usually take. */
const MAX_HEADER = 16 * 1024;

/** Whoever says nothing for so long, or takes nothing, has no connection any more. */
const TIMEOUT_MS = 10_000;

const [host = '127.0.0.1', port = '8000', ...more] = process.argv.slice(2);
if (more.length > 0 || !(Number(port) >= 0 && Number(port) <= 65535)) {
  console.error('usage: npm run example -- http-by-hand [HOST] [PORT]');
  process.exit(2);
}

// Ctrl-C ends everything that waits for something below.
const stop = new AbortController();
process.on('SIGINT', () => stop.abort());

try {
  await using server = await createServer({ host, port: Number(port) });
  console.log(`listening on ${formatAddress(server.getsockname())}`);
  for (;;) {
    const { socket, address } = await server.accept({ signal: stop.signal });
    void serve(socket, formatAddress(address));
  }
} catch (error) {
  if (!stop.signal.aborted) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

async function serve(connection: Socket, peer: string): Promise<void> {
  await using socket = connection;
  socket.setTimeout(TIMEOUT_MS);
  try {
    const header = await readHeader(socket);
    const [requestLine = ''] = header.split('\r\n');
    console.log(`${peer} ${requestLine.replace(/[^ -~]/g, '?')}`); // a terminal obeys control characters
    await answer(socket, requestLine);
  } catch (error) {
    if (!stop.signal.aborted) console.log(`lost ${peer}: ${String(error)}`);
  }
}

/** All until the blank line. What may come behind it, the body, is of no interest here. */
async function readHeader(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket.chunks({ signal: stop.signal })) {
    const from = Math.max(0, text.length - 3); // the blank line may have come in pieces
    text += Buffer.from(chunk).toString('latin1');
    const end = text.indexOf('\r\n\r\n', from);
    if (end >= 0) return text.slice(0, end);
    if (text.length > MAX_HEADER) throw new Error(`no blank line in ${MAX_HEADER} bytes`);
  }
  throw new Error(`the request ended after ${text.length} bytes, without a blank line`);
}

// #region http-by-hand
async function answer(socket: Socket, requestLine: string): Promise<void> {
  const [, path = '/'] = requestLine.split(' ');
  const body = new TextEncoder().encode(PAGE);
  const header = [
    'HTTP/1.1 200 OK', // the status line
    'Content-Type: text/html; charset=utf-8',
    `Content-Length: ${body.length}`, // bytes, not characters
    'Connection: close',
    '', // what is below ends the last header with a line end
  ];
  // The blank line ends the header. Without it, the page is taken for more of the same.
  if (path !== '/no-blank-line') header.push('');
  await socket.sendAll(new TextEncoder().encode(header.join('\r\n')), { signal: stop.signal });
  await socket.sendAll(body, { signal: stop.signal });
  // The browser sees the end. To close at once could throw away what it has not read yet, if it still sends.
  socket.shutdown('write');
  for await (const _ of socket.chunks({ signal: stop.signal }));
}
// #endregion http-by-hand
