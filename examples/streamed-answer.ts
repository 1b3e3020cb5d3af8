/**
 * An answer that goes on: prices come one by one, until the reader has enough.
 *
 *   npm run example -- streamed-answer
 *
 * The client prints three prices and stops reading. That alone is what tells the server: it prints that nobody wants
 * prices any more. Then one that is read to its end: two prices, and the answer behind them.
 */
// #region contract
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, defineContract, implement, Server } from '@wireline/service';
import { z } from 'zod';

const contract = defineContract({
  prices: {
    request: z.object({ symbol: z.string(), count: z.int().optional() }),
    responseParts: z.object({ price: z.number() }),
    response: z.object({ sent: z.int() }),
  },
});
// #endregion contract

const stopped = new EventTarget();

// #region server
const handler = implement(contract, {
  async *prices({ symbol, count = Infinity }, { signal }) {
    let sent = 0;
    try {
      for (; sent < count; sent++) {
        yield { price: 100 + sent };
        await sleep(10, undefined, { signal }); // until the next price; ends at once when nobody wants it
      }
      return { sent };
    } finally {
      if (signal.aborted) console.log(`server: nobody wants prices of ${symbol} any more`);
      stopped.dispatchEvent(new Event('stopped'));
    }
  },
});
// #endregion server

const server = new Server(handler);
const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
const client = new Client({ host: '127.0.0.1', port }, { contract });

// #region client
// An answer without an end. To stop reading it is to cancel it.
const serverStopped = once(stopped, 'stopped');
for await (const { price } of client.stream('prices', { symbol: 'WIRE' })) {
  console.log(`client: ${price}`);
  if (price === 102) break;
}
await serverStopped;

// One with an end, and what the server says behind the last item.
const stream = client.stream('prices', { symbol: 'WIRE', count: 2 });
for await (const { price } of stream) console.log(`client: ${price}`);
const { sent } = await stream.answer;
console.log(`client: that was all: ${sent}`);
// #endregion client

client.close();
await server.close();
