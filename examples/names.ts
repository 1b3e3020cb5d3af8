/**
 * From a host and a port to addresses, and back; and what a server is bound to.
 *
 *   npm run example -- names                   localhost and http
 *   npm run example -- names 127.0.0.1 8000    an address stays what it is
 *   npm run example -- names ::1 https         IPv6, whose addresses have four parts
 *
 * It prints what `getaddrinfo` says of the host and the port (a number, or the name of a service), and the name that
 * stands for the first address. Then it binds to three hosts and port 0, and reads back what came of it.
 */
import {
  createServer,
  formatAddress,
  getaddrinfo,
  getHostname,
  getnameinfo,
} from '@wireline/socket';

const [host = 'localhost', port = 'http', ...more] = process.argv.slice(2);
if (more.length > 0) {
  console.error('usage: npm run example -- names [HOST] [PORT]');
  process.exit(2);
}

try {
  lookUp(host, /^\d+$/.test(port) ? Number(port) : port);
  bindTo(['127.0.0.1', 'localhost', '']);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

// #region look-up
function lookUp(host: string, port: number | string): void {
  console.log(`${host} and ${port}, the best address first:`);
  const entries = getaddrinfo(host, port, { type: 'stream' });
  for (const { family, type, address } of entries) console.log(`  ${family} ${type}`, address);
  const [best] = entries;
  if (best === undefined) return;
  const name = getnameinfo(best.address);
  console.log(`and back: ${name.host}, ${name.service}`);
  console.log(`this machine calls itself ${getHostname()}`);
}
// #endregion look-up

// #region bind
function bindTo(hosts: readonly string[]): void {
  for (const host of hosts) {
    using server = createServer({ host, port: 0 }, { backlog: 5 });
    console.log(`bound to '${host}' and port 0: ${formatAddress(server.getsockname())}`);
  }
}
// #endregion bind
