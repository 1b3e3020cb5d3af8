/** "Parts": answers and requests that come in several messages. */
import type { Channel } from '../trial/channel.ts';
import { check, type Section, type ServerTrial } from '../trial/check.ts';
import { showReceived } from '../trial/expectation.ts';
import { UnmetError } from '../trial/unmet.ts';
import { bytesMessage, frame, jsonMessage } from '../wire/compose.ts';
import * as ask from '../wire/requests.ts';
import { FIRST_BYTES, RING } from './entries.ts';

/** More than one part, for whoever cuts at 256 KiB; not a multiple of anything. */
const LONG = 600_001;

/** Items `from` to `to` of `count` or `fail`. */
async function expectItems(channel: Channel, id: number, to: number): Promise<void> {
  for (let n = 1; n <= to; n++) {
    await channel.expect({ value: { n }, to: id, more: true, type: 'text/json' });
  }
}

/** The bytes of an answer, joined. */
async function readBytes(channel: Channel, id: number): Promise<Uint8Array> {
  const contents: Uint8Array[] = [];
  for (;;) {
    const expected = `a part of ${ask.OCTETS} in reply to ${id}`;
    const part = await channel.next(expected);
    if (part.type !== ask.OCTETS || part.header['in-reply-to'] !== id) {
      throw new UnmetError(expected, `came ${JSON.stringify(part.header)}`);
    }
    contents.push(part.content);
    if (part.header['more'] !== true) return Buffer.concat(contents);
  }
}

/** That both say the same bytes, without printing them all. */
function expectBytes(came: Uint8Array, expected: Uint8Array): void {
  if (Buffer.compare(came, expected) === 0) return;
  const at = expected.findIndex((byte, index) => byte !== came[index]);
  throw new UnmetError(
    `${expected.length} bytes, the one at offset i being i modulo 251`,
    `came ${came.length}${at === -1 ? '' : `, and another one at offset ${at}`}`,
  );
}

/**
 * The end of a connection whose request 1 broke off: header-invalid, and then the end. Whether the request is
 * answered by that or once more by itself is left open; it is not answered twice.
 */
async function expectLost(channel: Channel): Promise<void> {
  const { header } = await channel.expect({ error: 'header-invalid', to: 'any' });
  const next = header['in-reply-to'] === 1 ? undefined : await channel.nextOrEnd('the end');
  if (next !== undefined && next.header['in-reply-to'] !== 1) {
    throw new UnmetError('the end, or an answer to 1', `came ${showReceived(next)}`);
  }
  await channel.expectEnd();
}

