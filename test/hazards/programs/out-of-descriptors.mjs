/** Uses up all descriptors, then asks for a loop and for a socket; frees some, and asks again. */
import { Socket, SystemError } from '@wireline/socket';
import { EventLoop } from '@wireline/socket/event-loop';
import { failure, report } from './tools.mjs';

/** @param {Error | undefined} error */
const facts = (error) =>
  error instanceof SystemError
    ? { name: error.name, code: error.code, syscall: error.syscall }
    : String(error ?? 'none');

/** @type {Socket[]} */
const sockets = [];
const socket = failure(() => {
  for (;;) sockets.push(new Socket());
});
const loop = failure(() => new EventLoop());
for (const each of sockets.splice(0, 2)) each.close();
const later = failure(() => {
  const second = new EventLoop();
  second.register(sockets[0]?.fileno() ?? -1, 'read', { onReady: () => second.close() });
});
report({ socket: facts(socket), loop: facts(loop), later: facts(later) });
