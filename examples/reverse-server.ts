/**
 * Sends back what it gets in reverse order, byte by byte.
 *
 *   npm run example -- reverse-server                          in one terminal
 *   npm run example -- echo-client 127.0.0.1 65432 desserts    prints `received stressed`
 *   npm run example -- echo-client 127.0.0.1 65432 crème       prints `received em��rc`
 *
 * The last one shows that sockets carry bytes, not text: in UTF-8, `è` is two bytes, and in reverse order they
 * are no character any more. And what is reversed is a chunk, as it happens to arrive: TCP knows nothing of
 * messages, so that of a long text each piece is reversed alone. Ctrl-C ends the server, with exit code 0.
 */
import { formatAddress, SocketClosedError } from '@wireline/socket';
import { createServer, type Socket } from '@wireline/socket/promises';

const [host = '127.0.0.1', port = '65432', ...more] = process.argv.slice(2);
if (more.length > 0 || !(Number(port) >= 0 && Number(port) <= 65535)) {
  console.error('usage: npm run example -- reverse-server [HOST] [PORT]');
  process.exit(2);
}

// Ctrl-C closes what is open. Whatever waits for one of these sockets fails with SocketClosedError then.
const open = new Set<Socket>();
process.on('SIGINT', () => open.forEach((socket) => socket.close()));

try {
  const server = await createServer({ host, port: Number(port) });
  open.add(server);
  console.log(`listening on ${formatAddress(server.getsockname())}`);
  for (;;) {
    const { socket, address } = await server.accept();
    void serve(socket, formatAddress(address));
  }
} catch (error) {
  if (!(error instanceof SocketClosedError)) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

async function serve(socket: Socket, peer: string): Promise<void> {
  open.add(socket);
  console.log(`connected by ${peer}`);
  try {
    // #region reverse
    // Chunk by chunk, until the client has sent its last byte.
    for await (const chunk of socket) await socket.sendAll(chunk.reverse());
    // #endregion reverse
  } catch (error) {
    if (!(error instanceof SocketClosedError)) console.log(`lost ${peer}: ${String(error)}`);
  } finally {
    socket.close();
    open.delete(socket);
  }
}
