/** "One message", "Errors", "One after the other" and "Ids", as a client sees them. */
import { MORPHEUS, PLAYING, RING, FIRST_BYTES } from '../server/entries.ts';
import { UnmetError } from '../trial/unmet.ts';
import { bytesMessage, jsonMessage } from '../wire/compose.ts';
import { answer, answerAsOfOld, refuse, replyTo } from './answers.ts';
import type { Asked } from './client-trial.ts';
import {
  expectOneConnection,
  MORPHEUS_REQUEST,
  PLAYING_REQUEST,
  printedResults,
  RING_REQUEST,
  scenario,
  type ScenarioSection,
} from './scenario.ts';

/** What a search for escapes asks for; the README has it, too. */
const ESCAPES = '"\\/\b\f\n\r\t\u0000\u001f\u007f\u00e9\u2028\u{1F430}';

/** Requests and answers. */
export const messages: ScenarioSection = {
  name: 'message',
  title: 'One message',
  scenarios: [
    scenario('search', 'a request as it is to be written, an answer, the end', async (trial) => {
      const asked = await trial.expect(MORPHEUS_REQUEST);
      answer(asked, { result: MORPHEUS });
      await trial.expectPrinted(printedResults(MORPHEUS));
    }),
    scenario('search', 'the answer comes byte by byte', async (trial) => {
      const asked = await trial.expect(MORPHEUS_REQUEST);
      await asked.channel.sendSlowly(jsonMessage({ result: MORPHEUS }, replyTo(asked)));
      await trial.expectPrinted(printedResults(MORPHEUS));
    }),
    scenario(
      'search',
      'unknown extensions, and closing that is no truth, mean nothing',
      async (trial) => {
        const asked = await trial.expect(MORPHEUS_REQUEST);
        answer(asked, { result: MORPHEUS }, { closing: 'yes', 'x-trace': [1], more: false });
        await trial.expectPrinted(printedResults(MORPHEUS));
      },
    ),
    scenario('escapes', 'what is escaped, and what is not', async (trial) => {
      const asked = await trial.expect({ action: 'search', value: ESCAPES });
      answer(asked, { result: `No match for '${ESCAPES}'.` });
      await trial.expectPrinted([{ answer: { result: `No match for '${ESCAPES}'.` } }]);
    }),
    scenario('binary', 'bytes there and back', async (trial) => {
      const expected = '10 bytes of binary/custom-client-binary-type, without action';
      const asked = await trial.next(expected);
      const { type, content, header } = asked.request;
      const isSame = Buffer.compare(content, Buffer.from('binary\u{1F603}')) === 0;
      const isRight = isSame && type === 'binary/custom-client-binary-type';
      if (!isRight || Object.hasOwn(header, 'action')) {
        throw new UnmetError(expected, `came ${content.length} bytes of ${type}`);
      }
      const back = Buffer.from(`${FIRST_BYTES}binary\u{1F603}`);
      asked.channel.send(
        bytesMessage(back, {
          type: 'binary/custom-server-binary-type',
          extensions: replyTo(asked),
        }),
      );
      const sum = back.reduce((total, byte) => total + byte, 0);
      await trial.expectPrinted([{ bytes: back.length, sum }]);
    }),
    scenario('search', 'an error answer, of a code that is known', async (trial) => {
      refuse(await trial.expect(MORPHEUS_REQUEST), 'action-invalid');
      await trial.expectPrinted([{ error: 'action-invalid' }]);
    }),
    scenario('search', 'an error answer, of a code that nobody knows', async (trial) => {
      refuse(await trial.expect(MORPHEUS_REQUEST), 'never-heard-of');
      await trial.expectPrinted([{ error: 'never-heard-of' }]);
    }),
  ],
};

