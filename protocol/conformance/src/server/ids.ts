/** "Ids": answers that overtake each other, and what breaks the protocol. */
import { check, type Check, type Section, type ServerTrial } from '../trial/check.ts';
import { bytesMessage, frame, jsonMessage } from '../wire/compose.ts';
import type { Json, JsonObject } from '../wire/json.ts';
import * as ask from '../wire/requests.ts';
import { FIRST_BYTES, MORPHEUS, RING } from './entries.ts';

/** More than a server has in flight for one connection: it reads on when there are fewer. */
const MANY = 300;

/** Headers of requests that lose the framing. */
const BROKEN: readonly (readonly [JsonObject, string])[] = [
  ...[0, -1, 1.5, '1', null, true, false, [1], {}].map(
    (id: Json) => [{ 'message-id': id }, 'id-invalid'] as const,
  ),
  [{ 'in-reply-to': 1 }, 'id-invalid'],
  [{ 'in-reply-to': '1' }, 'id-invalid'],
  [{ 'message-id': 1, 'in-reply-to': 1 }, 'id-invalid'],
  [{ more: true }, 'id-invalid'],
  [{ cancel: true }, 'id-invalid'],
  ...[1, 'true', null, []].map(
    (more: Json) => [{ 'message-id': 1, more }, 'header-invalid'] as const,
  ),
  ...[1, 'true', null, {}].map(
    (cancel: Json) => [{ 'message-id': 1, cancel }, 'header-invalid'] as const,
  ),
];

function breaks([extensions, code]: readonly [JsonObject, string]): Check<ServerTrial> {
  return check(`${JSON.stringify(extensions)} is ${code}, and the end`, async (trial) => {
    const channel = await trial.open();
    channel.send(ask.search('ring', extensions), ask.search('ring'));
    await channel.expect({ error: code, to: 'any' });
    await channel.expectEnd();
  });
}

/** A search for `ring` whose id is written as given. */
function ringOf(id: string): Uint8Array {
  const content = Buffer.from('{"action": "search", "value": "ring"}');
  return frame(
    `{"byteorder": "big", "content-type": "text/json", "content-encoding": "utf-8", "content-length": ${content.length}, "message-id": ${id}}`,
    content,
  );
}

/** The checks. */
export const ids: Section<ServerTrial> = {
  name: 'ids',
  title: 'Ids',
  checks: [
    check('an answer carries the id as in-reply-to, and no message-id', async (trial) => {
      const channel = await trial.open();
      channel.send(ask.search('ring', { 'message-id': 7 }));
      await channel.expect({ value: { result: RING }, to: 7 });
      await channel.finish();
    }),
    check('so does an answer of bytes', async (trial) => {
      const channel = await trial.open();
      channel.send(bytesMessage(Buffer.from('abc'), { extensions: { 'message-id': 8 } }));
      await channel.expect({ content: Buffer.from(`${FIRST_BYTES}abc`), to: 8 });
      await channel.finish();
    }),
    check('1 and 2^53-1 are ids, however they are written', async (trial) => {
      const channel = await trial.open();
      for (const [text, id] of [
        ['1', 1],
        ['9007199254740991', Number.MAX_SAFE_INTEGER],
        ['2.0', 2],
        ['3e1', 30],
      ] as const) {
        channel.send(ringOf(text));
        await channel.expect({ value: { result: RING }, to: id });
      }
      await channel.finish();
    }),
    check('2^53 is none', async (trial) => {
      const channel = await trial.open();
      channel.send(ringOf('9007199254740992'));
      await channel.expect({ error: 'id-invalid', to: 'any' });
      await channel.expectEnd();
    }),
    check('answers come when they are ready: a quick one overtakes', async (trial) => {
      const channel = await trial.open();
      channel.send(ask.wait(300, { 'message-id': 1 }), ask.wait(100, { 'message-id': 2 }));
      channel.send(ask.search('ring', { 'message-id': 3 }));
      await channel.expect({ value: { result: RING }, to: 3 });
      await channel.expect({ value: { waited: 100 }, to: 2 });
      await channel.expect({ value: { waited: 300 }, to: 1 });
      await channel.finish();
    }),
    check(
      'mixed: with an id an answer overtakes, without one it keeps its place',
      async (trial) => {
        const channel = await trial.open();
        channel.send(
          ask.wait(200),
          ask.search('morpheus'),
          ask.search('ring', { 'message-id': 1 }),
          ask.search('ring'),
        );
        await channel.expect({ value: { result: RING }, to: 1 });
        await channel.expect({ value: { waited: 200 } });
        await channel.expect({ value: { result: MORPHEUS } });
        await channel.expect({ value: { result: RING } });
        await channel.finish();
      },
    ),
    check('an id may be used again after its final answer', async (trial) => {
      const channel = await trial.open();
      for (let round = 0; round < 3; round++) {
        channel.send(ask.search('ring', { 'message-id': 1 }));
        await channel.expect({ value: { result: RING }, to: 1 });
      }
      await channel.finish();
    }),
    check(`${MANY} requests at once are all answered, each once`, async (trial) => {
      const channel = await trial.open();
      const numbers = Array.from({ length: MANY }, (_, index) => index + 1);
      channel.send(...numbers.map((id) => ask.wait(id % 5, { 'message-id': id })));
      await channel.expectInAnyOrder(numbers.map((id) => ({ value: { waited: id % 5 }, to: id })));
      await channel.finish();
    }),
    check('an id is of its connection', async (trial) => {
      const [one, other] = [await trial.open(), await trial.open()];
      one.send(ask.wait(150, { 'message-id': 1 }));
      other.send(ask.search('ring', { 'message-id': 1 }));
      await other.expect({ value: { result: RING }, to: 1 });
      await one.expect({ value: { waited: 150 }, to: 1 });
      await one.finish();
      await other.finish();
    }),
    check(
      'an id in use is id-invalid; the request that has it is still answered',
      async (trial) => {
        const channel = await trial.open();
        channel.send(
          ask.wait(150, { 'message-id': 1 }),
          ask.search('ring', { 'message-id': 1 }),
          ask.search('ring'),
        );
        await channel.expectInAnyOrder([
          { error: 'id-invalid', to: 'any' },
          { value: { waited: 150 }, to: 1 },
        ]);
        await channel.expectEnd();
      },
    ),
    check(
      'more, cancel and closing that are false, and closing that is anything, mean nothing',
      async (trial) => {
        const channel = await trial.open();
        channel.send(
          ask.search('ring', { 'message-id': 1, more: false, cancel: false, closing: false }),
          ask.search('ring', { more: false, cancel: false, closing: 5 }),
          ask.search('ring', { action: 5, input: 'x' }),
          jsonMessage({ action: 'search', value: 'ring' }, { action: 'dance', input: {} }),
        );
        await channel.expectInAnyOrder([
          { value: { result: RING }, to: 1 },
          { value: { result: RING } },
          { value: { result: RING } },
          { value: { result: RING } },
        ]);
        await channel.finish();
      },
    ),
    ...BROKEN.map(breaks),
  ],
};
