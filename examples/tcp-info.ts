/**
 * What the kernel knows about a connection: round-trip time, losses, windows.
 *
 *   npm run example -- tcp-info                       against a server of its own
 *   npm run example -- tcp-info www.example.org 80    against any other: the numbers of a real network
 *
 * It connects, sends a line, waits a second for an answer, and prints what TCP_INFO says, with units. Over the
 * loopback interface the round trip takes some microseconds, and nothing is lost.
 */
import { formatAddress, TimeoutError } from '@wireline/socket';
import { createConnection, createServer, type Socket } from '@wireline/socket/promises';

const [host, port = '', ...more] = process.argv.slice(2);
if (more.length > 0 || (host !== undefined && !(Number(port) >= 1 && Number(port) <= 65535))) {
  console.error('usage: npm run example -- tcp-info [HOST PORT]');
  process.exit(2);
}

try {
  if (host === undefined) {
    await using listener = await createServer({ host: '127.0.0.1', port: 0 });
    await Promise.all([echo(listener), examine('127.0.0.1', listener.getsockname().port)]);
  } else {
    await examine(host, Number(port));
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function examine(host: string, port: number): Promise<void> {
  await using socket = await createConnection({ host, port }, { timeoutMs: 10_000 });
  console.log(`connected to ${formatAddress(socket.getpeername())}`);
  await socket.sendAll(new TextEncoder().encode('hello\n'));
  socket.setTimeout(1000);
  try {
    console.log(`sent a line, received ${(await socket.recv(4096)).length} bytes\n`);
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    console.log('sent a line, received nothing for a second\n');
  }

  const info = socket.tcpInfo();
  const algorithm = socket.getsockopt('TCP_CONGESTION');
  print('state', info.state);
  print('round-trip time', `${ms(info.rttMs)}, varies by ${ms(info.rttVarMs)}`);
  print('resends after', ms(info.rtoMs));
  print('sent again', `${info.totalRetrans} of ${info.segsOut} segments`);
  print('lost now', `${info.lost} segments`);
  print('largest segment', `${bytes(info.sndMss)}, path MTU ${bytes(info.pmtu)}`);
  print('receive window', `${bytes(info.rcvWnd)} here, ${bytes(info.sndWnd)} there`);
  print('congestion', `${algorithm}, window ${info.sndCwnd} segments, state ${info.caState}`);
  print('delivery rate', `${bytes(info.deliveryRate)}/s`);
  print('agreed on', info.options.join(', '));
}

async function echo(listener: Socket): Promise<void> {
  const accepted = await listener.accept();
  await using socket = accepted.socket;
  for await (const chunk of socket) await socket.sendAll(chunk);
}

function print(what: string, value: string): void {
  console.log(`${what.padEnd(17)}${value}`);
}

function ms(value: number): string {
  return `${value.toFixed(3)} ms`;
}

/** Newer kernels tell more than older ones: what they do not tell is `undefined`. */
function bytes(value: number | undefined): string {
  return value === undefined ? 'unknown' : `${value.toLocaleString('en')} bytes`;
}