/** One after the other. */
export const order: ScenarioSection = {
  name: 'order',
  title: 'One after the other',
  scenarios: [
    scenario(
      'two-searches',
      'without proof, one request at a time on a connection',
      async (trial) => {
        const first = await trial.expect(MORPHEUS_REQUEST);
        if (trial.connections === 1) {
          await trial.expectQuiet(
            'no second request on this connection before the first is answered',
          );
        }
        answerAsOfOld(first, { result: MORPHEUS });
        answerAsOfOld(await trial.expect(RING_REQUEST), { result: RING });
        await trial.expectPrinted(printedResults(MORPHEUS, RING));
      },
    ),
    scenario(
      'old-server',
      'a server that answers once and closes, as the guide has it',
      async (trial) => {
        for (const [request, result] of [
          [MORPHEUS_REQUEST, MORPHEUS],
          [RING_REQUEST, RING],
          [PLAYING_REQUEST, PLAYING],
        ] as const) {
          const asked = await trial.expect(request);
          answerAsOfOld(asked, { result });
          trial.leave(asked.channel);
        }
        await trial.expectPrinted(printedResults(MORPHEUS, RING, PLAYING));
      },
    ),
    scenario(
      'not-repeated',
      'the connection ends before the answer: no second time',
      async (trial) => {
        const asked = await trial.expect(MORPHEUS_REQUEST);
        asked.channel.halfClose();
        await trial.expectPrinted([{ failed: true }]);
      },
    ),
    scenario('repeated', 'what is idempotent is asked again on a new connection', async (trial) => {
      const first = await trial.expect(MORPHEUS_REQUEST);
      first.channel.halfClose();
      const again = await trial.expect(MORPHEUS_REQUEST);
      if (again.channel === first.channel) {
        throw new UnmetError('a new connection', 'it was asked on the one that had ended');
      }
      answer(again, { result: MORPHEUS });
      await trial.expectPrinted(printedResults(MORPHEUS));
    }),
    scenario(
      'closed',
      'a client that closes with a request in flight resets the connection',
      async (trial) => {
        answer(await trial.expect(MORPHEUS_REQUEST), { result: MORPHEUS });
        const asked = await trial.expect({ action: 'stop' });
        await asked.channel.expectReset('nothing more of the client, and the connection reset');
        await trial.expectPrinted([{ answer: { result: MORPHEUS } }, { failed: true }]);
      },
    ),
  ],
};

/** Ids. */
export const ids: ScenarioSection = {
  name: 'ids',
  title: 'Ids',
  scenarios: [
    scenario(
      'pipelining',
      'with proof, several at once, under different ids, answered in reverse',
      async (trial) => {
        const first = await trial.expect(MORPHEUS_REQUEST, { id: 'needed' });
        await trial.expectQuiet('nothing else before the proof');
        answer(first, { result: MORPHEUS });
        const asked: Asked[] = [];
        for (const request of [RING_REQUEST, PLAYING_REQUEST, { action: 'search', value: 'x' }]) {
          asked.push(await trial.expect(request, { id: 'needed' }));
        }
        expectOneConnection([first, ...asked]);
        if (new Set(asked.map(({ id }) => id)).size !== asked.length) {
          throw new UnmetError('different ids', `came ${asked.map(({ id }) => id).join(', ')}`);
        }
        const results = [RING, PLAYING, "No match for 'x'."];
        for (const [index, each] of [...asked.entries()].toReversed()) {
          answer(each, { result: results[index] ?? '' });
        }
        await trial.expectPrinted(printedResults(MORPHEUS, ...results));
      },
    ),
    scenario('pipelining', 'an error to one of them is no error to the others', async (trial) => {
      const first = await trial.expect(MORPHEUS_REQUEST, { id: 'needed' });
      answer(first, { result: MORPHEUS });
      const ring = await trial.expect(RING_REQUEST, { id: 'needed' });
      const playing = await trial.expect(PLAYING_REQUEST, { id: 'needed' });
      const third = await trial.expect({ action: 'search', value: 'x' }, { id: 'needed' });
      answer(third, { result: 'x' });
      refuse(playing, 'overloaded');
      answer(ring, { result: RING });
      await trial.expectPrinted([
        { answer: { result: MORPHEUS } },
        { answer: { result: RING } },
        { error: 'overloaded' },
        { answer: { result: 'x' } },
      ]);
    }),
  ],
};
