/**
 * The knobs of a connection, and who is at its two ends.
 *
 *   npm run example -- options
 *
 * To be seen: the addresses of both ends (`getsockname`, `getpeername`), options by name with a typed value and by
 * number as in C, what the kernel makes of a value that it is given, how long a dead peer is waited for, and what is
 * said of a value that cannot be.
 */
import { createConnection, createServer, formatAddress, Socket } from '@wireline/socket';

const IPPROTO_TCP = 6; // from netinet/in.h
const TCP_NODELAY = 1; // from netinet/tcp.h

if (process.argv.length > 2) {
  console.error('usage: npm run example -- options');
  process.exit(2);
}

try {
  using listener = createServer({ host: '127.0.0.1', port: 0 });
  using client = createConnection(listener.getsockname());
  using server = listener.accept().socket;
  showAddresses('client', client);
  showAddresses('server', server);
  showOptions(client);
  keepAlive(client);
  showRefusals(client);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

// #region addresses
function showAddresses(who: string, socket: Socket): void {
  const local = formatAddress(socket.getsockname());
  const remote = formatAddress(socket.getpeername());
  console.log(`${who}: this end is ${local}, the other one ${remote}`);
}
// #endregion addresses

// #region options
function showOptions(socket: Socket): void {
  console.log(`TCP_NODELAY is ${socket.getsockopt('TCP_NODELAY')}`);
  socket.setsockopt('TCP_NODELAY', true); // small pieces leave at once
  console.log(`TCP_NODELAY is ${socket.getsockopt('TCP_NODELAY')}`);
  console.log(`by its numbers ${socket.getsockopt(IPPROTO_TCP, TCP_NODELAY)}`);

  socket.setsockopt('SO_RCVBUF', 20_000);
  console.log(`SO_RCVBUF: asked for 20000, got ${socket.getsockopt('SO_RCVBUF')}`);
}
// #endregion options

// #region keep-alive
/** Never waits for a dead peer for ever. */
function keepAlive(socket: Socket): void {
  const [idle, interval, count] = [60, 10, 3]; // seconds, seconds, probes
  socket.setsockopt('SO_KEEPALIVE', true);
  socket.setsockopt('TCP_KEEPIDLE', idle);
  socket.setsockopt('TCP_KEEPINTVL', interval);
  socket.setsockopt('TCP_KEEPCNT', count);
  console.log(`a silent peer that is dead is given up after ${idle + interval * count} s`);

  socket.setsockopt('TCP_USER_TIMEOUT', 20_000); // milliseconds
  console.log('one that does not acknowledge what was sent, after 20 s');
}
// #endregion keep-alive

// #region refusals
function showRefusals(socket: Socket): void {
  const unconnected = new Socket();
  const calls = [
    () => socket.setsockopt('TCP_KEEPIDLE', -1),
    () => socket.setsockopt('IPV6_V6ONLY', true), // of a socket of IPv4
    () => socket.getsockopt(IPPROTO_TCP, 999),
    () => unconnected.getpeername(),
  ];
  for (const call of calls) {
    try {
      call();
    } catch (error) {
      console.log(String(error));
    }
  }
  unconnected.close();
}
// #endregion refusals
