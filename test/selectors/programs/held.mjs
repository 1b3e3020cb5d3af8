/**
 * Waits for a connection with `ready`, in the selector of the first argument, and says which port it is to come to.
 * With `not` as second argument nobody waits, although the selector is open.
 */
import { createServer } from '@wireline/socket';
import { EpollSelector, PollSelector } from '@wireline/socket/selectors';

const [kind, not] = process.argv.slice(2);
const server = createServer({ host: '127.0.0.1', port: 0 });
const selector = kind === 'poll' ? new PollSelector() : new EpollSelector();
selector.register(server, 'read');
await selector.ready({ timeoutMs: 1 });
process.stdout.write(`${server.getsockname().port}\n`);
process.on('SIGINT', () => process.stdout.write('handled\n'));
if (not === undefined) {
  const events = await selector.ready();
  process.stdout.write(`${events.length} ready\n`);
}
Object.assign(globalThis, { selector, server }); // held to the end