/** The checks. */
export const parts: Section<ServerTrial> = {
  name: 'parts',
  title: 'Parts',
  checks: [
    check(
      'an answer in items: each with more, the id and the content type; then the answer',
      async (trial) => {
        const channel = await trial.open();
        channel.send(ask.count(3, { 'message-id': 5 }));
        await expectItems(channel, 5, 3);
        await channel.expect({ value: { counted: 3 }, to: 5 });
        await channel.finish();
      },
    ),
    check('an answer without items', async (trial) => {
      const channel = await trial.open();
      channel.send(ask.count(0, { 'message-id': 5 }));
      await channel.expect({ value: { counted: 0 }, to: 5 });
      await channel.finish();
    }),
    check('an answer of 2000 items', async (trial) => {
      const channel = await trial.open();
      channel.send(ask.count(2000, { 'message-id': 5 }));
      await expectItems(channel, 5, 2000);
      await channel.expect({ value: { counted: 2000 }, to: 5 });
      await channel.finish();
    }),
    check('an error in the middle is the final answer', async (trial) => {
      const channel = await trial.open();
      channel.send(ask.fail(2, { 'message-id': 6 }), ask.search('ring'));
      const answers = [
        { value: { n: 1 }, to: 6, more: true },
        { value: { n: 2 }, to: 6, more: true },
        { error: 'internal', to: 6 },
        { value: { result: RING } },
      ];
      await channel.expectInAnyOrder(answers);
      await channel.finish();
    }),
    check('items of two answers are each in order, whatever comes between', async (trial) => {
      const channel = await trial.open();
      const numbers = [1, 2];
      channel.send(
        ...numbers.map((id) => ask.count(200, { 'message-id': id })),
        ask.search('ring', { 'message-id': 3 }),
      );
      const next = new Map([...numbers, 3].map((id) => [id, 1]));
      for (let left = 2 * 201 + 1; left > 0; left--) {
        const message = await channel.next('items of 1 and 2, and the answer to 3');
        const id = Number(message.header['in-reply-to']);
        const n = next.get(id) ?? 0;
        next.set(id, n + 1);
        const expected = id === 3 ? { result: RING } : n <= 200 ? { n } : { counted: 200 };
        if (JSON.stringify(message.value) !== JSON.stringify(expected)) {
          throw new UnmetError(
            `${JSON.stringify(expected)} next in reply to ${id}`,
            `came ${JSON.stringify(message.value)}`,
          );
        }
      }
      await channel.finish();
    }),
    ...[0, 1, LONG].map((length) =>
      check(`an answer of ${length} bytes in parts`, async (trial) => {
        const channel = await trial.open();
        channel.send(ask.bytes(length, { 'message-id': 9 }));
        expectBytes(await readBytes(channel, 9), ask.pattern(length));
        await channel.finish();
      }),
    ),
    ...['count', 'fail', 'bytes'].map((action) =>
      check(
        `${action} without an id is input-invalid, and the connection goes on`,
        async (trial) => {
          const channel = await trial.open();
          channel.send(jsonMessage({ action, to: 2, after: 2, length: 2 }), ask.search('ring'));
          await channel.expect({ error: 'input-invalid' });
          await channel.expect({ value: { result: RING } });
          await channel.finish();
        },
      ),
    ),
    check('a request in items', async (trial) => {
      const channel = await trial.open();
      channel.send(ask.sum({ 'message-id': 1, more: true }), ask.item(1, 1));
      channel.send(ask.item(20, 1), ask.item(300, 1), ask.last(1));
      await channel.expect({ value: { sum: 321 }, to: 1 });
      await channel.finish();
    }),
    check(
      'a request in items without items, in one message or two, with an id or none',
      async (trial) => {
        const channel = await trial.open();
        channel.send(ask.sum());
        await channel.expect({ value: { sum: 0 } });
        channel.send(ask.sum({ 'message-id': 1 }));
        await channel.expect({ value: { sum: 0 }, to: 1 });
        channel.send(ask.sum({ 'message-id': 1, more: true }), ask.last(1));
        await channel.expect({ value: { sum: 0 }, to: 1 });
        await channel.finish();
      },
    ),
    check('items of two requests, and another request between them', async (trial) => {
      const channel = await trial.open();
      channel.send(
        ask.sum({ 'message-id': 1, more: true }),
        ask.sum({ 'message-id': 2, more: true }),
        ask.item(1, 1),
        ask.item(10, 2),
        ask.search('ring', { 'message-id': 3 }),
      );
      await channel.expect({ value: { result: RING }, to: 3 });
      channel.send(ask.item(20, 2), ask.item(2, 1), ask.last(2));
      await channel.expect({ value: { sum: 30 }, to: 2 });
      channel.send(ask.last(1));
      await channel.expect({ value: { sum: 3 }, to: 1 });
      await channel.finish();
    }),
    check('a request of bytes in parts, cut anywhere, the last part empty', async (trial) => {
      const channel = await trial.open();
      const content = ask.pattern(LONG);
      const more = { 'message-id': 1, more: true };
      const cuts = [1000, 1000, 1001, 262_144, 500_000, LONG];
      await channel.sendAll(ask.measure('a file', content.subarray(0, 1000), more));
      let from = 1000;
      for (const to of cuts.slice(1)) {
        await channel.sendAll(ask.octets(content.subarray(from, to), more));
        from = to;
      }
      channel.send(ask.octets(new Uint8Array(0), { 'message-id': 1 }));
      const value = { name: 'a file', length: LONG, sum: ask.sumOf(content) };
      await channel.expect({ value, to: 1 });
      await channel.finish();
    }),
    check('a request of bytes in one message, with an id or none', async (trial) => {
      const channel = await trial.open();
      const value = { name: '\u{1F430}', length: 3, sum: 6 };
      channel.send(ask.measure('\u{1F430}', Uint8Array.of(1, 2, 3)));
      await channel.expect({ value });
      channel.send(ask.measure('\u{1F430}', Uint8Array.of(1, 2, 3), { 'message-id': 1 }));
      await channel.expect({ value, to: 1 });
      await channel.finish();
    }),
    check('bytes without an action in parts are one message', async (trial) => {
      const channel = await trial.open();
      const part = (text: string, more: boolean): Uint8Array =>
        bytesMessage(Buffer.from(text), { extensions: { 'message-id': 1, more } });
      channel.send(part('abcd', true), part('efgh', true), part('ijkl', false));
      await channel.expect({ content: Buffer.from(`${FIRST_BYTES}abcdefghij`), to: 1 });
      await channel.finish();
    }),
    check(
      'no comes early: the rest is discarded, and the id is free behind the last part',
      async (trial) => {
        const channel = await trial.open();
        channel.send(jsonMessage({ action: 'dance' }, { 'message-id': 1, more: true }));
        await channel.expect({ error: 'action-invalid', to: 1 });
        channel.send(ask.item(1, 1), ask.item(2, 1), ask.last(1));
        channel.send(ask.search('ring', { 'message-id': 1 }));
        await channel.expect({ value: { result: RING }, to: 1 });
        await channel.finish();
      },
    ),
    check('no comes early: a cancel ends the request as well', async (trial) => {
      const channel = await trial.open();
      channel.send(jsonMessage({ action: 'dance' }, { 'message-id': 1, more: true }));
      await channel.expect({ error: 'action-invalid', to: 1 });
      channel.send(ask.item(1, 1), ask.cancel(1), ask.search('ring', { 'message-id': 1 }));
      await channel.expect({ value: { result: RING }, to: 1 });
      await channel.finish();
    }),
    check('an item that does not fit is input-invalid, the rest is discarded', async (trial) => {
      const channel = await trial.open();
      channel.send(
        ask.sum({ 'message-id': 1, more: true }),
        jsonMessage({ n: 'one' }, { 'message-id': 1, more: true }),
        ask.item(2, 1),
        ask.last(1),
      );
      await channel.expect({ error: 'input-invalid', to: 1 });
      channel.send(ask.search('ring', { 'message-id': 1 }));
      await channel.expect({ value: { result: RING }, to: 1 });
      await channel.finish();
    }),
    check('an item that is no JSON is content-invalid, the rest is discarded', async (trial) => {
      const channel = await trial.open();
      channel.send(
        ask.sum({ 'message-id': 1, more: true }),
        frame(
          '{"byteorder": "big", "content-type": "text/json", "content-encoding": "utf-8", "content-length": 1, "message-id": 1, "more": true}',
          Buffer.from('{'),
        ),
      );
      await channel.expect({ error: 'content-invalid', to: 1 });
      channel.send(ask.item(2, 1), ask.last(1), ask.search('ring', { 'message-id': 1 }));
      await channel.expect({ value: { result: RING }, to: 1 });
      await channel.finish();
    }),
    check('a part of another content type is header-invalid, and the end', async (trial) => {
      const channel = await trial.open();
      channel.send(
        ask.sum({ 'message-id': 1, more: true }),
        ask.octets(Uint8Array.of(1), { 'message-id': 1, more: true }),
        ask.search('ring'),
      );
      await expectLost(channel);
    }),
    check('a part of bytes of another content type is, too', async (trial) => {
      const channel = await trial.open();
      channel.send(
        ask.measure('a file', Uint8Array.of(1), { 'message-id': 1, more: true }),
        bytesMessage(Uint8Array.of(2), { type: 'image/png', extensions: { 'message-id': 1 } }),
      );
      await expectLost(channel);
    }),
    check(
      'the connection ends within a request: nothing is answered, and nobody is disturbed',
      async (trial) => {
        const [cut, other] = [await trial.open(), await trial.open()];
        cut.send(ask.sum({ 'message-id': 1, more: true }), ask.item(1, 1));
        cut.reset();
        other.send(ask.search('ring'));
        await other.expect({ value: { result: RING } });
        await other.finish();
      },
    ),
  ],
};
