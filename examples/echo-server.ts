/**
 * Sends back what it gets, to many clients at the same time.
 *
 *   npm run example -- echo-server                           in one terminal
 *   npm run example -- echo-client 127.0.0.1 65432 'Hi you'  in a second one
 *   nc 127.0.0.1 65432                                       in a third; type lines, Ctrl-C ends it
 *
 * The server prints `listening on 127.0.0.1:65432`, and for each client `connected by 127.0.0.1:50000`, and how
 * many bytes it got in the end. Ctrl-C ends it, with exit code 0. Host and port may be given: `localhost 8000`,
 * `::1 0` (0 for a free port), or `'' 8000` for all interfaces.
 */
// #region echo-server
import { formatAddress } from '@wireline/socket';
import { createServer, type Socket } from '@wireline/socket/promises';

// #endregion echo-server
const [host = '127.0.0.1', port = '65432', ...more] = process.argv.slice(2);
if (more.length > 0 || !(Number(port) >= 0 && Number(port) <= 65535)) {
  console.error('usage: npm run example -- echo-server [HOST] [PORT]');
  process.exit(2);
}

// Ctrl-C ends everything that waits for something below.
const stop = new AbortController();
process.on('SIGINT', () => stop.abort());

try {
  await listen(host, Number(port), stop.signal);
} catch (error) {
  if (!stop.signal.aborted) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

// #region echo-server
async function listen(host: string, port: number, signal: AbortSignal): Promise<void> {
  await using server = await createServer({ host, port });
  console.log(`listening on ${formatAddress(server.getsockname())}`);
  for (;;) {
    const { socket, address } = await server.accept({ signal });
    // Not awaited: the next client is accepted while this one is served.
    void serve(socket, formatAddress(address), signal);
  }
}

async function serve(connection: Socket, peer: string, signal: AbortSignal): Promise<void> {
  await using socket = connection; // closes it in the end, whatever happens
  console.log(`connected by ${peer}`);
  let count = 0;
  try {
    // Chunk by chunk, until the client has sent its last byte.
    for await (const chunk of socket.chunks({ signal })) {
      await socket.sendAll(chunk, { signal });
      count += chunk.length;
    }
    console.log(`echoed ${count} bytes to ${peer}`);
  } catch (error) {
    // The trouble of one client is not that of the others.
    if (!signal.aborted) console.log(`lost ${peer}: ${String(error)}`);
  }
}
// #endregion echo-server
