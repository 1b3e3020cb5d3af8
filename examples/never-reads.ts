/**
 * A peer that never reads: where the bytes go that nobody takes.
 *
 *   npm run example -- never-reads
 *
 * The kernel keeps what was sent in two places: at the receiving end until the program reads it (Recv-Q in
 * `netstat` and `ss`), and at the sending end until it is acknowledged (Send-Q). To be seen: the peer's Recv-Q
 * grows to its buffer's size, then Send-Q grows to the size of the other one, then `send` has to wait; this
 * socket is non-blocking, so it throws BlockingIOError. When the peer reads at last, both go down to 0.
 *
 * Recv-Q and Send-Q together are never less than what `send` took. They may be more: what has arrived, and
 * whose acknowledgement is not back yet, is in both.
 */
import { BlockingIOError, createServer, Socket } from '@wireline/socket';

/** How large each buffer is to be; the kernel doubles it, for its own book-keeping. Small, as the table is to be. */
const BUFFER = 16_384;
const CHUNK = new Uint8Array(8192);

if (process.argv.length > 2) {
  console.error('usage: npm run example -- never-reads');
  process.exit(2);
}

try {
  using listener = createServer({ host: '127.0.0.1', port: 0 });
  listener.setsockopt('SO_RCVBUF', BUFFER); // what it accepts inherits it
  using sender = new Socket();
  sender.setsockopt('SO_SNDBUF', BUFFER);
  sender.connect(listener.getsockname());
  using peer = listener.accept().socket;

  print('', 'Send-Q', 'unsent', 'Recv-Q');
  // #region fill
  sender.setBlocking(false);
  let taken = 0;
  for (;;) {
    try {
      taken += sender.send(CHUNK); // send() says how many bytes the kernel took: it may be a part
    } catch (error) {
      if (!(error instanceof BlockingIOError)) throw error;
      console.log(`\n${error.name}: ${error.message}\n`);
      break;
    }
    report(`sent ${taken}`);
  }
  // #endregion fill

  for (let read = 0; read < taken;) {
    read += peer.recv(CHUNK.length).length;
    report(`peer read ${read}`);
  }
  // An answer brings the last acknowledgement with it.
  sender.setBlocking(true);
  peer.sendAll(Uint8Array.of(6));
  sender.recv(1);
  report('peer answered');

  function report(what: string): void {
    const { sendQ, unsent } = sender.queueDepths(); // `unsent` is the part of Send-Q that has not left
    print(what, sendQ, unsent, peer.queueDepths().recvQ);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function print(what: string, ...numbers: readonly unknown[]): void {
  console.log(what.padEnd(16) + numbers.map((number) => String(number).padStart(8)).join(''));
}
