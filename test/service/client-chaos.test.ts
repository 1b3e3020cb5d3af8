/**
 * Conversations in parts on networks that are rough and that break things: streams, uploads and requests side by
 * side, some given up half-way, and what must hold whatever happens:
 *
 * - Every stream ends: with all of its items and its answer, or with an error of a documented class.
 * - No item is lost, doubled, changed, or another stream's.
 * - What a reader has left, its handler leaves, too.
 * - Nothing is left in the end: no connection, no timer, no memory on the books.
 */
import { binaryMessage, jsonMessage, type Message, type OutgoingMessage } from '@wireline/message';
import {
  AnswerError,
  Client,
  ConnectError,
  ConnectionBrokenError,
  ConnectionClosedError,
  MemoryBudget,
  RequestTimeoutError,
  Server,
  StreamCancelledError,
  type AnswerParts,
  type Handler,
} from '@wireline/service';
import { withSeeds, type FakeNetwork, type Random } from '@wireline/service/testing';
import { expect, test } from 'vitest';
import { contentOf, valueOf } from './client-answers.ts';

const CLIENTS = 3;
const TALKS = 8;

/** How conversations end, counted over all runs: a suite in which nothing breaks proves nothing. */
const tally = new Map<string, number>();

/** How many handlers are at work. */
interface Work {
  running: number;
}

/** Answers with `to` items, or adds up what comes. */
function handlerOf(work: Work): Handler {
  return (request, { parts }) => {
    const { id, to, filling } = valueOf(request);
    if (request.kind === 'binary') return measure(parts);
    if (to === undefined) return jsonMessage({ id });
    return count(work, { id: Number(id), to: Number(to), filling: Number(filling) });
  };
}

async function* count(
  work: Work,
  { id, to, filling }: { id: number; to: number; filling: number },
): AnswerParts {
  work.running += 1;
  try {
    for (let n = 1; n <= to; n++) yield jsonMessage({ id, n, filling: 'x'.repeat(filling) });
    return jsonMessage({ id, counted: to });
  } finally {
    work.running -= 1;
  }
}

async function measure(parts: AsyncIterable<Message>): Promise<OutgoingMessage> {
  let [length, sum] = [0, 0];
  for await (const part of parts) {
    const bytes = contentOf(part);
    length += bytes.length;
    for (const byte of bytes) sum = (sum + byte) % 2 ** 32;
  }
  return jsonMessage({ length, sum });
}

/** One client's conversations, some one after the other and some at once. */
async function talkMuch(client: Client, random: Random, firstId: number): Promise<void> {
  const underWay: Promise<void>[] = [];
  for (let id = firstId; id < firstId + TALKS; id++) {
    const talk = random.pick([listen, listen, send, ask]);
    const ending = talk(client, random.fork(), id).then(
      (how) => note(how),
      (error: unknown) => {
        expect(
          DOCUMENTED.some((known) => error instanceof known),
          String(error),
        ).toBe(true);
        note(error instanceof Error ? error.name : 'thrown');
      },
    );
    underWay.push(ending);
    if (random.chance(0.4)) await ending;
  }
  if (random.chance(0.1)) client.close();
  await Promise.all(underWay);
}

async function listen(client: Client, random: Random, id: number): Promise<string> {
  const to = random.integer(0, 60);
  const leavesAt = random.chance(0.3) ? random.integer(1, 60) : Infinity;
  const request = jsonMessage({ id, to, filling: random.integer(0, 10_000) });
  const stream = client.stream(request, { idempotent: random.chance(0.5) });
  let last = 0;
  for await (const item of stream) {
    expect(valueOf(item)).toMatchObject({ id, n: last + 1 });
    last += 1;
    if (last === leavesAt) break;
  }
  if (last === leavesAt) {
    // What was left may have been complete by then.
    const end: unknown = await stream.answer.then(valueOf, (error: unknown) => error);
    if (!(end instanceof StreamCancelledError)) expect(end).toEqual({ id, counted: to });
    return 'left';
  }
  expect(valueOf(await stream.answer)).toEqual({ id, counted: to });
  expect(last).toBe(to);
  return 'streamed';
}

async function send(client: Client, random: Random, id: number): Promise<string> {
  const parts = Array.from({ length: random.integer(0, 10) }, (_, index) =>
    binaryMessage(new Uint8Array(random.integer(0, 20_000)).fill(index + 1), 'x/bytes'),
  );
  const request = binaryMessage(new Uint8Array(), 'x/bytes', { extensions: { number: id } });
  const answer = await client.request(request, { parts });
  const length = parts.reduce((all, { bytes }) => all + bytes.length, 0);
  const sum = parts.reduce((all, { bytes }) => all + bytes.length * (bytes[0] ?? 0), 0);
  expect(valueOf(answer)).toEqual({ length, sum });
  return 'sent';
}

async function ask(client: Client, random: Random, id: number): Promise<string> {
  const timeoutMs = random.chance(0.3) ? random.integer(1, 50) : 60_000;
  const answer = await client.request(jsonMessage({ id }), { timeoutMs });
  expect(valueOf(answer)).toEqual({ id });
  return 'answered';
}

const DOCUMENTED = [
  AnswerError,
  ConnectError,
  ConnectionBrokenError,
  ConnectionClosedError,
  RequestTimeoutError,
] as const;

function note(how: string): void {
  tally.set(how, (tally.get(how) ?? 0) + 1);
}

async function play(network: FakeNetwork): Promise<void> {
  const { clock, random } = network;
  const options = { network, clock, budget: new MemoryBudget() };
  const work: Work = { running: 0 };
  const server = new Server(handlerOf(work), options);
  const address = await server.listen({ host: '127.0.0.1', port: 0 });
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, index) => {
      const limits = random.chance(0.3) ? { maxConnections: random.integer(1, 3) } : {};
      const client = new Client(address, { ...options, ...limits, maxStreamQueued: 8 * 1024 });
      await talkMuch(client, random.fork(), index * 1000);
      client.close();
    }),
  );
  network.changeLuck('calm');
  await server.close();
  await network.settle();
  expect(work.running).toBe(0);
  expect(network.leftovers()).toEqual([]);
  expect(options.budget.used).toBe(0);
}

/** Plays with many seeds. Returns whether it did: one seed that is repeated need not have everything. */
async function playMany(luck: 'rough' | 'hostile', runs: number): Promise<boolean> {
  tally.clear();
  let count = 0;
  await withSeeds({ luck, runs }, (network) => {
    count += 1;
    return play(network);
  });
  return count === runs;
}

test('conversations get through a rough network', async () => {
  if (!(await playMany('rough', 20))) return;
  for (const ending of ['streamed', 'left', 'sent', 'answered']) {
    expect(tally.get(ending), ending).toBeGreaterThan(0);
  }
  // Nothing breaks there but what was closed or was given little time.
  expect(tally.has('ConnectionBrokenError')).toBe(false);
  expect(tally.has('AnswerError')).toBe(false);
});

test('conversations end on a hostile one, too', async () => {
  if (!(await playMany('hostile', 40))) return;
  for (const ending of ['streamed', 'left', 'sent', 'answered', 'ConnectionBrokenError']) {
    expect(tally.get(ending), ending).toBeGreaterThan(0);
  }
});
