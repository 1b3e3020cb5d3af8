/**
 * Done sending, still listening: one direction of a connection closed, one alive.
 *
 *   npm run example -- half-close
 *
 * Client and server are both in this program. The client sends three numbers and shuts down its sending
 * direction. That tells the server that no more will come, so it can add them up; and since its own direction
 * is open, the answer still reaches the client. Without `shutdown` both would wait for each other for ever. To be
 * seen: who does what in which order, and the kernel's name for a connection that is half closed, CLOSE_WAIT.
 */
import { BrokenPipeError } from '@wireline/socket';
import { createConnection, createServer, type Socket } from '@wireline/socket/promises';

if (process.argv.length > 2) {
  console.error('usage: npm run example -- half-close');
  process.exit(2);
}

try {
  await using listener = await createServer({ host: '127.0.0.1', port: 0 });
  await Promise.all([serveOne(listener), askFor([19, 4, 19], listener.getsockname().port)]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

// #region ask
async function askFor(numbers: readonly number[], port: number): Promise<void> {
  await using socket = await createConnection({ host: '127.0.0.1', port });
  for (const number of numbers) {
    await socket.sendAll(new TextEncoder().encode(`${number}\n`));
    console.log(`client: sent ${number}`);
  }

  socket.shutdown('write');
  console.log('client: shut down writing: done sending, still listening');
  try {
    await socket.send(Uint8Array.of(33));
  } catch (error) {
    if (!(error instanceof BrokenPipeError)) throw error;
    console.log(`client: one byte more is refused: ${error.code}`);
  }

  console.log(`client: received ${await readToEnd(socket)}`);
}
// #endregion ask

// #region serve
async function serveOne(listener: Socket): Promise<void> {
  const accepted = await listener.accept();
  await using socket = accepted.socket;

  const text = await readToEnd(socket);
  console.log(`server: the client has sent its last byte, the state is ${socket.tcpInfo().state}`);
  const sum = text.split('\n').reduce((total, line) => total + Number(line), 0);
  await socket.sendAll(new TextEncoder().encode(String(sum)));
  console.log(`server: answered ${sum}, closing`);
}
// #endregion serve

/** All that comes until the peer has sent its last byte. */
async function readToEnd(socket: Socket): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of socket) text += decoder.decode(chunk, { stream: true });
  return text;
}
