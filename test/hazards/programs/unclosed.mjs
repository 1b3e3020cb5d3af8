/**
 * Forgets sockets of the face of the first argument, `blocking` or `awaited`, and collects garbage: what
 * their peers see, and which warnings come.
 */
import { formatAddress, Socket, WOULD_BLOCK } from '@wireline/socket';
import { currentEventLoop } from '@wireline/socket/event-loop';
import * as awaited from '@wireline/socket/promises';
import { toDuplex } from '@wireline/socket/streams';
import { collectGarbage, connectedPair, failure, report } from './tools.mjs';

/** @typedef {import('@wireline/socket').SocketDescriptor} SocketDescriptor */

const isBlocking = process.argv[2] === 'blocking';
const Face = isBlocking ? Socket : awaited.Socket;

/** @type {Error[]} */
const warnings = [];
process.on('warning', (warning) => warnings.push(warning));

/** @type {unknown[]} */
const held = [];

const results = {
  dropped: await forget(() => {}),
  closed: await forget((socket) => socket.close()),
  disposed: await forget((socket) => socket[Symbol.dispose]()),
  detached: await forget((socket) => void socket.detach()),
  'closed, and the number in use again': await numberUsedAgain('closed'),
  'dropped, and the number in use again': await numberUsedAgain('dropped'),
  'a copy, not the socket': await forget((socket) => (keep(socket), void socket.dup())),
  'a stream that is full, and whose peer is gone': await fullStream(),
  'not the file over it': await forget((socket) => keep(socket.makeFile())),
  ...(isBlocking ? {} : await ofAwaited()),
};
report(results);

async function ofAwaited() {
  return {
    'idle, after a wait in the loop': await forget(async (socket, peer) => {
      const comes = awaitedSocket(socket).recv(1);
      peer.trySend(new Uint8Array(1));
      await comes;
    }),
    'idle, after waiting for both': await forget(async (socket, peer) => {
      const sent = awaitedSocket(socket).sendAll(new Uint8Array(8 * 1024 * 1024));
      const comes = awaitedSocket(socket).recv(1);
      peer.trySend(new Uint8Array(1));
      const room = new Uint8Array(1024 * 1024);
      const state = { isSent: false };
      void sent.then(() => (state.isSent = true));
      while (!state.isSent) {
        peer.tryRecvInto(room);
        await nextTurn();
      }
      while (peer.tryRecvInto(room) !== WOULD_BLOCK);
      await comes;
    }),
    'awaited: recv': await waiting(async (socket) => (await socket.recv(10)).length),
    'awaited: recvInto': await waiting((socket) => socket.recvInto(new Uint8Array(10))),
    'awaited: for await': await waiting(async (socket) => {
      for await (const chunk of socket) return chunk.length;
      return 0;
    }),
  };
}

/**
 * What comes of a socket that is forgotten after `use`.
 *
 * @param {(socket: InstanceType<typeof Face>, peer: SocketDescriptor) => void | Promise<void>} use
 */
async function forget(use) {
  const { peer, title } = await useOne(use);
  return { ...(await collected(title)), sawEnd: hasEnded(peer) };
}

/**
 * In a function of its own: nothing of it stays on the stack.
 *
 * @param {(socket: InstanceType<typeof Face>, peer: SocketDescriptor) => void | Promise<void>} use
 */
async function useOne(use) {
  const [near, peer] = await connectedPair();
  const local = formatAddress(near.getsockname());
  const remote = formatAddress(near.getpeername());
  const fd = near.detach();
  await use(new Face({ fd }), peer);
  return { peer, fd, title: `${local} -> ${remote}` };
}

/** A stream waits for nothing any more, so the loop does not hold it. */
async function fullStream() {
  const { title } = await useOne(async (socket, peer) => {
    const stream = toDuplex(socket, { readableHighWaterMark: 1 });
    peer.trySend(new Uint8Array(10));
    while (stream.readableLength === 0) await nextTurn();
    peer.setsockopt('SO_LINGER', 0);
    peer.close();
    while (currentEventLoop().size > 0) await nextTurn();
  });
  return { warnings: (await collected(title)).warnings };
}

function nextTurn() {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Collects garbage, and tells of the warnings that came: their codes, and whether they name the connection.
 *
 * @param {string} title
 */
async function collected(title) {
  await collectGarbage();
  const came = warnings.splice(0);
  return {
    warnings: came.map((warning) => ('code' in warning ? warning.code : warning.name)),
    named: came.every(({ message }) => message.includes(title) && /Descriptor \d+ /.test(message)),
  };
}

/**
 * Another socket gets the number of one that was closed, before that is collected, or of one that was
 * collected: is it still open after more collections?
 *
 * @param {'closed' | 'dropped'} how
 */
async function numberUsedAgain(how) {
  const { fd, title } = await useOne((socket) => (how === 'closed' ? socket.close() : undefined));
  const before = how === 'dropped' ? (await collected(title)).warnings : [];
  const others = [new Face({ type: 'dgram' })];
  // The kernel gives the lowest number that is free: it comes soon.
  while (others.at(-1)?.fileno() !== fd) others.push(new Face({ type: 'dgram' }));
  const { warnings } = await collected(title);
  const isOpen = failure(() => others.at(-1)?.getsockname()) === undefined;
  for (const each of others) each.close();
  return { warnings: [...before, ...warnings], isOpen };
}

/**
 * A socket that is forgotten while a call waits: the call holds it, and gets what comes.
 *
 * @param {(socket: ReturnType<typeof awaitedSocket>) => Promise<number>} call
 */
async function waiting(call) {
  /** @type {Promise<number> | undefined} */
  let comes;
  const { peer, title } = await useOne((socket) => void (comes = call(awaitedSocket(socket))));
  const told = await collected(title);
  const sawEnd = hasEnded(peer);
  peer.trySend(new Uint8Array(7));
  const length = await comes;
  // Then it is forgotten like any other.
  return { ...told, sawEnd, length, later: (await collected(title)).warnings };
}

/** @param {unknown} x */
function keep(x) {
  held.push(x);
}

/** @param {InstanceType<typeof Face>} socket */
function awaitedSocket(socket) {
  if (socket instanceof awaited.Socket) return socket;
  throw new Error('the other face');
}

/** @param {SocketDescriptor} peer */
function hasEnded(peer) {
  return peer.tryRecvInto(new Uint8Array(1)) === 0;
}
