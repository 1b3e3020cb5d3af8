/**
 * Blocks in the way of the first argument, and says when it is about to, and what came of it. Further arguments:
 *
 * - `handler`: it has a handler for Ctrl-C.
 * - `SIGINT first`: the signal comes before the wait, while JavaScript runs.
 */
import { SystemError } from '@wireline/socket';
import { BLOCKING_WAYS, listening } from './blocking-ways.mjs';

const [way = '', ...options] = process.argv.slice(2);

/** @param {unknown} line */
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

if (options.includes('handler')) process.on('SIGINT', () => say({ handled: 'SIGINT' }));

const server = listening();
const wait = BLOCKING_WAYS[way]?.(server);
if (wait === undefined) throw new Error(`block in ${way}: there is no such way`);
// Held to the end: what is collected before says so on standard error.
Object.assign(globalThis, { wait, server });
say({ blocking: true, port: server.getsockname().port });
if (options.includes('SIGINT first')) process.kill(process.pid, 'SIGINT');
try {
  wait();
  say({ returned: true });
} catch (error) {
  if (!(error instanceof SystemError)) throw error;
  const { name, code, syscall } = error;
  say({ name, code, syscall });
}
