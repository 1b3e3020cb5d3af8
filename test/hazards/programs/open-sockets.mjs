/** Sockets of every kind, open and at work: what somebody has who ends without closing anything. */
import { fromFd, SocketDescriptor, socketpair } from '@wireline/socket';
import { currentEventLoop } from '@wireline/socket/event-loop';
import * as awaited from '@wireline/socket/promises';
import { awaitedConnection, blockingConnection, connectedPair, listening } from './tools.mjs';

/**
 * Opens them. They are held here: nothing is collected.
 *
 * @param {{ areWaiting: boolean }} options whether calls wait on the awaited ones. They keep the thread alive.
 */
export async function openSockets({ areWaiting }) {
  const [near, far] = await connectedPair();
  const listener = listening();
  const blocking = blockingConnection();
  const waiting = await awaitedConnection();
  const copies = [
    blocking.near.dup(),
    waiting.far.dup(),
    fromFd(blocking.far.fileno()),
    awaited.fromFd(near.fileno()),
    new SocketDescriptor({ type: 'dgram' }),
    blocking.server.dup(),
  ];
  const pairs = [...socketpair(), ...awaited.socketpair({ type: 'seqpacket' })];
  const received = receivedDescriptors();
  near.trySend(new Uint8Array(10));
  blocking.near.sendAll(new Uint8Array(10));
  const registration = currentEventLoop().register(listener.fileno(), 'read', { onReady() {} });
  if (areWaiting) {
    void waiting.server.accept();
    void waiting.near.recv(1);
    void receiveAll(waiting.far);
  } else {
    // Each has been through the loop, and is registered there, without holding the thread.
    const comes = waiting.near.recv(1);
    await waiting.far.send(new Uint8Array(1));
    await comes;
    registration.unref();
  }
  const all = { near, far, listener, blocking, waiting, copies, pairs, received, registration };
  held.push(all);
  return all;
}

/** @type {unknown[]} */
const held = [];

/** Numbers that nobody else has: a connection, as it was passed over a pair that is no more. */
function receivedDescriptors() {
  const [one, other] = socketpair();
  const passed = socketpair();
  one.sendFds(
    new Uint8Array(1),
    passed.map((socket) => socket.fileno()),
  );
  const { fds } = other.recvFds(1, passed.length);
  for (const socket of [one, other, ...passed]) socket.close();
  return fds;
}

/** @param {awaited.Socket} socket */
async function receiveAll(socket) {
  let total = 0;
  for await (const chunk of socket) total += chunk.length;
  return total;
}
