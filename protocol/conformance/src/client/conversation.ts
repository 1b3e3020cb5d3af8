/** "Parts", "Cancel", "Deadline" and "Goodbye", as a client sees them. */
import { MORPHEUS, PLAYING, RING } from '../server/entries.ts';
import { showReceived } from '../trial/expectation.ts';
import { UnmetError } from '../trial/unmet.ts';
import { sameJson, writeJson, type JsonObject } from '../wire/json.ts';
import { pattern, sumOf } from '../wire/requests.ts';
import { answer, bytes, item, refuse } from './answers.ts';
import type { Asked, ClientTrial } from './client-trial.ts';
import {
  MORPHEUS_REQUEST,
  PLAYING_REQUEST,
  printedResults,
  RING_REQUEST,
  scenario,
  type ScenarioSection,
} from './scenario.ts';

/** As long as the README says. */
const LONG = 600_001;

/** The next part of the request that `first` began. */
async function nextPart(trial: ClientTrial, first: Asked, expected: string): Promise<Asked> {
  const part = await trial.next(expected);
  const { header, type } = part.request;
  if (part.channel !== first.channel || header['message-id'] !== first.id) {
    throw new UnmetError(
      `${expected} of ${first.id ?? 'no id'}`,
      `came ${showReceived(part.request)}`,
    );
  }
  if (header['cancel'] !== true && type !== first.request.type) {
    throw new UnmetError(`${expected} of the type ${first.request.type}`, `came one of ${type}`);
  }
  return part;
}

function isLast({ request }: Asked): boolean {
  return request.header['more'] !== true;
}

/** Parts. */
export const parts: ScenarioSection = {
  name: 'parts',
  title: 'Parts',
  scenarios: [
    scenario('count', 'items, then the answer', async (trial) => {
      const asked = await trial.expect({ action: 'count', to: 3 }, { id: 'needed' });
      for (const n of [1, 2, 3]) item(asked, { n });
      answer(asked, { counted: 3 });
      const items = [1, 2, 3].map((n) => ({ item: { n } }));
      await trial.expectPrinted([...items, { answer: { counted: 3 } }]);
    }),
    scenario('count', 'no items at all', async (trial) => {
      const asked = await trial.expect({ action: 'count', to: 3 }, { id: 'needed' });
      answer(asked, { counted: 0 });
      await trial.expectPrinted([{ answer: { counted: 0 } }]);
    }),
    scenario('count', 'an error in the middle', async (trial) => {
      const asked = await trial.expect({ action: 'count', to: 3 }, { id: 'needed' });
      item(asked, { n: 1 });
      refuse(asked, 'internal');
      await trial.expectPrinted([{ item: { n: 1 } }, { error: 'internal' }]);
    }),
    scenario('count', 'the end in the middle', async (trial) => {
      const asked = await trial.expect({ action: 'count', to: 3 }, { id: 'needed' });
      item(asked, { n: 1 });
      asked.channel.halfClose();
      await trial.expectPrinted([{ item: { n: 1 } }, { failed: true }]);
    }),
    ...[LONG, 0].map((length) =>
      scenario('download', `${length} bytes, cut anywhere, the last part empty`, async (trial) => {
        const asked = await trial.expect({ action: 'bytes', length: LONG }, { id: 'needed' });
        const content = pattern(length);
        const cuts = [0, 1, 2, 1000, 262_144, 262_145, length].filter((cut) => cut <= length);
        for (const [index, cut] of cuts.entries()) {
          const from = index === 0 ? 0 : (cuts[index - 1] ?? 0);
          if (cut > from) bytes(asked, content.subarray(from, cut), true);
        }
        bytes(asked, new Uint8Array(0), false);
        await trial.expectPrinted([{ bytes: length, sum: sumOf(content) }]);
      }),
    ),
    scenario('sum', 'a request in items', async (trial) => {
      const first = await trial.expect({ action: 'sum' }, { id: 'needed' });
      if (isLast(first)) throw new UnmetError('more', `came ${showReceived(first.request)}`);
      for (const n of [1, 20, 300]) {
        const expected = `the item ${writeJson({ n })} with more`;
        const part = await nextPart(trial, first, expected);
        if (!sameJson(part.request.value, { n }) || isLast(part)) {
          throw new UnmetError(expected, `came ${showReceived(part.request)}`);
        }
      }
      const expected = 'the last part, {}';
      const last = await nextPart(trial, first, expected);
      if (!sameJson(last.request.value, {}) || !isLast(last)) {
        throw new UnmetError(expected, `came ${showReceived(last.request)}`);
      }
      answer(first, { sum: 321 });
      await trial.expectPrinted([{ answer: { sum: 321 } }]);
    }),
    scenario('measure', 'a request of bytes', async (trial) => {
      const expected = 'bytes with "action": "measure" and "input": {"name": "a file"}';
      const first = await trial.next(expected);
      const { header, value } = first.request;
      const isRight =
        header['action'] === 'measure' && sameJson(header['input'], { name: 'a file' });
      if (!isRight || value !== undefined) {
        throw new UnmetError(expected, `came ${showReceived(first.request)}`);
      }
      const contents = [first.request.content];
      let part = first;
      while (!isLast(part)) {
        part = await nextPart(trial, first, 'a part');
        contents.push(part.request.content);
      }
      const content = Buffer.concat(contents);
      if (Buffer.compare(content, pattern(LONG)) !== 0) {
        throw new UnmetError(`${LONG} bytes, i modulo 251`, `came ${content.length}, or others`);
      }
      const result: JsonObject = { name: 'a file', length: LONG, sum: sumOf(content) };
      answer(first, result);
      await trial.expectPrinted([{ answer: result }]);
    }),
    scenario(
      'early-no',
      'no comes early: the client stops, and ends its request',
      async (trial) => {
        const first = await trial.expect({ action: 'sum' }, { id: 'needed' });
        await nextPart(trial, first, 'an item');
        refuse(first, 'input-invalid');
        const until = performance.now() + QUIET_LIMIT_MS;
        for (;;) {
          const part = await nextPart(trial, first, 'a last part or a cancel');
          if (part.request.header['cancel'] === true || isLast(part)) break;
          if (performance.now() > until) {
            throw new UnmetError('a last part or a cancel', 'the client went on sending items');
          }
        }
        answer(await trial.expect(RING_REQUEST), { result: RING });
        await trial.expectPrinted([{ error: 'input-invalid' }, { answer: { result: RING } }]);
      },
    ),
  ],
};

