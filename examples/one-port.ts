/**
 * One port for HTTP and HTTPS: a look at the first byte, and the rest is Node's.
 *
 *   openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost \
 *     -addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem
 *   npm run example -- one-port 127.0.0.1 8443 key.pem cert.pem    in one terminal
 *   curl http://localhost:8443/                                    in another one
 *   curl --cacert cert.pem https://localhost:8443/
 *
 * The server prints `listening on 127.0.0.1:8443`, and a line per connection: `TLS from 127.0.0.1:50000`, or `plain`.
 * curl prints `in the clear, round trip 0.1 ms`, or `encrypted, ...`: what the kernel knows is still there to ask.
 * Ctrl-C ends the server, with exit code 0.
 *
 * The first byte tells the two apart: TLS begins with a record of type 22 (RFC 8446, section 5.1), HTTP with a letter.
 */
// #region one-port
import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import type { Socket as NetSocket } from 'node:net';
import { attach, formatAddress } from '@wireline/socket';
import { createServer, type Socket } from '@wireline/socket/promises';
import { toNetSocket } from '@wireline/socket/streams';

const TLS_HANDSHAKE = 22;
const PATIENCE_MS = 10_000; // for the first byte

// #endregion one-port
const [host = '', port = '', keyFile = '', certFile = '', ...more] = process.argv.slice(2);
if (certFile === '' || more.length > 0 || !(Number(port) >= 0 && Number(port) <= 65535)) {
  console.error('usage: npm run example -- one-port HOST PORT KEY.pem CERT.pem');
  process.exit(2);
}

const stop = new AbortController();
process.on('SIGINT', () => stop.abort());

try {
  await listen(stop.signal);
} catch (error) {
  if (!stop.signal.aborted) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

// #region one-port
async function listen(signal: AbortSignal): Promise<void> {
  const [key, cert] = [readFileSync(keyFile), readFileSync(certFile)];
  const plain = http.createServer((request, response) => answer('in the clear', request, response));
  const secure = https.createServer({ key, cert }, (request, response) =>
    answer('encrypted', request, response),
  );
  // They do not listen, but from here on they watch their time-outs.
  for (const site of [plain, secure]) site.emit('listening');
  await using server = await createServer({ host, port: Number(port) });
  console.log(`listening on ${formatAddress(server.getsockname())}`);
  const streams = new Set<NetSocket>();
  try {
    for (;;) {
      const { socket, address } = await server.accept({ signal });
      void serve(socket, formatAddress(address));
    }
  } finally {
    // Those in the middle of a TLS handshake, too: the sites know them only when that is done.
    for (const stream of streams) stream.destroy();
  }

  // #region first-byte
  async function serve(socket: Socket, peer: string): Promise<void> {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
    try {
      // A look at the first byte leaves it where it is.
      const [first] = await socket.recv(1, { flags: 'MSG_PEEK', signal: patience });
      if (first === undefined) return socket.close(); // gone without a word
      const isTls = first === TLS_HANDSHAKE;
      console.log(`${isTls ? 'TLS' : 'plain'} from ${peer}`);
      // From here on the descriptor is Node's.
      const stream = toNetSocket(socket);
      streams.add(stream.once('close', () => streams.delete(stream)));
      (isTls ? secure : plain).emit('connection', stream);
    } catch (error) {
      socket.close();
      if (!signal.aborted) console.log(`lost ${peer}: ${String(error)}`);
    }
  }
  // #endregion first-byte
}

function answer(how: string, request: http.IncomingMessage, response: http.ServerResponse): void {
  const { rttMs } = attach(request).tcpInfo();
  response.end(`${how}, round trip ${rttMs} ms\n`);
}
// #endregion one-port
