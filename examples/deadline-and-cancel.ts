/**
 * Work that nobody waits for is not done: deadlines, and requests that are given up.
 *
 *   npm run example -- deadline-and-cancel
 *
 * Four requests: one that is done in time, one whose deadline passes, one that is given up by its client, and one
 * that the server refuses at once, because it knows that it will not make it. `server:` lines are the handler's.
 */
// #region server
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AnswerError,
  Client,
  defineContract,
  implement,
  RequestRefusedError,
  Server,
} from '@wireline/service';
import { z } from 'zod';

const contract = defineContract({
  work: {
    request: z.object({ ms: z.int(), plans: z.boolean().default(false) }),
    response: z.object({ worked: z.int() }),
  },
});

const events = new EventTarget();

const handler = implement(contract, {
  async work({ ms, plans }, { deadline, signal }) {
    if (plans && ms > deadline.remainingMs) {
      throw new RequestRefusedError(
        'overloaded',
        `this takes ${ms} ms, and you do not wait so long`,
      );
    }
    events.dispatchEvent(new Event('begun'));
    try {
      await sleep(ms, undefined, { signal }); // whatever it waits for gets the signal
      return { worked: ms };
    } catch (error) {
      console.log('server: told to stop');
      events.dispatchEvent(new Event('stopped'));
      throw error; // nobody hears it: the answer is known already
    }
  },
});
// #endregion server

const server = new Server(handler);
const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
const client = new Client({ host: '127.0.0.1', port }, { contract });

const { worked } = await client.request('work', { ms: 10 });
console.log(`client: worked ${worked} ms`);

// #region deadline
// The server gets 50 ms from when it has the request; then the answer is an error, and the handler is told.
try {
  await client.request('work', { ms: 60_000 }, { deadlineMs: 50 });
} catch (error) {
  if (!(error instanceof AnswerError)) throw error;
  console.log(`client: ${error.code}`);
}
// #endregion deadline

// #region cancel
// Given up by whoever asked, when the handler is at work.
const abort = new AbortController();
events.addEventListener('begun', () => abort.abort(new Error('changed my mind')), { once: true });
const stopped = once(events, 'stopped');
try {
  await client.request('work', { ms: 60_000 }, { signal: abort.signal });
} catch (error) {
  console.log(`client: ${String(error)}`); // the signal's reason
}
await stopped;
// #endregion cancel

try {
  await client.request('work', { ms: 60_000, plans: true }, { deadlineMs: 50 });
} catch (error) {
  if (!(error instanceof AnswerError)) throw error;
  console.log(`client: ${error.code}: ${error.message}`);
}

client.close();
await server.close();
