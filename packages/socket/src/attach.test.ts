/**
 * attach, on sockets that Node owns, of all the kinds that it takes.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, request as httpRequest } from 'node:http';
import { connect as http2Connect, createServer as createHttp2Server } from 'node:http2';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { connect as tlsConnect, createServer as createTlsServer, TLSSocket } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { attach, type Attachable, type AttachedSocket } from './attach.ts';
import { NoDescriptorError, UnsupportedError } from './errors.ts';
import { SocketDescriptor } from './descriptor/socket-descriptor.ts';

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port; // a TCP server has a port
}

/** A connection between two sockets of Node's. */
async function connectedPair(): Promise<[Socket, Socket]> {
  const server = createServer();
  const port = await listening(server);
  const near = connect(port, '127.0.0.1');
  const [[far]] = (await Promise.all([once(server, 'connection'), once(near, 'connect')])) as [
    [Socket],
    unknown,
  ];
  onTestFinished(() => {
    near.destroy();
    far.destroy();
  });
  return [near, far];
}

/** What every connected TCP socket answers. */
function expectConnected(attached: AttachedSocket, port: number): void {
  expect(attached.fileno()).toBeGreaterThan(2);
  expect(attached.tcpInfo()).toMatchObject({ state: 'ESTABLISHED', totalRetrans: 0 });
  expect(attached.tcpInfo().rttMs).toBeGreaterThan(0);
  // How much waits just now is the network's business.
  expect(attached.queueDepths()).toEqual({
    recvQ: expect.any(Number),
    sendQ: expect.any(Number),
    unsent: expect.any(Number),
  });
  expect([attached.getsockname(), attached.getpeername()]).toContainEqual(
    expect.objectContaining({ port }),
  );
  attached.setsockopt('TCP_USER_TIMEOUT', 12_345);
  expect(attached.getsockopt('TCP_USER_TIMEOUT')).toBe(12_345);
}

describe('what it takes', () => {
  test('a net.Socket, of either side', async () => {
    const [near, far] = await connectedPair();
    const port = near.remotePort ?? 0;
    expectConnected(attach(near), port);
    expectConnected(attach(far), port);
    expect(attach(near).getsockname()).toEqual({
      family: 'inet',
      host: '127.0.0.1',
      port: near.localPort,
    });
  });

  test('an HTTP request and a response, of either side', async () => {
    const server = createHttpServer((request, response) => {
      expectConnected(attach(request), port);
      expectConnected(attach(response), port);
      response.write('hello'); // not its end, behind which the connection is closed
      onTestFinished(() => void response.end());
    });
    const port = await listening(server);
    const request = httpRequest({ port, host: '127.0.0.1', agent: false });
    const early = attach(request); // it has no socket yet
    expect(early.fileno()).toBe(-1);
    expect(() => early.tcpInfo()).toThrow(NoDescriptorError);
    request.end();
    const [response] = (await once(request, 'response')) as [Attachable]; // an IncomingMessage
    expectConnected(early, port);
    expectConnected(attach(response), port);
  });

  test('a tls.TLSSocket, of either side', async () => {
    const key = Buffer.from('0123456789abcdef');
    const psk = { ciphers: 'PSK', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
    const server = createTlsServer({ ...psk, pskCallback: () => key });
    const port = await listening(server);
    const near = tlsConnect({
      ...psk,
      port,
      host: '127.0.0.1',
      pskCallback: () => ({ psk: key, identity: 'somebody' }),
      checkServerIdentity: () => undefined,
    });
    onTestFinished(() => void near.destroy());
    const [[far]] = (await Promise.all([
      once(server, 'secureConnection'),
      once(near, 'secureConnect'),
    ])) as [[TLSSocket], unknown];
    expectConnected(attach(near), port);
    expectConnected(attach(far), port);
    // The descriptor is that of the connection: what it tells is of encrypted bytes.
    const before = attach(far).tcpInfo().bytesReceived;
    near.write('x');
    await once(far, 'data');
    expect(attach(far).tcpInfo().bytesReceived - before).toBeGreaterThan(1);
  });

  test('a WebSocket of ws, of either side', async () => {
    const server = createHttpServer();
    const sockets = new WebSocketServer({ server });
    const port = await listening(server);
    const near = new WebSocket(`ws://127.0.0.1:${port}`);
    onTestFinished(() => near.terminate());
    const [[far]] = (await Promise.all([once(sockets, 'connection'), once(near, 'open')])) as [
      [Attachable],
      unknown,
    ];
    // ws does not declare `_socket`, which is its own and has been there since its first version.
    expectConnected(attach(near as unknown as Attachable), port);
    expectConnected(attach(far), port);
  });

  test('an HTTP/2 session', async () => {
    const server = createHttp2Server();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo; // a TCP server has a port
    const session = http2Connect(`http://127.0.0.1:${port}`);
    onTestFinished(() => {
      session.destroy();
      server.close();
    });
    await once(session, 'connect');
    expectConnected(attach(session), port);
  });

  test('a net.Server: its queue is the backlog', async () => {
    const server = createServer();
    const port = await listening(server);
    const attached = attach(server);
    expect(attached.getsockopt('SO_ACCEPTCONN')).toBe(true);
    expect(attached.tcpInfo().state).toBe('LISTEN');
    expect(attached.getsockname()).toMatchObject({ port });
    expect(attached.queueDepths()).toMatchObject({ recvQ: 0, sendQ: 511 });
  });

  test('a net.Server on a path, and both ends of a connection to it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wl-'));
    const path = join(folder, 'socket');
    const server = createServer();
    onTestFinished(() => {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    });
    server.listen(path);
    await once(server, 'listening');
    const where = { family: 'unix', path };
    expect(attach(server).getsockname()).toEqual(where);
    expect(attach(server).getsockopt('SO_ACCEPTCONN')).toBe(true);
    expect(String(attach(server))).toMatch(/^\[AttachedSocket \d+ unix unix:.*\/socket open\]$/);

    const accepted = once(server, 'connection');
    const near = connect(path);
    const [far] = (await accepted) as [Socket]; // what the event carries
    onTestFinished(() => [near, far].forEach((socket) => socket.destroy()));
    const unnamed = { family: 'unix', path: '' };
    expect([attach(near).getsockname(), attach(near).getpeername()]).toEqual([unnamed, where]);
    expect([attach(far).getsockname(), attach(far).getpeername()]).toEqual([where, unnamed]);
    expect(attach(near).getsockopt('SO_PEERCRED').pid).toBe(process.pid);
    attach(near).setsockopt('SO_SNDBUF', 20_000);
    expect(attach(near).getsockopt('SO_SNDBUF')).toBe(40_000);
    expect(() => attach(near).tcpInfo()).toThrow(UnsupportedError);
    expect(attach(near).queueDepths()).toMatchObject({ recvQ: 0, sendQ: 0 });
  });

  test('a dgram.Socket, without a warning', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on('warning', note);
    onTestFinished(() => void process.off('warning', note));
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const attached = attach(socket);
    expect(attached.getsockname()).toMatchObject({ port: socket.address().port });
    expect(attached.queueDepths()).toMatchObject({ recvQ: 0 });
    const closed = once(socket, 'close');
    socket.close();
    await closed;
    expect(attached.fileno()).toBe(-1);
    await new Promise(setImmediate); // warnings come a tick later
    expect(warnings).toEqual([]);
  });
});

