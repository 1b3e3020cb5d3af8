/** "Deadline". */
import { performance } from 'node:perf_hooks';
import { check, type Check, type Section, type ServerTrial } from '../trial/check.ts';
import { UnmetError } from '../trial/unmet.ts';
import type { Json } from '../wire/json.ts';
import * as ask from '../wire/requests.ts';
import { RING } from './entries.ts';
import { countStopped, expectStopped } from './told-to-stop.ts';

/** Two clocks are compared, each of which counts in its own ticks. */
const TICK_MS = 1.5;

/** Values that are no deadline. */
const BROKEN: readonly Json[] = [0, -1, 1.5, '5', null, true, [5]];

function breaks(value: Json): Check<ServerTrial> {
  return check(
    `deadline-ms ${JSON.stringify(value)} is header-invalid, and the end`,
    async (trial) => {
      const channel = await trial.open();
      channel.send(ask.search('ring', { 'deadline-ms': value }), ask.search('ring'));
      await channel.expect({ error: 'header-invalid' });
      await channel.expectEnd();
    },
  );
}

/** The checks. */
export const deadline: Section<ServerTrial> = {
  name: 'deadline',
  title: 'Deadline',
  checks: [
    check(
      'when it passes the answer is deadline-exceeded, not before, and the work is told to stop',
      async (trial) => {
        const before = await countStopped(trial);
        const channel = await trial.open();
        const start = performance.now();
        channel.send(ask.stop({ 'message-id': 1, 'deadline-ms': 200 }));
        const { at } = await channel.expect({ error: 'deadline-exceeded', to: 1 });
        if (at - start < 200 - TICK_MS) {
          throw new UnmetError(
            'no answer before 200 ms',
            `it came after ${(at - start).toFixed(1)}`,
          );
        }
        await expectStopped(trial, before + 1);
        await channel.finish();
      },
    ),
    check('an answer that is ready before comes as ever, and nothing behind it', async (trial) => {
      const channel = await trial.open();
      channel.send(ask.wait(20, { 'message-id': 1, 'deadline-ms': 500 }));
      await channel.expect({ value: { waited: 20 }, to: 1 });
      // Long enough for the one that must not come.
      channel.send(ask.wait(600, { 'message-id': 2 }));
      await channel.expect({ value: { waited: 600 }, to: 2 });
      await channel.finish();
    }),
    check('it needs no id', async (trial) => {
      const channel = await trial.open();
      channel.send(ask.stop({ 'deadline-ms': 50 }), ask.search('ring'));
      await channel.expect({ error: 'deadline-exceeded' });
      await channel.expect({ value: { result: RING } });
      await channel.finish();
    }),
    check('without an id the answer waits for those before it', async (trial) => {
      const channel = await trial.open();
      channel.send(ask.wait(200), ask.stop({ 'deadline-ms': 50 }));
      await channel.expect({ value: { waited: 200 } });
      await channel.expect({ error: 'deadline-exceeded' });
      await channel.finish();
    }),
    ...[2 ** 31, Number.MAX_SAFE_INTEGER].map((ms) =>
      check(`${ms} ms is long, and not over at once`, async (trial) => {
        const channel = await trial.open();
        channel.send(ask.wait(50, { 'message-id': 1, 'deadline-ms': ms }));
        await channel.expect({ value: { waited: 50 }, to: 1 });
        await channel.finish();
      }),
    ),
    check('a request whose parts do not come', async (trial) => {
      const channel = await trial.open();
      channel.send(ask.sum({ 'message-id': 1, more: true, 'deadline-ms': 50 }), ask.item(1, 1));
      await channel.expect({ error: 'deadline-exceeded', to: 1 });
      channel.send(ask.item(2, 1), ask.last(1), ask.search('ring', { 'message-id': 1 }));
      await channel.expect({ value: { result: RING }, to: 1 });
      await channel.finish();
    }),
    ...BROKEN.map(breaks),
  ],
};
