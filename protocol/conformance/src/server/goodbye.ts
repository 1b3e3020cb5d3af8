/** "Goodbye", as far as it can be seen from outside. */
import type { Channel } from '../trial/channel.ts';
import { check, type Section, type ServerTrial } from '../trial/check.ts';
import { describe, mismatch, showReceived } from '../trial/expectation.ts';
import { SkippedError, UnmetError } from '../trial/unmet.ts';
import * as ask from '../wire/requests.ts';
import { RING } from './entries.ts';

/** How many requests with missing parts one connection may have; from the specification. */
const UNFINISHED = 128;

/** The last one's answer. Those before it may be answered with the same first, each once. */
async function expectOverloaded(channel: Channel): Promise<void> {
  const last = { error: 'overloaded', to: UNFINISHED + 1, closing: true };
  const left = new Set(Array.from({ length: UNFINISHED }, (_, index) => index + 1));
  for (;;) {
    const message = await channel.next(describe(last));
    const to = message.header['in-reply-to'];
    if (to === UNFINISHED + 1) {
      const fault = mismatch(message, last);
      if (fault === undefined) return;
      throw new UnmetError(describe(last), `${fault}: ${showReceived(message)}`);
    }
    const isOther = typeof to === 'number' && left.delete(to);
    if (!isOther || mismatch(message, { error: 'overloaded', to }) !== undefined) {
      throw new UnmetError(describe(last), `came ${showReceived(message)}`);
    }
  }
}

/** The checks. */
export const goodbye: Section<ServerTrial> = {
  name: 'goodbye',
  title: 'Goodbye',
  checks: [
    check(
      `${UNFINISHED + 1} requests with missing parts: the last is overloaded, with closing, and nothing more is parsed`,
      async (trial) => {
        const channel = await trial.open();
        const numbers = Array.from({ length: UNFINISHED + 1 }, (_, index) => index + 1);
        channel.send(...numbers.map((id) => ask.sum({ 'message-id': id, more: true })));
        await expectOverloaded(channel);
        channel.send(ask.last(1), ask.search('ring'));
        channel.halfClose();
        await channel.expectEnd();
      },
    ),
    check(
      'a server that goes down says closing on the last answer of each connection',
      async (trial) => {
        if (trial.tellToStop === undefined) {
          throw new SkippedError('nobody said how the server is told to go down: see --pid');
        }
        const [busy, inOrder, idle] = [await trial.open(), await trial.open(), await trial.open()];
        idle.send(ask.search('ring'));
        await idle.expect({ value: { result: RING } });
        busy.send(ask.wait(300, { 'message-id': 1 }), ask.wait(400, { 'message-id': 2 }));
        busy.send(ask.search('ring', { 'message-id': 3 }));
        await busy.expect({ value: { result: RING }, to: 3 });
        inOrder.send(ask.wait(300), ask.search('ring'));
        // Nothing shows from outside that the requests in order have begun, but one that came behind them.
        inOrder.send(ask.search('ring', { 'message-id': 1 }));
        await inOrder.expect({ value: { result: RING }, to: 1 });
        trial.tellToStop();
        await busy.expect({ value: { waited: 300 }, to: 1, closing: false });
        await busy.expect({ value: { waited: 400 }, to: 2, closing: true });
        await inOrder.expect({ value: { waited: 300 }, closing: false });
        await inOrder.expect({ value: { result: RING }, closing: true });
        for (const channel of [busy, inOrder, idle]) {
          channel.halfClose();
          await channel.expectEnd();
        }
      },
    ),
    check('a server that is down is not there', async (trial) => {
      if (!trial.wasToldToStop) throw new SkippedError('it was not told to go down');
      const expected = 'no connection, or one that is ended at once';
      const channel = await trial.open().catch((error: unknown) => {
        if (error instanceof UnmetError) return undefined;
        throw error;
      });
      await channel?.expectGone(expected);
    }),
  ],
};
