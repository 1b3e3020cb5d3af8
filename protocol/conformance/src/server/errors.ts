/** "Errors": what an error answer looks like, when it comes, and what becomes of the connection. */
import { check, type Section, type ServerTrial } from '../trial/check.ts';
import { UnmetError } from '../trial/unmet.ts';
import { encodedMessage, frame, jsonMessage, together } from '../wire/compose.ts';
import * as ask from '../wire/requests.ts';
import { MORPHEUS, RING } from './entries.ts';

const BROKEN_HEADER = frame('{"byteorder": "little"}');
const BROKEN_CONTENT = encodedMessage('utf-8', Buffer.from('{'));

/** More than a socket buffers on both sides of it, less than a server reads while it lingers. */
const MUCH = 512 * 1024;

/** The checks. */
export const errors: Section<ServerTrial> = {
  name: 'errors',
  title: 'Errors',
  checks: [
    check(
      'an error answer is text/json in utf-8, with result, error.code and error.message',
      async (trial) => {
        const channel = await trial.open();
        channel.send(jsonMessage({ action: 'dance' }));
        const answer = await channel.expect({ error: 'action-invalid', type: 'text/json' });
        if (answer.header['content-encoding'] !== 'utf-8') {
          throw new UnmetError(
            'utf-8',
            `came ${JSON.stringify(answer.header['content-encoding'])}`,
          );
        }
        await channel.finish();
      },
    ),
    check(
      'framing intact: the answer comes in its turn, and the connection goes on',
      async (trial) => {
        const channel = await trial.open();
        channel.send(ask.wait(100), BROKEN_CONTENT, ask.search('ring'));
        await channel.expect({ value: { waited: 100 } });
        await channel.expect({ error: 'content-invalid' });
        await channel.expect({ value: { result: RING } });
        await channel.finish();
      },
    ),
    check(
      'an error answer carries in-reply-to where the request had a message-id',
      async (trial) => {
        const channel = await trial.open();
        channel.send(
          jsonMessage({ action: 'dance' }, { 'message-id': 4 }),
          jsonMessage({ action: 'search' }, { 'message-id': 5 }),
          frame(
            '{"byteorder": "big", "content-type": "text/json", "content-encoding": "klingon", "content-length": 2, "message-id": 6}',
            Buffer.from('{}'),
          ),
          frame(
            '{"byteorder": "big", "content-type": "text/json", "content-encoding": "utf-8", "content-length": 1, "message-id": 7}',
            Buffer.from('{'),
          ),
        );
        await channel.expectInAnyOrder([
          { error: 'action-invalid', to: 4 },
          { error: 'input-invalid', to: 5 },
          { error: 'encoding-unknown', to: 6 },
          { error: 'content-invalid', to: 7 },
        ]);
        await channel.finish();
      },
    ),
    check(
      'framing lost: the answer comes without waiting for content, then the end',
      async (trial) => {
        const channel = await trial.open();
        channel.send(
          frame(
            '{"byteorder": "big", "content-type": "text/json", "content-encoding": "utf-8", "content-length": "9"}',
          ),
        );
        await channel.expect({ error: 'length-invalid' });
        await channel.expectEnd();
      },
    ),
    check('framing lost: nothing behind it is parsed', async (trial) => {
      const channel = await trial.open();
      channel.send(BROKEN_HEADER, ask.search('ring'), ask.search('ring', { 'message-id': 1 }));
      await channel.expect({ error: 'header-invalid' });
      await channel.expectEnd();
    }),
    check(
      'framing lost: requests in flight are still answered, those without ids before the error',
      async (trial) => {
        const channel = await trial.open();
        channel.send(ask.wait(150, { 'message-id': 1 }), ask.wait(100), BROKEN_HEADER);
        await channel.expectInAnyOrder([
          { value: { waited: 150 }, to: 1 },
          { value: { waited: 100 } },
          { error: 'header-invalid' },
        ]);
        await channel.expectEnd();
      },
    ),
    check(
      'framing lost: the error waits behind the answers owed to requests without ids',
      async (trial) => {
        const channel = await trial.open();
        channel.send(ask.wait(150), ask.search('morpheus'), BROKEN_HEADER);
        await channel.expect({ value: { waited: 150 } });
        await channel.expect({ value: { result: MORPHEUS } });
        await channel.expect({ error: 'header-invalid' });
        await channel.expectEnd();
      },
    ),
    check(
      'lingering close: a client that is still writing gets the answer, and no reset',
      async (trial) => {
        const channel = await trial.open();
        await channel.sendAll(together(BROKEN_HEADER, new Uint8Array(MUCH)));
        await channel.expect({ error: 'header-invalid' });
        await channel.expectEnd();
        channel.send(new Uint8Array(1000));
        await channel.endWithoutReset();
      },
    ),
    check('a request with an id whose header is bad is answered with that id', async (trial) => {
      const channel = await trial.open();
      channel.send(jsonMessage({}, { 'message-id': 3, more: 1 }));
      await channel.expect({ error: 'header-invalid', to: 3 });
      await channel.expectEnd();
    }),
  ],
};
