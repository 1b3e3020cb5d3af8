/** `head`: what was received before the stream was made is read first, by whoever gets the stream. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { Family } from '@wireline/socket';
import type { Socket } from '@wireline/socket/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { acceptedAwaited, connection, kept, listen } from './connection.ts';
import { textOf, turn } from './reading.ts';
import { KINDS, type StreamKind } from './stream-kind.ts';

describe.each(KINDS)('$name', (kind) => {
  test('is read first, and once', async () => {
    const { stream, peer } = await connection(kind, { head: Buffer.from('head ') });
    peer.end('and body');
    expect(await textOf(stream)).toBe('head and body');
    expect(stream.bytesRead, 'what the stream received itself').toBe('and body'.length);
  });

  test('is there where the peer has ended already', async () => {
    const { source, peer } = await acceptedAwaited();
    peer.end('all');
    const head = await source.recv(100);
    await turn();
    expect(await textOf(kept(kind.make(source, { head })))).toBe('all');
  });

  test('of length 0 is not the end', async () => {
    const { stream, peer } = await connection(kind, { head: new Uint8Array(0) });
    peer.end('body');
    expect(await textOf(stream)).toBe('body');
  });

  test('one byte at a time, as a text', async () => {
    const { stream, peer } = await connection(kind, { head: Buffer.from('a€').subarray(0, 2) });
    stream.setEncoding('utf8');
    peer.end(Buffer.from('€').subarray(1));
    expect(await textOf(stream)).toBe('a€');
  });

  test('one port for HTTP and an echo: the first bytes decide', async () => {
    const port = await sniffer(kind);
    const answer = await fetch(`http://127.0.0.1:${port}/page`, {
      headers: { connection: 'close' },
    });
    expect(await answer.text()).toBe('you asked for /page');
    const other = kept(connect(port, '127.0.0.1'));
    await once(other, 'connect');
    other.end('hello');
    expect(await textOf(other)).toBe('hello');
  });
});

/** Serves HTTP to whoever begins as a GET does, and an echo to all others. */
async function sniffer(kind: StreamKind): Promise<number> {
  const site = createServer((request, response) => response.end(`you asked for ${request.url}`));
  site.emit('listening');
  onTestFinished(() => site.closeAllConnections());
  const listener = await listen();
  const serve = async (socket: Socket<Family>): Promise<void> => {
    const head = await socket.recv(4);
    const stream = kept(kind.make(socket, { head, allowHalfOpen: true }));
    if (Buffer.from(head).toString() === 'GET ') site.emit('connection', stream);
    else stream.pipe(stream);
  };
  const acceptAll = async (): Promise<void> => {
    for (;;) await serve((await listener.accept()).socket);
  };
  acceptAll().catch(() => {}); // it ends when the listener is closed
  const where = listener.getsockname();
  if (!('port' in where)) throw new Error('listen: no port');
  return where.port;
}
