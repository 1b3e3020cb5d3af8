/** "Cancel". */
import { check, type Section, type ServerTrial } from '../trial/check.ts';
import { UnmetError } from '../trial/unmet.ts';
import { bytesMessage, jsonMessage } from '../wire/compose.ts';
import * as ask from '../wire/requests.ts';
import { RING } from './entries.ts';
import { countStopped, expectStopped } from './told-to-stop.ts';

/** More than a server writes before it hears a cancel. */
const ENDLESS = 100_000_000;

/** The checks. */
export const cancel: Section<ServerTrial> = {
  name: 'cancel',
  title: 'Cancel',
  checks: [
    check('a request that is cancelled is answered once, and told to stop', async (trial) => {
      const before = await countStopped(trial);
      const channel = await trial.open();
      channel.send(ask.stop({ 'message-id': 1 }), ask.cancel(1));
      await channel.expect({ error: 'cancelled', to: 1 });
      await expectStopped(trial, before + 1);
      channel.send(ask.search('ring', { 'message-id': 1 }));
      await channel.expect({ value: { result: RING }, to: 1 });
      await channel.finish();
    }),
    check('the others go on', async (trial) => {
      const channel = await trial.open();
      channel.send(
        ask.stop({ 'message-id': 1 }),
        ask.wait(150, { 'message-id': 2 }),
        ask.wait(100),
        ask.cancel(1),
      );
      await channel.expect({ error: 'cancelled', to: 1 });
      await channel.expectInAnyOrder([
        { value: { waited: 150 }, to: 2 },
        { value: { waited: 100 } },
      ]);
      await channel.finish();
    }),
    check('an answer with an own end may still come, or cancelled: exactly one', async (trial) => {
      const channel = await trial.open();
      channel.send(ask.wait(20, { 'message-id': 1 }), ask.cancel(1));
      const answer = await channel.next('cancelled or {"waited": 20}, in reply to 1');
      const text = JSON.stringify(answer.value);
      if (answer.header['in-reply-to'] !== 1 || !/"cancelled"|"waited":20/.test(text)) {
        throw new UnmetError('cancelled or {"waited": 20}, in reply to 1', `came ${text}`);
      }
      // Long enough for the one that must not come.
      channel.send(ask.wait(100, { 'message-id': 2 }));
      await channel.expect({ value: { waited: 100 }, to: 2 });
      await channel.finish();
    }),
    check('an id that is not in flight is ignored: unknown, or answered', async (trial) => {
      const channel = await trial.open();
      channel.send(ask.cancel(99), ask.search('ring', { 'message-id': 1 }));
      await channel.expect({ value: { result: RING }, to: 1 });
      channel.send(ask.cancel(1), ask.cancel(1), ask.search('ring', { 'message-id': 2 }));
      await channel.expect({ value: { result: RING }, to: 2 });
      await channel.finish();
    }),
    check('a second cancel of the same request is ignored', async (trial) => {
      const channel = await trial.open();
      channel.send(ask.stop({ 'message-id': 1 }), ask.cancel(1), ask.cancel(1));
      await channel.expect({ error: 'cancelled', to: 1 });
      channel.send(ask.search('ring'));
      await channel.expect({ value: { result: RING } });
      await channel.finish();
    }),
    ...['text/json', 'binary/anything'].map((type) =>
      check(`the content type of a cancel is of no meaning: ${type}`, async (trial) => {
        const channel = await trial.open();
        channel.send(ask.stop({ 'message-id': 1 }), ask.cancel(1, type));
        await channel.expect({ error: 'cancelled', to: 1 });
        await channel.finish();
      }),
    ),
    check('an answer in items ends with cancelled', async (trial) => {
      const channel = await trial.open();
      channel.send(ask.count(ENDLESS, { 'message-id': 1 }));
      await channel.expect({ value: { n: 1 }, to: 1, more: true });
      channel.send(ask.cancel(1));
      let n = 2;
      for (;;) {
        const message = await channel.next('items in order, then cancelled, in reply to 1');
        if (message.header['more'] !== true) {
          if (JSON.stringify(message.value).includes('"cancelled"')) break;
          throw new UnmetError(
            'the error answer cancelled',
            `came ${JSON.stringify(message.value)}`,
          );
        }
        if (message.value?.['n'] !== n) {
          throw new UnmetError(`{"n": ${n}}`, `came ${JSON.stringify(message.value)}`);
        }
        n++;
      }
      channel.send(ask.search('ring', { 'message-id': 1 }));
      await channel.expect({ value: { result: RING }, to: 1 });
      await channel.finish();
    }),
    check('a request in parts ends with its cancel', async (trial) => {
      const channel = await trial.open();
      channel.send(ask.sum({ 'message-id': 1, more: true }), ask.item(1, 1), ask.cancel(1));
      await channel.expect({ error: 'cancelled', to: 1 });
      channel.send(ask.search('ring', { 'message-id': 1 }));
      await channel.expect({ value: { result: RING }, to: 1 });
      await channel.finish();
    }),
    check('a cancel with content is length-invalid, and the end', async (trial) => {
      const channel = await trial.open();
      channel.send(
        bytesMessage(Uint8Array.of(1), { extensions: { 'message-id': 1, cancel: true } }),
      );
      await channel.expect({ error: 'length-invalid', to: 'any' });
      await channel.expectEnd();
    }),
    check('a cancel with JSON as content is, too', async (trial) => {
      const channel = await trial.open();
      channel.send(jsonMessage({}, { 'message-id': 1, cancel: true }));
      await channel.expect({ error: 'length-invalid', to: 'any' });
      await channel.expectEnd();
    }),
    check('the end of the connection tells its requests to stop', async (trial) => {
      const before = await countStopped(trial);
      const channel = await trial.open();
      channel.send(ask.stop({ 'message-id': 1 }), ask.stop({ 'message-id': 2 }));
      // An answer to what was sent behind them: both have begun.
      channel.send(ask.search('ring', { 'message-id': 3 }));
      await channel.expect({ value: { result: RING }, to: 3 });
      channel.reset();
      await expectStopped(trial, before + 2);
    }),
  ],
};
