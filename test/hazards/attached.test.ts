/**
 * Hazards of sockets that Node owns: it closes them when it likes, and the kernel gives the number to the next
 * one. What was attached must not touch that.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { attach, NoDescriptorError, SocketDescriptor, type AttachedSocket } from '@wireline/socket';
import { expect, onTestFinished, test } from 'vitest';

/** A socket of ours that has the number `fd`, as soon as the kernel gives it: it gives the lowest free one. */
function takeOver(fd: number): SocketDescriptor {
  for (;;) {
    const socket = new SocketDescriptor();
    onTestFinished(() => socket.close());
    if (socket.fileno() === fd) return socket;
  }
}

/** Tries everything on `attached`, whose socket is over; another socket, `ours`, has its number now. */
function expectOver(attached: AttachedSocket, ours: SocketDescriptor): void {
  const before = ours.getsockopt('SO_KEEPALIVE');
  expect(attached.fileno()).toBe(-1);
  for (const call of [
    () => attached.setsockopt('SO_KEEPALIVE', !before),
    () => attached.setsockopt(1, 9, before ? 0 : 1),
    () => attached.getsockopt('SO_KEEPALIVE'),
    () => attached.getsockopt(1, 9),
    () => attached.getsockname(),
    () => attached.getpeername(),
    () => attached.tcpInfo(),
    () => attached.queueDepths(),
  ]) {
    expect(call).toThrow(NoDescriptorError);
  }
  expect(ours.getsockopt('SO_KEEPALIVE')).toBe(before);
}

async function listening(): Promise<{ server: Server; port: number }> {
  const server = createTcpServer((socket) => socket.on('error', () => {}).resume());
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listen: no port');
  return { server, port: address.port };
}

async function connected(): Promise<Socket> {
  const { port } = await listening();
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

test('Node destroys a socket, and another one gets its number', async () => {
  const socket = await connected();
  const attached = attach(socket);
  attached.setsockopt('SO_KEEPALIVE', true);
  const fd = attached.fileno();
  socket.destroy();
  const ours = takeOver(fd); // at once, before Node has told anybody that it is closed
  expectOver(attached, ours);
  await once(socket, 'close');
  expectOver(attached, ours);
});

test('the peer ends, Node closes by itself', async () => {
  const socket = await connected();
  const attached = attach(socket);
  const fd = attached.fileno();
  socket.end();
  await once(socket.resume(), 'close');
  expectOver(attached, takeOver(fd));
});

test('a socket connects again: what is attached is the new one', async () => {
  const socket = await connected();
  const attached = attach(socket);
  const { port } = await listening();
  socket.destroy();
  await once(socket, 'close');
  expect(attached.fileno()).toBe(-1);
  const between = new SocketDescriptor(); // gets the old number, or the one after it
  onTestFinished(() => between.close());
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  expect(attached.getpeername()).toMatchObject({ port });
  expect(attached.fileno()).not.toBe(between.fileno());
});

test('a server closes', async () => {
  const { server } = await listening();
  const attached = attach(server);
  const fd = attached.fileno();
  server.close();
  expectOver(attached, takeOver(fd));
});

test('a datagram socket closes', async () => {
  const socket = createSocket('udp4');
  await once(socket.bind(0, '127.0.0.1'), 'listening');
  const attached = attach(socket);
  const fd = attached.fileno();
  socket.close();
  expectOver(attached, takeOver(fd));
});

test('a request is over and its connection closed: from the request and from the response', async () => {
  const server = createServer();
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listen: no port');
  const client = request({ host: '127.0.0.1', port: address.port, agent: false });
  client.on('error', () => {}).end();
  // What the event gives, as node:http documents it.
  const [incoming, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  const attached = [attach(incoming), attach(response)];
  const ofClient = attach(client);
  const [fd, fdOfClient] = [attach(incoming).fileno(), ofClient.fileno()];
  incoming.socket.destroy();
  const ours = takeOver(fd);
  for (const each of attached) expectOver(each, ours);
  client.destroy();
  expectOver(ofClient, takeOver(fdOfClient));
});
