/** A socket that is closed: no call does anything, and each says so. */
import { SocketClosedError } from '@wireline/socket';
import { describe, expect, test } from 'vitest';
import { FACES, type FaceSocket } from './face.ts';
import { kept, pair } from './sockets.ts';

const BYTES = new Uint8Array(1);
const WHERE = { host: '127.0.0.1', port: 1 };

const CALLS: Readonly<Record<string, (socket: FaceSocket) => unknown>> = {
  accept: (s) => s.accept(),
  bind: (s) => s.bind(WHERE),
  chunks: async (s) => {
    for await (const chunk of s.chunks()) expect.unreachable(`got ${chunk.length} bytes`);
  },
  connect: (s) => s.connect(WHERE),
  connectEx: (s) => s.connectEx(WHERE),
  detach: (s) => s.detach(),
  dup: (s) => s.dup(),
  getpeername: (s) => s.getpeername(),
  getsockname: (s) => s.getsockname(),
  'getsockopt by name': (s) => s.getsockopt('SO_ERROR'),
  'getsockopt by number': (s) => s.getsockopt(1, 4),
  listen: (s) => s.listen(),
  queueDepths: (s) => s.queueDepths(),
  recv: (s) => s.recv(1),
  recvExactly: (s) => s.recvExactly(1),
  recvFds: (s) => s.recvFds(1, 1),
  recvFrom: (s) => s.recvFrom(1),
  recvFromInto: (s) => s.recvFromInto(BYTES),
  recvInto: (s) => s.recvInto(BYTES),
  recvMsg: (s) => s.recvMsg(1),
  send: (s) => s.send(BYTES),
  sendAll: (s) => s.sendAll(BYTES),
  sendFds: (s) => s.sendFds(BYTES, [0]),
  sendMsg: (s) => s.sendMsg({ parts: [BYTES] }),
  'sendMsg to somebody': (s) => s.sendMsg({ parts: [BYTES], to: WHERE }),
  sendTo: (s) => s.sendTo(BYTES, WHERE),
  setsockopt: (s) => s.setsockopt('TCP_NODELAY', true),
  shutdown: (s) => s.shutdown('write'),
  tcpInfo: (s) => s.tcpInfo(),
  tryAccept: (s) => s.tryAccept(),
  tryConnectEx: (s) => s.tryConnectEx({ family: 'inet', ...WHERE }),
  tryRecvFromInto: (s) => s.tryRecvFromInto(BYTES),
  tryRecvInto: (s) => s.tryRecvInto(BYTES),
  tryRecvMsg: (s) => s.tryRecvMsg(1),
  trySend: (s) => s.trySend(BYTES),
  trySendMsg: (s) => s.trySendMsg({ parts: [BYTES] }),
  trySendTo: (s) => s.trySendTo(BYTES, { family: 'inet', ...WHERE }),
  iterating: async (s) => {
    for await (const chunk of s) expect.unreachable(`got ${chunk.length} bytes`);
  },
  'reading a file of it': (s) => s.makeFile().readLine(),
  'flushing a file of it': async (s) => {
    const file = s.makeFile();
    await file.write(BYTES);
    await file.flush();
  },
};

/** What is no call on the descriptor, and works nevertheless. */
const WORKING = new Set([
  'close',
  'closed',
  'constructor',
  'family',
  'fileno',
  'getTimeout',
  'makeFile',
  'setBlocking',
  'setTimeout',
  'toString',
  'type',
]);

/** Protected in the sources: not for users. */
const PROTECTED = new Set([
  'addressOf',
  'blocking',
  'connectTo',
  'deadline',
  'descriptor',
  'drained',
  'facts',
  'isImmediate',
  'libc',
  'own',
  'release',
  'run',
  'sleep',
  'surroundings',
  'tryFinishConnect',
  'until',
]);

/** The names that a user finds on a socket. */
function namesOf(socket: FaceSocket): string[] {
  const names = new Set(Object.keys(socket));
  for (let at: object = socket; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  }
  return [...names].filter((name) => !PROTECTED.has(name));
}

describe.each(FACES)('$title', (face) => {
  test.each(Object.entries(CALLS))('%s', async (_name, call) => {
    const [socket] = await pair(face);
    socket.close();
    await expect((async () => call(socket))()).rejects.toThrow(SocketClosedError);
  });

  test('the table has every call', () => {
    const listed = new Set(Object.keys(CALLS).map((name) => name.split(' ')[0]));
    const socket = kept(new face.Socket());
    expect(new Set(namesOf(socket).filter((name) => !listed.has(name)))).toEqual(WORKING);
  });

  test('what works: closing again, its number, its modes', async () => {
    const [socket] = await pair(face);
    expect(socket.closed).toBe(false);
    socket.close();
    socket.close();
    expect([socket.closed, socket.fileno()]).toEqual([true, -1]);
    socket.setTimeout(5);
    expect(socket.getTimeout()).toBe(5);
    socket.setBlocking(false);
    expect(socket.getTimeout()).toBe(0);
  });

  test('closing is once: a socket that got the number next is not closed', () => {
    const first = new face.Socket();
    const fd = first.fileno();
    first.close();
    const second = kept(new face.Socket());
    expect(second.fileno()).toBe(fd); // the kernel gives the lowest
    first.close();
    expect(second.getsockopt('SO_ERROR')).toBe(0);
  });

  test('a block that declares its socket closes it', async () => {
    const [near, far] = await pair(face);
    const copy = near.dup();
    near.close();
    if (Symbol.asyncDispose in copy) {
      await using socket = copy;
      await socket.sendAll(Uint8Array.of(1));
    } else {
      using socket = copy;
      socket.sendAll(Uint8Array.of(1));
    }
    expect(copy.closed).toBe(true);
    expect([...(await far.recv(10))]).toEqual([1]);
    expect(await far.recv(10)).toHaveLength(0);
  });

  test('leaving the iteration leaves the socket open', async () => {
    const [near, far] = await pair(face);
    await far.sendAll(Uint8Array.of(1));
    for await (const chunk of near) {
      expect([...chunk]).toEqual([1]);
      break;
    }
    await far.sendAll(Uint8Array.of(2));
    expect([...(await near.recv(1))]).toEqual([2]);
  });
});
