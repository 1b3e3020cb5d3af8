/** Ways to wait for a connection that does not come: each opens what it needs and returns the wait. */
import { createServer } from '@wireline/socket';
import { EpollSelector, PollSelector, select } from '@wireline/socket/selectors';

/** A socket that listens. */
export function listening() {
  return createServer({ host: '127.0.0.1', port: 0 });
}

/**
 * By the name of the way.
 *
 * @type {Readonly<Record<string, (server?: ReturnType<typeof listening>) => () => unknown>>}
 */
export const BLOCKING_WAYS = {
  epoll(server = listening()) {
    const selector = new EpollSelector();
    selector.register(server, 'read');
    return () => selector.select();
  },
  'epoll with a time-out'(server = listening()) {
    const selector = new EpollSelector();
    selector.register(server, 'read');
    return () => selector.select(60_000);
  },
  poll(server = listening()) {
    const selector = new PollSelector();
    selector.register(server, 'read');
    return () => selector.select();
  },
  lists(server = listening()) {
    return () => select([server], [], []);
  },
  'empty lists'() {
    select([], [], [], 0); // loads the foreign-function library: to terminate that is another matter
    return () => select([], [], []);
  },
};
