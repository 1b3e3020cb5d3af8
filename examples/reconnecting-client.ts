/**
 * A server is started anew under its client, twice: what whoever asks sees of it.
 *
 *   npm run example -- reconnecting-client
 *
 * A request that is made while the server is down waits until it is back. Of two that are in flight when the server
 * falls, one fails, since it may have been done; the other is marked as idempotent, and is asked again.
 */
import { once } from 'node:events';
import {
  Client,
  ConnectionBrokenError,
  defineContract,
  implement,
  Server,
} from '@wireline/service';
import { z } from 'zod';

const contract = defineContract({
  greet: { request: z.object({}), response: z.object({ text: z.string() }) },
  work: { request: z.object({}), response: z.object({ text: z.string() }) },
});

const events = new EventTarget();
let atWork = 0;

/** The program that is started anew, as a supervisor does. The first two never get their work done. */
function createServer(number: number): Server {
  return new Server(
    implement(contract, {
      greet: () => ({ text: `hello from server ${number}` }),
      async work(_, { signal }) {
        if (number > 2) return { text: `done by server ${number}` };
        if (++atWork === 2) events.dispatchEvent(new Event('two at work'));
        await once(signal, 'abort');
        throw signal.reason;
      },
    }),
  );
}

const first = createServer(1);
const { port } = await first.listen({ host: '127.0.0.1', port: 0 });
const endpoint = { host: '127.0.0.1', port };

// #region waits
const client = new Client(endpoint, { contract, reconnect: { maxMs: 200 } });
console.log((await client.request('greet', {})).text);

// It goes down gently, and for a while there is nobody. The client tries again, less and less often.
await first.close();
const waiting = client.request('greet', {});
const second = createServer(2);
await second.listen(endpoint);
console.log((await waiting).text);
// #endregion waits

// #region falls
// It falls while it is at work. Whether the work was done, nobody knows: that is for you to decide.
const unsafe = client.request('work', {});
const safe = client.request('work', {}, { idempotent: true });
await once(events, 'two at work');
second.destroy();
try {
  await unsafe;
} catch (error) {
  if (!(error instanceof ConnectionBrokenError)) throw error;
  console.log(error.code);
}
const third = createServer(3);
await third.listen(endpoint);
console.log((await safe).text);
// #endregion falls

client.close();
await third.close();
