/** Answers that break a rule: the client sends nothing, closes, and what was in flight fails. */
import { bytesMessage, frame, jsonMessage, together } from '../wire/compose.ts';
import type { JsonObject } from '../wire/json.ts';
import { item } from './answers.ts';
import type { Asked } from './client-trial.ts';
import {
  MORPHEUS_REQUEST,
  expectOneConnection,
  scenario,
  type Scenario,
  type ScenarioSection,
} from './scenario.ts';

const GOOD = { result: 'good' };

/** A header as text, with what is given instead of the usual. */
function header(changes: Readonly<Record<string, string>>, content: Uint8Array): Uint8Array {
  const fields = {
    byteorder: '"little"',
    'content-type': '"text/json"',
    'content-encoding': '"utf-8"',
    'content-length': String(content.length),
    ...changes,
  };
  const members = Object.entries(fields).filter(([, value]) => value !== '');
  return frame(`{${members.map(([key, value]) => `"${key}": ${value}`).join(', ')}}`, content);
}

/** An answer that carries the request's id, where there is one. */
function to({ id }: Asked): Readonly<Record<string, string>> {
  return id === undefined ? {} : { 'in-reply-to': String(id) };
}

const CONTENT = Buffer.from('{"result": "good"}');

/** What is sent instead of an answer. */
const ANSWERS: Readonly<Record<string, (asked: Asked) => Uint8Array>> = {
  'a header of length 0': () => Uint8Array.of(0, 0),
  'a header over the limit': () => Uint8Array.of(255, 255),
  'another protocol': () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
  'a header that is no JSON': () => frame('{"byteorder": '),
  'a header that is an array': () => frame('[]'),
  'a header that is not UTF-8': () => Buffer.concat([Uint8Array.of(0, 2, 0xff, 0xfe)]),
  'byteorder network': (asked) => header({ ...to(asked), byteorder: '"network"' }, CONTENT),
  'content-type is missing': (asked) => header({ ...to(asked), 'content-type': '' }, CONTENT),
  'content-length a string': (asked) => header({ ...to(asked), 'content-length': '"18"' }, CONTENT),
  'content-length negative': (asked) => header({ ...to(asked), 'content-length': '-1' }, CONTENT),
  'content-length 2^53': (asked) =>
    header({ ...to(asked), 'content-length': '9007199254740992' }, CONTENT),
  'content that is no JSON': (asked) => header(to(asked), Buffer.from('{"result": ')),
  'content that is no object': (asked) => header(to(asked), Buffer.from('["good"]')),
  'content that is empty': (asked) => header(to(asked), Buffer.alloc(0)),
  'content that is not UTF-8': (asked) =>
    header(to(asked), Buffer.from('{"result": "\u00e9"}', 'latin1')),
  'content with NaN': (asked) => header(to(asked), Buffer.from('{"result": NaN}')),
  'an in-reply-to that nobody asked': ({ id }) =>
    jsonMessage(GOOD, { 'in-reply-to': (id ?? 0) + 1 }),
  'an in-reply-to that is a string': () => jsonMessage(GOOD, { 'in-reply-to': '1' }),
  'an in-reply-to of 0': () => jsonMessage(GOOD, { 'in-reply-to': 0 }),
  'more without in-reply-to': () => jsonMessage(GOOD, { more: true }),
  'more that is a number': (asked) => header({ ...to(asked), more: '1' }, CONTENT),
};

function malformed(name: string, compose: (asked: Asked) => Uint8Array): Scenario {
  return scenario('not-repeated', name, async (trial) => {
    const asked = await trial.expect(MORPHEUS_REQUEST);
    asked.channel.send(compose(asked));
    await asked.channel.expectGone('nothing of the client, and the connection closed');
    await trial.expectPrinted([{ failed: true }]);
  });
}

/** What is sent in the middle of an answer in parts. */
const PARTS: Readonly<Record<string, (reply: JsonObject) => Uint8Array>> = {
  'an item of another content type': (reply) =>
    bytesMessage(Buffer.from('{}'), { extensions: { ...reply, more: true } }),
  'a final answer of another content type': (reply) =>
    bytesMessage(Buffer.from('{}'), { extensions: reply }),
  'an item in reply to nobody': (reply) =>
    jsonMessage({ n: 2 }, { 'in-reply-to': Number(reply['in-reply-to']) + 1, more: true }),
  'an item without in-reply-to': () => jsonMessage({ n: 2 }, { more: true }),
};

function malformedPart(name: string, compose: (reply: JsonObject) => Uint8Array): Scenario {
  return scenario('count', name, async (trial) => {
    const asked = await trial.expect({ action: 'count', to: 3 }, { id: 'needed' });
    item(asked, { n: 1 });
    asked.channel.send(compose({ 'in-reply-to': asked.id ?? 0 }));
    await asked.channel.expectGone('nothing of the client, and the connection closed');
    await trial.expectPrinted([{ item: { n: 1 } }, { failed: true }], [{ failed: true }]);
  });
}

/** Malformed answers. */
export const malformedAnswers: ScenarioSection = {
  name: 'errors',
  title: 'Errors: a malformed answer',
  scenarios: [
    ...Object.entries(ANSWERS).map(([name, compose]) => malformed(name, compose)),
    scenario('not-repeated', 'an answer that is cut off by the end', async (trial) => {
      const asked = await trial.expect(MORPHEUS_REQUEST);
      const whole = header(to(asked), CONTENT);
      asked.channel.send(whole.subarray(0, whole.length - 1));
      asked.channel.halfClose();
      await asked.channel.expectGone('nothing of the client, and the connection closed');
      await trial.expectPrinted([{ failed: true }]);
    }),
    scenario('pipelining', 'everything in flight fails', async (trial) => {
      const first = await trial.expect(MORPHEUS_REQUEST, { id: 'needed' });
      first.channel.send(jsonMessage(GOOD, { 'in-reply-to': first.id ?? 0 }));
      const asked: Asked[] = [];
      for (let left = 3; left > 0; left--) asked.push(await trial.next('three requests at once'));
      expectOneConnection([first, ...asked]);
      first.channel.send(
        together(
          frame('[]'),
          ...asked.map(({ id }) => jsonMessage(GOOD, { 'in-reply-to': id ?? 0 })),
        ),
      );
      await first.channel.expectGone('nothing of the client, and the connection closed');
      const failed = { failed: true };
      await trial.expectPrinted([{ answer: GOOD }, failed, failed, failed]);
    }),
    ...Object.entries(PARTS).map(([name, compose]) => malformedPart(name, compose)),
  ],
};
