/**
 * Sockets against `node:net`, which knows nothing of them, in both roles.
 */
import { once } from 'node:events';
import { connect as nodeConnect, type Socket as NodeSocket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  accept,
  closing,
  connectedPair,
  FAMILIES,
  listening,
  loopback,
  nodeServer,
  pattern,
  ready,
  receive,
  receiveToEnd,
  sendAll,
} from '../../test/loopback.ts';
import { BrokenPipeError, ConnectionResetError } from '../errors.ts';
import { WOULD_BLOCK } from '../libc/syscall.ts';
import { SocketDescriptor } from './socket-descriptor.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Everything that Node receives until the end of the stream. */
async function readAll(peer: NodeSocket): Promise<Buffer> {
  const parts: Buffer[] = [];
  peer.on('data', (part: Buffer) => parts.push(part));
  await once(peer, 'end');
  return Buffer.concat(parts);
}

/** A connection to Node: our socket, and Node's. */
async function connectToNode(): Promise<[SocketDescriptor, NodeSocket]> {
  let arrived!: (socket: NodeSocket) => void;
  const arrival = new Promise<NodeSocket>((resolve) => (arrived = resolve));
  const { port } = await nodeServer(arrived);
  const socket = closing(new SocketDescriptor());
  socket.tryConnectEx(loopback('inet', port));
  const peer = await arrival;
  onTestFinished(() => void peer.destroy());
  await ready(socket, 'write');
  return [socket, peer];
}

describe.for(FAMILIES)('$name', ({ family, missing }) => {
  test.skipIf(missing)('we connect, Node serves: bytes go both ways', async () => {
    const { port } = await nodeServer((peer) => peer.pipe(peer), loopback(family).host);
    const socket = closing(new SocketDescriptor({ family }));
    socket.tryConnectEx(loopback(family, port));
    await ready(socket, 'write');
    const sent = pattern(300_000);
    const [received] = await Promise.all([
      receiveToEnd(socket),
      sendAll(socket, sent).then(() => socket.shutdown('write')),
    ]);
    expect(received.equals(sent)).toBe(true);
  });

  test.skipIf(missing)('Node connects, we serve: bytes go both ways', async () => {
    const listener = listening(family);
    const { host, port } = listener.getsockname();
    const peer = nodeConnect({ host, port });
    const { socket, address } = await accept(listener);
    expect({ host: peer.localAddress, port: peer.localPort }).toEqual({
      host: address.host,
      port: address.port,
    });
    const sent = pattern(300_000);
    peer.end(sent);
    const received = await receiveToEnd(socket);
    expect(received.equals(sent)).toBe(true);
    // Node ends its side on its own only after ours: the answer still arrives.
    const [answer] = await Promise.all([
      readAll(peer),
      sendAll(socket, received.reverse()).then(() => socket.shutdown('write')),
    ]);
    expect(answer.equals(sent.reverse())).toBe(true);
  });
});

describe('half-close', () => {
  test('we are done sending and still listen', async () => {
    const [socket, peer] = await connectToNode();
    socket.trySend(text('question'));
    socket.shutdown('write');
    expect((await readAll(peer)).toString()).toBe('question'); // it saw the end
    peer.end('answer');
    expect((await receiveToEnd(socket)).toString()).toBe('answer');
    expect(() => socket.trySend(text('more'))).toThrow(BrokenPipeError);
  });

  test('the peer is done sending and still listens', async () => {
    const [socket, peer] = await connectToNode();
    peer.end('question');
    expect((await receiveToEnd(socket)).toString()).toBe('question');
    expect(socket.tryRecvInto(new Uint8Array(1)), 'the end stays the end').toBe(0);
    socket.trySend(text('answer'));
    socket.shutdown('write');
    expect((await readAll(peer)).toString()).toBe('answer');
  });

  test('done listening: nothing more is received, and sending goes on', async () => {
    const [near, far] = await connectedPair();
    near.shutdown('read');
    expect((await receive(near)).length).toBe(0);
    near.trySend(text('still here'));
    expect(Buffer.from(await receive(far)).toString()).toBe('still here');
  });

  test('both directions at once', async () => {
    const [near, far] = await connectedPair();
    near.shutdown('both');
    expect((await receive(far)).length).toBe(0);
    expect((await receive(near)).length).toBe(0);
    expect(() => near.trySend(text('x'))).toThrow(BrokenPipeError);
  });
});

test('a peer that does not read: send takes less, then nothing, and every byte arrives in order', async () => {
  const [near, far] = await connectedPair();
  const bytes = pattern(16 * 1024 * 1024); // more than two socket buffers hold
  const first = near.trySend(bytes);
  if (first === WOULD_BLOCK) throw new Error('an empty buffer takes something');
  expect(first, 'a short send').toBeLessThan(bytes.length);
  let sent = first;
  for (;;) {
    const count = near.trySend(bytes.subarray(sent));
    if (count === WOULD_BLOCK) break;
    sent += count;
  }
  expect(sent).toBeLessThan(bytes.length);
  const [received] = await Promise.all([
    receiveToEnd(far),
    sendAll(near, bytes.subarray(sent)).then(() => near.shutdown('write')),
  ]);
  expect(received.equals(bytes)).toBe(true);
});

test('a peer that resets: the next receive says so', async () => {
  const [socket, peer] = await connectToNode();
  peer.resetAndDestroy();
  await ready(socket, 'read');
  expect(() => socket.tryRecvInto(new Uint8Array(1))).toThrow(ConnectionResetError);
});

test('sending to a peer that is gone is an error, and no signal ends the process', async () => {
  const [socket, peer] = await connectToNode();
  peer.resetAndDestroy();
  await ready(socket, 'read');
  expect(() => socket.trySend(text('x'))).toThrow(ConnectionResetError);
  expect(() => socket.trySend(text('x'))).toThrow(BrokenPipeError);
});

test('SO_LINGER 0 makes close a reset', async () => {
  const [socket, peer] = await connectToNode();
  const failure = once(peer, 'error');
  peer.resume();
  socket.setsockopt('SO_LINGER', 0);
  socket.close();
  expect(await failure).toEqual([expect.objectContaining({ code: 'ECONNRESET' })]);
});
