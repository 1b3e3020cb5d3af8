/**
 * The round-trip time and the retransmissions of a `fetch`.
 *
 *   npm run example -- fetch-rtt                            against a web server of its own
 *   npm run example -- fetch-rtt https://www.example.org/   against any other
 *
 * It prints `round trip 0.045 ms, 0 segments sent again`, and the status of the answer. `fetch` shows no socket,
 * but node:diagnostics_channel announces each one that it connects, and `attach` asks the kernel about it.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
// #region fetch-rtt
import { subscribe } from 'node:diagnostics_channel';
import { attach, type AttachedSocket } from '@wireline/socket';

// #endregion fetch-rtt
const server = createServer((_request, response) => response.end('hello\n'));
const url = await addressOf(process.argv.slice(2));
process.once('uncaughtException', giveUp);

// #region fetch-rtt
let connection: AttachedSocket | undefined;
subscribe('undici:client:connected', (message) => {
  connection = attach(message as { readonly socket: unknown }); // what undici documents
});
// The answer begins to arrive, so the connection is still there; later it may be closed.
subscribe('undici:request:headers', () => {
  const info = connection?.tcpInfo();
  console.log(`round trip ${info?.rttMs} ms, ${info?.totalRetrans} segments sent again`);
});
const response = await fetch(url);
// #endregion fetch-rtt

const { length } = await response.text();
console.log(`${url} answered ${response.status}, ${length} characters`);
server.close();

/** The URL that was given, or that of a web server in this program. */
async function addressOf([given, ...more]: readonly string[]): Promise<string> {
  if (more.length > 0 || (given !== undefined && !URL.canParse(given))) {
    console.error('usage: npm run example -- fetch-rtt [URL]');
    process.exit(2);
  }
  if (given !== undefined) return given;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo; // it listens at an address, not a path
  return `http://127.0.0.1:${port}/`;
}

/** `fetch` says `fetch failed`, and has the reason in `cause`. */
function giveUp(error: Error): void {
  console.error(error.cause instanceof Error ? error.cause.message : error.message);
  process.exit(1);
}
