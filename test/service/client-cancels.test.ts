/**
 * How long a client bears with a server that answers its cancels late.
 */
import type { Message } from '@wireline/message';
import { Client, RequestTimeoutError } from '@wireline/service';
import { FakeNetwork } from '@wireline/service/testing';
import { expect, test } from 'vitest';
import { answerTo, extensionOf, hello, prove, valueOf } from './client-answers.ts';
import { RawServer } from './raw-server.ts';

const ANYWHERE = { host: '127.0.0.1', port: 0 };

/** A client of a server that answers each cancel after 25 s, and has one more request in flight until the end. */
async function bearing(cancels: number, restMs: number): Promise<number> {
  const network = new FakeNetwork();
  const { clock } = network;
  const server = await RawServer.start({ network, clock, anywhere: ANYWHERE }, async (peer) => {
    await prove(peer);
    const kept = await peer.message();
    for (let n = 0; n < cancels;) {
      const message: Message = await peer.message();
      if (extensionOf(message, 'cancel') !== true) continue;
      n += 1;
      clock.after(25_000, () => peer.send(answerTo(message, {})));
    }
    clock.after(25_000 + restMs, () => peer.send(answerTo(kept, { kept: true })));
    await peer.ended;
  });
  const client = new Client(server.address, { network, clock });
  await network.until(client.request(hello));
  const kept = client.request(hello, { timeoutMs: Infinity });
  for (let n = 0; n < cancels; n++) {
    const slow = client.request(hello, { timeoutMs: 20_000 });
    await expect(network.until(slow)).rejects.toThrow(RequestTimeoutError);
  }
  expect(valueOf(await network.until(kept))).toEqual({ kept: true });
  client.close();
  await network.until(server.close());
  expect(network.leftovers()).toEqual([]);
  return server.count;
}

test('as long as one answer to a cancel follows the other within its patience', async () => {
  expect(await bearing(4, 1)).toBe(1);
});

test('for ever, once its cancels are answered', async () => {
  expect(await bearing(1, 31_000)).toBe(1);
});
