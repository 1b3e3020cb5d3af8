/**
 * Says something to a server, and prints what comes back, call by call.
 *
 *   npm run example -- echo-server                           in one terminal
 *   npm run example -- echo-client 127.0.0.1 65432           in another one
 *   npm run example -- echo-client localhost 65432 Hi you    the same with a name and other words
 *
 * It prints `received Hello, world`. When no server listens there, it says so in one line and exits with code 1.
 * Each call blocks until it is done: one line after the other, as the textbook has it.
 */
// #region echo-client
import { isIPv6 } from 'node:net';
import { Socket } from '@wireline/socket';

// #endregion echo-client
const [host, port = '', ...words] = process.argv.slice(2);
if (host === undefined || !(Number(port) >= 1 && Number(port) <= 65535)) {
  console.error('usage: npm run example -- echo-client HOST PORT [TEXT]');
  process.exit(2);
}

try {
  const text = words.length > 0 ? words.join(' ') : 'Hello, world';
  console.log(`received ${ask(host, Number(port), text)}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

// #region echo-client
function ask(host: string, port: number, text: string): string {
  // `using` closes the socket at the end. createConnection() is these two lines in one, and tries all the
  // addresses that a name has.
  using socket = new Socket({ family: isIPv6(host) ? 'inet6' : 'inet' });
  socket.connect({ host, port });

  // Bytes go in, not text: the two ends have to agree on what the bytes mean.
  socket.sendAll(new TextEncoder().encode(text));
  // The server sees the end of what we send. It can still send, and we receive.
  socket.shutdown('write');

  // What was sent at once may come in pieces, and a character may be cut: `stream` keeps its first half.
  const decoder = new TextDecoder();
  let received = '';
  for (;;) {
    const data = socket.recv(4096);
    if (data.length === 0) return received; // the server has closed
    received += decoder.decode(data, { stream: true });
  }
}
// #endregion echo-client
