/**
 * An echo of datagrams: no connection, and each message stays one.
 *
 *   npm run example -- udp-echo 127.0.0.1 9000                the server, in one terminal
 *   npm run example -- udp-echo 127.0.0.1 9000 one two        a client, in another one: each word is a datagram
 *   npm run example -- udp-echo '' 9000                       a server that hears broadcasts, too
 *   npm run example -- udp-echo 255.255.255.255 9000 hello    asks all devices of the network at once
 *
 * The server prints `3 bytes from 127.0.0.1:50000` for each datagram, the client `received one from 127.0.0.1:9000`.
 * Two of them are never glued together, none comes in pieces, and each may be lost: nobody sends it again. When
 * nothing more comes for a second the client ends, with exit code 1 if less came back than it sent. Ctrl-C ends the
 * server, with exit code 0. Port 0 is a free one.
 */
import { formatAddress, PermissionError, resolve, TimeoutError } from '@wireline/socket';
import type { IpAddress } from '@wireline/socket';
import { Socket } from '@wireline/socket/promises';

const LARGEST = 65_535; // no datagram is longer
const SILENCE_MS = 1000;

const [host, port = '', ...words] = process.argv.slice(2);
const least = words.length === 0 ? 0 : 1;
if (host === undefined || port === '' || !(Number(port) >= least && Number(port) <= 65535)) {
  console.error('usage: npm run example -- udp-echo HOST PORT [WORD...]');
  process.exit(2);
}

const stop = new AbortController();
try {
  const [address] = await resolve(host, Number(port));
  await using socket = new Socket({ family: address.family, type: 'dgram' });
  if (words.length > 0) {
    await ask(socket, address);
  } else {
    process.on('SIGINT', () => stop.abort());
    await socket.bind(address);
    console.log(`listening on ${formatAddress(socket.getsockname())}`);
    await serve(socket, stop.signal);
  }
} catch (error) {
  if (!stop.signal.aborted) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

// #region udp-echo
// #region udp-serve
async function serve(socket: Socket, signal: AbortSignal): Promise<never> {
  for (;;) {
    const { bytes, address } = await socket.recvFrom(LARGEST, { signal });
    const peer = formatAddress(address);
    console.log(`${bytes.length} bytes from ${peer}`);
    try {
      await socket.sendTo(bytes, address, { signal });
    } catch (error) {
      if (signal.aborted) throw error;
      console.log(`lost the answer to ${peer}: ${String(error)}`); // the next one asks, too
    }
  }
}
// #endregion udp-serve

async function ask(socket: Socket, to: IpAddress): Promise<void> {
  // Nobody knows how many there are who answer a broadcast.
  const most = (await send(socket, to)) ? Infinity : words.length;
  socket.setTimeout(SILENCE_MS);
  let count = 0;
  try {
    while (count < most) {
      const { bytes, address } = await socket.recvFrom(LARGEST);
      console.log(`received ${new TextDecoder().decode(bytes)} from ${formatAddress(address)}`);
      count++;
    }
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
  }
  if (count < words.length) {
    throw new Error(`receive from ${formatAddress(to)}: ${count} of ${words.length} came back`);
  }
}

// #region broadcast
/** Sends each word in a datagram, and says whether they went to everybody. */
async function send(socket: Socket, to: IpAddress): Promise<boolean> {
  const datagrams = words.map((word) => new TextEncoder().encode(word));
  try {
    for (const datagram of datagrams) await socket.sendTo(datagram, to);
    return false;
  } catch (error) {
    if (!(error instanceof PermissionError)) throw error;
    socket.setsockopt('SO_BROADCAST', true); // who wants to reach everybody has to say so
    for (const datagram of datagrams) await socket.sendTo(datagram, to);
    return true;
  }
}
// #endregion broadcast
// #endregion udp-echo
