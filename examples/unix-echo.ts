/**
 * An echo over a Unix socket: a path instead of a port, and who is at the other end.
 *
 *   npm run example -- unix-echo /tmp/echo.sock             the server, in one terminal
 *   npm run example -- unix-echo /tmp/echo.sock Hi you      a client, in another one
 *   npm run example -- unix-echo @echo                      a name without a file, in the abstract namespace
 *
 * The client prints `received Hi you`. Each prints the process and user at the other end, of which the kernel keeps
 * book (SO_PEERCRED): no password is needed to know them, and who may connect is what the permissions of the file
 * say. Ctrl-C ends the server, with exit code 0, and it removes its file.
 */
import { rmSync } from 'node:fs';
import { createConnection, formatAddress, type SocketControls } from '@wireline/socket';
import { createServer, type Socket } from '@wireline/socket/promises';

const [name = '', ...words] = process.argv.slice(2);
if (name === '') {
  console.error('usage: npm run example -- unix-echo PATH [TEXT]');
  process.exit(2);
}
const path = name.replace(/^@/, '\0'); // as ss(8) and others write it
const stop = new AbortController();

try {
  if (words.length > 0) {
    ask(words.join(' '));
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

// #region unix-echo
function ask(text: string): void {
  using socket = createConnection({ path });
  console.log(`connected to ${peerOf(socket)}`);
  socket.sendAll(new TextEncoder().encode(text));
  socket.shutdown('write');
  using file = socket.makeFile();
  console.log(`received ${new TextDecoder().decode(file.readToEnd())}`);
}

async function listen(signal: AbortSignal): Promise<void> {
  await using server = await createServer({ path });
  try {
    console.log(`listening on ${formatAddress(server.getsockname())}`);
    for (;;) {
      const { socket } = await server.accept({ signal });
      void serve(socket, signal); // not awaited: the next one is accepted meanwhile
    }
  } finally {
    if (!path.startsWith('\0')) rmSync(path, { force: true }); // it would outlive the server
  }
}

async function serve(connection: Socket<'unix'>, signal: AbortSignal): Promise<void> {
  await using socket = connection;
  const peer = peerOf(socket);
  console.log(`connected by ${peer}`);
  try {
    for await (const chunk of socket.chunks({ signal })) await socket.sendAll(chunk, { signal });
  } catch (error) {
    if (!signal.aborted) console.log(`lost ${peer}: ${String(error)}`);
  }
}

// #region peer
function peerOf(socket: SocketControls): string {
  const { pid, uid, gid } = socket.getsockopt('SO_PEERCRED');
  return `process ${pid} of user ${uid}, group ${gid}`;
}
// #endregion peer
// #endregion unix-echo
