/**
 * Blocks in the call of the first argument, and says when it is about to, and what came of it. Further
 * arguments:
 *
 * - `handler`: it has a handler for Ctrl-C, and one for the terminal's size.
 * - `SIGINT first`, `SIGCHLD first`: the signal comes before the call, while JavaScript runs.
 * - `breakOnSigint`: Node ends JavaScript at Ctrl-C, as at its prompt.
 * - `child`: it has a child process that can be ended meanwhile.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Script } from 'node:vm';
import { createServer } from '@wireline/socket';
import { BLOCKING_CALLS } from './blocking-calls.mjs';
import { ANY_PORT, facts } from './tools.mjs';

const [name = '', ...options] = process.argv.slice(2);

/** @param {unknown} line */
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

if (options.includes('handler')) {
  process.on('SIGINT', () => say({ handled: 'SIGINT' }));
  process.on('SIGWINCH', () => {});
}
/** @type {number | undefined} */
let child;
if (options.includes('child')) {
  const cat = spawn('cat', { stdio: ['pipe', 'ignore', 'inherit'] });
  await once(cat, 'spawn');
  child = cat.pid;
}

const block = BLOCKING_CALLS[name];
if (block !== undefined) {
  const call = block();
  // Held to the end: what is collected before says so on standard error.
  Object.assign(globalThis, { call });
  blockIn(call);
} else {
  acceptOne();
}

/** @param {() => unknown} call */
function blockIn(call) {
  say({ blocking: true });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGCHLD'])) {
    if (options.includes(`${signal} first`)) process.kill(process.pid, signal);
  }
  try {
    if (options.includes('breakOnSigint')) {
      new Script('call()').runInThisContext({ breakOnSigint: true });
    } else {
      call();
    }
    say({ returned: true });
  } catch (error) {
    say(facts(error));
  }
}

/** Its port is told, so that the test can end it by connecting. */
function acceptOne() {
  const server = createServer(ANY_PORT);
  const { port } = server.getsockname();
  say({ port, child });
  blockIn(() => server.accept().socket.close());
  server.close();
}