describe('what has no descriptor', () => {
  test('a socket that is not connected yet: the calls say so until it is', async () => {
    const server = createServer((socket) => socket.end());
    const port = await listening(server);
    const socket = connect(port, '127.0.0.1');
    const unconnected = attach(new (socket.constructor as new () => Socket)());
    expect(unconnected.fileno()).toBe(-1);
    expect(() => unconnected.tcpInfo()).toThrow(
      "attach to a Socket: it has no descriptor: it is not connected yet, or over; use it between 'connect' and 'close'",
    );
    socket.destroy();
  });

  test('a socket that is over, whose number somebody else has by now', async () => {
    const [near] = await connectedPair();
    const attached = attach(near);
    const number = attached.fileno();
    const closed = once(near, 'close');
    near.destroy();
    await closed;
    const numbers: number[] = [];
    // The kernel gives the lowest free number: some come before.
    while (!numbers.includes(number)) {
      const other = new SocketDescriptor();
      onTestFinished(() => other.close());
      numbers.push(other.fileno());
      expect(numbers.length).toBeLessThan(100);
    }
    for (const call of [
      () => attached.setsockopt('TCP_NODELAY', true),
      () => attached.getsockopt('TCP_NODELAY'),
      () => attached.tcpInfo(),
      () => attached.queueDepths(),
      () => attached.getsockname(),
      () => attached.getpeername(),
    ]) {
      expect(call).toThrow(NoDescriptorError);
    }
    expect(attached.fileno()).toBe(-1);
  });

  test('a TLS socket over a stream that is no socket', () => {
    const attached = attach(new TLSSocket(new PassThrough()));
    expect(() => attached.tcpInfo()).toThrow(NoDescriptorError);
  });

  test.each([
    ['a Response of fetch', new Response(''), /undici:client:connected/],
    ['a plain object', {}, /attach to an Object: .*pass a socket/],
    ['nothing', undefined, /attach to undefined: .*pass a socket/],
    ['a number', 3, /attach to a number: .*pass a socket/],
  ])('%s: an error at once', (_, x, message) => {
    const attempt = (): unknown => attach(x as unknown as Attachable); // what a caller without types does
    expect(attempt).toThrow(NoDescriptorError);
    expect(attempt).toThrow(message);
  });
});

test('fetch: its socket comes over a diagnostics channel', async () => {
  const { subscribe, unsubscribe } = await import('node:diagnostics_channel');
  const server = createHttpServer((_, response) => response.end('hello'));
  const port = await listening(server);
  let connection: AttachedSocket | undefined;
  const onConnected = (message: unknown): void => {
    connection = attach(message as { socket: Socket }); // what undici documents
  };
  subscribe('undici:client:connected', onConnected);
  onTestFinished(() => void unsubscribe('undici:client:connected', onConnected));
  await (await fetch(`http://127.0.0.1:${port}/`)).text();
  if (connection === undefined) throw new Error('the channel said nothing');
  expectConnected(connection, port);
  server.closeAllConnections();
});
