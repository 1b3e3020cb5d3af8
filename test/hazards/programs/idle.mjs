/**
 * Waits in the loop. With `SIGINT` as argument it has a handler for Ctrl-C, with `connection` it ends after
 * the first, with `nothing` nothing is registered.
 */
import { EventLoop, Listener } from '@wireline/socket/event-loop';
import { listening } from './tools.mjs';

const [reason] = process.argv.slice(2);

if (reason === 'nothing') {
  const socket = listening();
  const loop = new EventLoop();
  loop.register(socket.fileno(), 'read', { onReady: () => {} }).unregister();
  process.stdout.write('nothing registered');
} else {
  const listener = new Listener(listening(), {
    onConnection({ socket }) {
      socket.close();
      end('connection');
    },
    onError(error) {
      throw error;
    },
  });
  /** @param {string} why */
  const end = (why) => {
    process.stdout.write(why);
    process.removeAllListeners('SIGINT');
    listener.close();
  };
  if (reason === 'SIGINT') process.on('SIGINT', () => end('handled'));
  process.stdout.write(`${listener.address.port}\n`);
}
