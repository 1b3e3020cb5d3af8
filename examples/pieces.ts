/**
 * A stream carries bytes, not messages: in which pieces they come out.
 *
 *   npm run example -- pieces
 *
 * To be seen: two messages that come out as one; one that comes out in pieces; `send`, which says that it took a part
 * only, because the buffers are full, and `sendAll`, which goes on to the last byte; `recvExactly`, which waits for as
 * many bytes as it is asked for, and what it says when the peer closes before; and the empty receive, which is the end.
 */
// #region pieces
import { IncompleteReadError } from '@wireline/socket';
import { socketpair, type Socket } from '@wireline/socket/promises';

type Pipe = Socket<'unix'>; // a Unix socket, which behaves as a TCP one here

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (bytes: Uint8Array): string => `'${new TextDecoder().decode(bytes)}'`;

// #endregion pieces
if (process.argv.length > 2) {
  console.error('usage: npm run example -- pieces');
  process.exit(2);
}

try {
  const [here, there] = socketpair(); // both ends of a connection
  await using sender = here;
  await using receiver = there;
  await showPieces(sender, receiver);
  await showParts(sender, receiver);
  await showEnd(sender, receiver);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

// #region pieces
async function showPieces(sender: Pipe, receiver: Pipe): Promise<void> {
  await sender.sendAll(bytes('first'));
  await sender.sendAll(bytes('second'));
  console.log(`sent 'first' and 'second', recv(8) gave ${text(await receiver.recv(8))}`);
  console.log(`recv(8) once more gave ${text(await receiver.recv(8))}`);
}
// #endregion pieces

// #region parts
async function showParts(sender: Pipe, receiver: Pipe): Promise<void> {
  const large = new Uint8Array(5_000_000);
  const count = await sender.send(large);
  console.log(`send took ${count < large.length ? 'a part' : 'all'} of ${large.length} bytes`);

  const rest = large.subarray(count);
  const [received] = await Promise.all([receiver.recvExactly(large.length), sender.sendAll(rest)]);
  console.log(`sendAll sent the rest, recvExactly gave ${received.length} bytes`);
}
// #endregion parts

// #region end
async function showEnd(sender: Pipe, receiver: Pipe): Promise<void> {
  await sender.sendAll(bytes('half of'));
  sender.close();
  try {
    await receiver.recvExactly(20);
  } catch (error) {
    if (!(error instanceof IncompleteReadError)) throw error;
    console.log(`${String(error)}; they were ${text(error.partial)}`);
  }
  const nothing = await receiver.recv(8);
  console.log(`recv(8) gave ${nothing.length} bytes: the sender has closed`);
}
// #endregion end
