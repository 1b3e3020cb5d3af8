/** "One after the other": what works with every peer, and the order of answers without ids. */
import { check, type Section, type ServerTrial } from '../trial/check.ts';
import * as ask from '../wire/requests.ts';
import { MORPHEUS, RING } from './entries.ts';

/** Less than a server takes from one connection at a time. */
const MANY = 100;

/** The checks. */
export const oneAfterTheOther: Section<ServerTrial> = {
  name: 'order',
  title: 'One after the other',
  checks: [
    check(
      'keep-alive: three requests on one connection, each after the answer to the one before',
      async (trial) => {
        const channel = await trial.open();
        for (let round = 0; round < 3; round++) {
          channel.send(ask.search('ring'));
          await channel.expect({ value: { result: RING } });
        }
        await channel.finish();
      },
    ),
    check(
      'half-close: who shuts down its sending side gets its answers, then the end',
      async (trial) => {
        const channel = await trial.open();
        channel.send(ask.wait(100), ask.search('morpheus'), ask.wait(150, { 'message-id': 1 }));
        channel.halfClose();
        await channel.expectInAnyOrder([
          { value: { waited: 100 } },
          { value: { result: MORPHEUS } },
          { value: { waited: 150 }, to: 1 },
        ]);
        await channel.expectEnd();
      },
    ),
    check('no request: who says nothing and ends gets the end', async (trial) => {
      const channel = await trial.open();
      await channel.finish();
    }),
    check('order: a quick answer waits behind a slow one', async (trial) => {
      const channel = await trial.open();
      channel.send(ask.wait(150), ask.search('ring'), ask.wait(50), ask.search('morpheus'));
      await channel.expect({ value: { waited: 150 } });
      await channel.expect({ value: { result: RING } });
      await channel.expect({ value: { waited: 50 } });
      await channel.expect({ value: { result: MORPHEUS } });
      await channel.finish();
    }),
    check(`order: ${MANY} requests in one segment`, async (trial) => {
      const channel = await trial.open();
      const words = Array.from({ length: MANY }, (_, index) => `word ${index}`);
      channel.send(...words.map((word) => ask.search(word)));
      for (const word of words) {
        await channel.expect({ value: { result: `No match for '${word}'.` } });
      }
      await channel.finish();
    }),
    check('answers to requests without ids carry no extension', async (trial) => {
      const channel = await trial.open();
      channel.send(ask.search('ring'));
      await channel.expect({ value: { result: RING }, more: false, closing: false });
      await channel.finish();
    }),
  ],
};
