/** Uses up all descriptors, then asks for a loop and for a socket; frees some, and asks again. */
import { SocketDescriptor } from '@wireline/socket';
import { EventLoop } from '@wireline/socket/event-loop';
import { facts, failure, report } from './tools.mjs';

/** @type {SocketDescriptor[]} */
const sockets = [];
const socket = failure(() => {
  for (;;) sockets.push(new SocketDescriptor());
});
const loop = failure(() => new EventLoop());
for (const each of sockets.splice(0, 2)) each.close();
const later = failure(() => {
  const second = new EventLoop();
  second.register(sockets[0]?.fileno() ?? -1, 'read', { onReady: () => second.close() });
});
report({ socket: facts(socket), loop: facts(loop), later: facts(later) });
