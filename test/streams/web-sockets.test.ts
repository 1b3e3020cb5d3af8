/** WebSockets of `ws` over native connections: the upgrade of a fed server, and a client on a native socket. */
import { once } from 'node:events';
import { createConnection } from '@wireline/socket/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { attach } from '@wireline/socket';
import { pattern } from '../conformance/sockets.ts';
import { fedSite } from './feed.ts';
import { KINDS } from './stream-kind.ts';

describe.each(KINDS)('$name', (kind) => {
  test('both sides: texts, a large message, a ping, and the closing handshake', async () => {
    const { site, port } = await fedSite(kind, (_request, response) => response.end());
    const sockets = new WebSocketServer({ server: site });
    onTestFinished(() => sockets.close());
    sockets.on('connection', (socket) => {
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
    const native = await createConnection({ host: '127.0.0.1', port });
    const near = new WebSocket(`ws://127.0.0.1:${port}/`, {
      createConnection: () => kind.make(native),
    });
    onTestFinished(() => near.terminate());
    await once(near, 'open');
    // `ws` does not declare its socket.
    expect(attach(near as unknown as { _socket: unknown }).tcpInfo().state).toBe('ESTABLISHED');
    near.send('hello');
    expect(String((await once(near, 'message'))[0])).toBe('hello');
    const large = pattern(5_000_000);
    near.send(large);
    const [back] = (await once(near, 'message')) as [Buffer]; // what the event carries
    expect(back.equals(large)).toBe(true);
    near.ping();
    await once(near, 'pong');
    near.close(4001, 'enough');
    expect(await once(near, 'close')).toMatchObject([4001, expect.anything()]);
  });
});