/** What was written before the answer came is on its way; more than this is not. */
const QUIET_LIMIT_MS = 2000;

/** Cancel. */
export const cancels: ScenarioSection = {
  name: 'cancel',
  title: 'Cancel',
  scenarios: [
    ...(['cancelled', 'answered'] as const).map((end) =>
      scenario('cancel', `behind an item; it is ${end}`, async (trial) => {
        const asked = await trial.expect({ action: 'count', to: 1_000_000 }, { id: 'needed' });
        item(asked, { n: 1 });
        // The search may come first: on another connection.
        const early = await nextSearchOrCancel(trial, asked);
        if (early !== undefined) await nextSearchOrCancel(trial, asked);
        if (end === 'cancelled') refuse(asked, 'cancelled');
        else answer(asked, { counted: 1 });
        answer(early ?? (await trial.expect(RING_REQUEST)), { result: RING });
        const [first, then] = [{ item: { n: 1 } }, { answer: { result: RING } }];
        const cancelled = [first, { error: 'cancelled' }, then];
        const answered = [first, { answer: { counted: 1 } }, then];
        if (end === 'answered') await trial.expectPrinted(cancelled, answered);
        else await trial.expectPrinted(cancelled);
      }),
    ),
    scenario(
      'cancel-unproven',
      'no cancel to a peer that has not proved anything',
      async (trial) => {
        const asked = await trial.expect({ action: 'stop' });
        await asked.channel.expectReset('no cancel: the connection reset');
        await trial.expectPrinted([{ error: 'cancelled' }], [{ failed: true }]);
      },
    ),
  ],
};

/** The next request: a search for `ring`, which is returned, or the cancel of `asked`. */
async function nextSearchOrCancel(trial: ClientTrial, asked: Asked): Promise<Asked | undefined> {
  const expected = `a cancel of ${asked.id ?? 'no id'}, of length 0`;
  const next = await trial.next(expected);
  const { header, content, value } = next.request;
  if (sameJson(value, RING_REQUEST) && next.channel !== asked.channel) return next;
  const isOfAsked = next.channel === asked.channel && next.id === asked.id;
  const isCancel = header['cancel'] === true && header['more'] !== true && content.length === 0;
  if (isOfAsked && isCancel) return undefined;
  throw new UnmetError(expected, `came ${showReceived(next.request)}`);
}

/** Deadline. */
export const deadlines: ScenarioSection = {
  name: 'deadline',
  title: 'Deadline',
  scenarios: [
    scenario('deadline', 'it is sent, and may have become shorter', async (trial) => {
      const asked = await trial.expect({ action: 'stop' });
      const ms = asked.request.header['deadline-ms'];
      if (typeof ms !== 'number' || !Number.isSafeInteger(ms) || ms < 1 || ms > 2000) {
        throw new UnmetError('deadline-ms from 1 to 2000', `came ${writeJson(ms ?? 'none')}`);
      }
      refuse(asked, 'deadline-exceeded');
      await trial.expectPrinted([{ error: 'deadline-exceeded' }]);
    }),
  ],
};

/** Goodbye. */
export const goodbyes: ScenarioSection = {
  name: 'goodbye',
  title: 'Goodbye',
  scenarios: [
    scenario(
      'one-by-one',
      'behind closing, nothing more on this connection: it is closed',
      async (trial) => {
        const first = await trial.expect(MORPHEUS_REQUEST);
        answer(first, { result: MORPHEUS }, { closing: true });
        await first.channel.expectGone('nothing more on this connection, and its end');
        const second = await trial.expect(RING_REQUEST);
        answer(second, { result: RING });
        await trial.expectPrinted(printedResults(MORPHEUS, RING));
      },
    ),
    scenario('pipelining', 'what is unanswered then is asked again elsewhere', async (trial) => {
      const first = await trial.expect(MORPHEUS_REQUEST, { id: 'needed' });
      answer(first, { result: MORPHEUS });
      const ring = await trial.expect(RING_REQUEST, { id: 'needed' });
      await trial.expect(PLAYING_REQUEST, { id: 'needed' });
      await trial.expect({ action: 'search', value: 'x' }, { id: 'needed' });
      answer(ring, { result: RING }, { closing: true });
      await first.channel.expectGone('nothing more on this connection, and its end');
      const left = new Map([
        ['\u{1F436}', PLAYING],
        ['x', 'no'],
      ]);
      while (left.size > 0) {
        const asked = await trial.next('what was not answered, again');
        const value = asked.request.value?.['value'];
        const result = typeof value === 'string' ? left.get(value) : undefined;
        if (result === undefined || typeof value !== 'string') {
          throw new UnmetError(
            'what was not answered, again',
            `came ${showReceived(asked.request)}`,
          );
        }
        left.delete(value);
        answer(asked, { result });
      }
      const results = [MORPHEUS, RING, PLAYING, 'no'];
      await trial.expectPrinted(printedResults(...results));
    }),
  ],
};
