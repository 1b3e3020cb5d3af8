/**
 * Random conversations with a server, and what must hold of each.
 *
 * More of them: `WIRELINE_RUNS=5000 npx vitest run test/service/conversation-model.test.ts`. A failure names the
 * seed and the path with which fast-check repeats it, and shows the conversation made as short as it could be.
 */
import type { Message } from '@wireline/message';
import { MemoryBudget, Server } from '@wireline/service';
import { FakeNetwork } from '@wireline/service/testing';
import type { Clock } from '@wireline/socket/event-loop';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deferred } from '../support/deferred.ts';
import {
  bytesOfCancel,
  bytesOfSending,
  conversations,
  handlerOf,
  MAX_STREAM_QUEUED,
  pass,
  SentModel,
  serialOf,
  type Begun,
  type Conversation,
  type Handled,
} from './conversation-model.ts';
import { Peer } from './peer.ts';

/** As many as take some seconds. */
const RUNS = 250;

/** An hour, for those who ask for many more. A run that does not end is ended by its network. */
const TIMEOUT_MS = 3_600_000;

/** Longer than all that a handler does, and than an idle connection lives. */
const LONG_MS = 400_000;

/** Codes behind which a server reads nothing more. */
const LOST = new Set(['id-invalid', 'header-invalid', 'length-invalid', 'timeout', 'overloaded']);

/** Those of them that say what is wrong with a message. */
const BREACHES = new Set(['id-invalid', 'header-invalid', 'length-invalid']);

/** Messages up to so long are sent byte by byte. */
const DRIPS_MOST = 1000;

/** What promises were rejected and nobody heard of it. */
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);

beforeAll(() => void process.on('unhandledRejection', onUnhandled));
afterAll(() => void process.off('unhandledRejection', onUnhandled));

/** How requests ended, over all runs: what never happens is not tried. */
const tally = new Map<string, number>();

test(
  'whatever is said, each request has one final answer, and nothing is left',
  async () => {
    const numRuns = Number(process.env['WIRELINE_RUNS'] ?? RUNS);
    await fc.assert(fc.asyncProperty(conversations(), play), { numRuns, endOnFailure: false });
    if (numRuns < RUNS) return;
    for (const ending of ENDINGS) expect(tally.get(ending) ?? 0, ending).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);

const ENDINGS = [
  'answered',
  'a part',
  'closing',
  'cancelled',
  'deadline-exceeded',
  'internal',
  'unauthorized',
  'input-invalid',
  'content-invalid',
  'overloaded',
  'id-invalid',
  'header-invalid',
  'length-invalid',
  'ended in good order',
] as const;

/** A message that came, and when. */
interface Received {
  readonly message: Message;
  readonly at: number;
}

async function play(conversation: Conversation): Promise<void> {
  const { seed, luck, maxInFlight } = conversation;
  const network = new FakeNetwork({ seed, luck, bufferLength: 8 * 1024 });
  unhandled.length = 0;
  try {
    await network.until(converse(network, conversation));
    expect(unhandled, 'rejections that nobody handled').toEqual([]);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const told = { seed, luck, maxInFlight, ending: conversation.ending };
    error.message += `\n${JSON.stringify(told)}\n${conversation.steps.map((step) => JSON.stringify(step)).join('\n')}`;
    throw error;
  }
}

async function converse(network: FakeNetwork, conversation: Conversation): Promise<void> {
  const { clock } = network;
  const { maxInFlight, steps, ending } = conversation;
  const budget = new MemoryBudget();
  const handled: Handled = {
    clock,
    working: new Set(),
    most: 0,
    read: new Map(),
    begun: [],
    sources: 0,
    signals: new Map(),
  };
  const answered = new Map<number, number>();
  const closed: number[] = [];
  const server = new Server(handlerOf(handled), {
    network,
    clock,
    budget,
    limits: { maxInFlight, maxStreamQueued: MAX_STREAM_QUEUED, maxQueued: 64 * 1024 },
    observer: {
      answered: (_connection, request) => {
        const serial = serialOf(request);
        answered.set(serial, (answered.get(serial) ?? 0) + 1);
      },
      closed: ({ requestCount }) => closed.push(requestCount),
    },
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const peer = await Peer.connect(network, { host: '127.0.0.1', port }, clock).catch(
    () => undefined,
  );
  if (peer === undefined) {
    await server.close();
    return;
  }
  const received: Received[] = [];
  const reading = readAll(peer, received, () => clock.now());
  const model = new SentModel();
  let serial = 0;
  for (const step of steps) {
    if (step.kind === 'send' || step.kind === 'part') {
      const sending = step.kind === 'send' ? step : model.partOf(step);
      if (sending === undefined) continue;
      serial += 1;
      model.send(sending, serial, clock.now());
      const bytes = bytesOfSending(sending, serial);
      if (sending.drips && bytes.length < DRIPS_MOST) await drip(peer, bytes, clock);
      else peer.send(bytes);
    } else if (step.kind === 'cancel') {
      model.cancel(step.id, step.wrong);
      peer.send(bytesOfCancel(step.id, step.wrong));
    } else if (step.kind === 'wait') await pass(clock, step.ms);
    else if (step.kind === 'pause') peer.pause();
    else peer.resume();
  }
  const how = await end(ending, { peer, server, clock });
  model.end();

  await server.close({ graceMs: LONG_MS });
  await network.settle();
  peer.close();
  await reading;
  await network.settle();

  checkReceived(received, model);
  if (how === 'late' && conversation.luck !== 'hostile') checkReason(model);
  // What a time-out ends is not told to who has nothing to wait for; what breaks is not told at all.
  const { idleMs, writeStallMs } = server.counters.limits;
  const isWhole = how === 'ended' && conversation.luck !== 'hostile' && idleMs + writeStallMs === 0;
  if (isWhole) checkComplete(received, model);
  for (const [of, times] of answered) expect(times, `answers to request ${of}`).toBe(1);
  expect(handled.most, 'handlers at work').toBeLessThanOrEqual(2 * maxInFlight);
  expect(handled.sources, 'sources that were not cleaned up').toBe(0);
  for (const [of, parts] of handled.read) {
    const request = [...model.begun.values()].flat().find((each) => each.serial === of);
    // Where the model has lost it, a part may have been read by the server's grace.
    if (request !== undefined && !model.isLost) expect(parts).toEqual(request.parts);
  }
  for (const of of handled.working) {
    expect(handled.signals.get(of)?.aborted, `the signal of ${of}, which works for nobody`).toBe(
      true,
    );
  }
  expect(server.connectionCount).toBe(0);
  expect(closed).toEqual(server.counters.connections === 0 ? [] : [server.counters.requests]);
  expect(server.counters.requests).toBeGreaterThanOrEqual(handled.begun.length);
  expect(budget.used, 'bytes on the books').toBe(0);
  expect(network.leftovers()).toEqual([]);
}

/** Ends the conversation; returns what has become of the connection, if that says anything. */
async function end(
  ending: Conversation['ending'],
  { peer, server, clock }: { peer: Peer; server: Server; clock: Clock },
): Promise<'ended' | 'broken' | 'late' | undefined> {
  switch (ending) {
    case 'half-close': {
      peer.resume();
      peer.end();
      const late = deferred<'late'>();
      const timer = clock.after(LONG_MS, () => late.resolve('late'));
      const error = await Promise.race([peer.ended, late.promise]);
      timer.cancel();
      if (error === 'late') return 'late';
      return error === undefined ? 'ended' : 'broken';
    }
    case 'reset':
      peer.close();
      return undefined;
    case 'server closes':
      await server.close({ graceMs: 100 });
      return undefined;
    case 'server is destroyed':
      server.destroy();
      return undefined;
  }
}

/** A byte each millisecond. */
async function drip(peer: Peer, bytes: Uint8Array, clock: Clock): Promise<void> {
  for (const byte of bytes) {
    peer.send(Uint8Array.of(byte));
    await pass(clock, 1);
  }
}

async function readAll(peer: Peer, received: Received[], now: () => number): Promise<void> {
  try {
    for (;;) received.push({ message: await peer.message(), at: now() });
  } catch {
    // The end of the stream.
  }
}

/** What must hold of what has come, however far that is. */
function checkReceived(received: readonly Received[], model: SentModel): void {
  const parts = new Map<number, { serial: number; count: number }>();
  const finals = new Map<number, number>();
  let isClosing = false;
  let isBroken = false;
  // Whether an id was used again too early depends on time: then the model does not know what was cut off.
  const isReused = received.some(({ message }) => codeOf(message) === 'id-invalid');
  for (const { message, at } of received) {
    const { extensions } = message.header;
    const id = Number(extensions['in-reply-to'] ?? 0);
    expect(isClosing, 'something behind the goodbye').toBe(false);
    expect(extensions).not.toHaveProperty('message-id');
    if (id > 0) expect(model.ids, 'an answer to what was not asked').toContain(id);
    if (extensions['more'] === true) {
      count('a part');
      expect(id, 'a part without an id').toBeGreaterThan(0);
      const before = parts.get(id) ?? { serial: serialOf(message), count: 0 };
      expect(serialOf(message), 'whose part it is').toBe(before.serial);
      expect(extensions['n']).toBe(before.count + 1);
      parts.set(id, { ...before, count: before.count + 1 });
      continue;
    }
    isClosing = extensions['closing'] === true;
    if (isClosing) count('closing');
    const code = codeOf(message);
    count(code ?? 'answered');
    const nth = finals.get(id) ?? 0;
    if (code !== undefined && LOST.has(code) && id === 0) continue; // of the connection, or of what was not readable
    if (code !== undefined && BREACHES.has(code)) {
      // It overtakes the answer to the request whose id it names.
      isBroken = true;
      continue;
    }
    finals.set(id, nth + 1);
    const begun = model.begun.get(id)?.[nth];
    if (code === undefined) {
      const part = parts.get(id);
      if (part !== undefined) expect(serialOf(message), 'whose end it is').toBe(part.serial);
      expect(extensions['counted'] ?? 0, 'how many parts there were').toBe(part?.count ?? 0);
    }
    parts.delete(id);
    if (!isBroken) checkFinal(code, { begun, serial: serialOf(message), at, model, isReused });
  }
  expect(parts.size === 0 || !isClosing, 'an answer in parts without its end').toBe(true);
}

/** Whether a final answer is one that its request may have. */
function checkFinal(
  code: string | undefined,
  answer: {
    begun: Begun | undefined;
    serial: number;
    at: number;
    model: SentModel;
    isReused: boolean;
  },
): void {
  const { begun, serial, at, model, isReused } = answer;
  if (begun === undefined) {
    // One answer more than there are requests: the breach itself, told under the id that it names.
    expect(model.isLost, `a final answer that nobody asked for: ${code}`).toBe(true);
    expect(LOST).toContain(code);
    return;
  }
  if (code === undefined) {
    expect(serial, 'whose answer it is').toBe(begun.serial);
    expect(begun.isBad).toBe(false);
    return;
  }
  const told = `${code} to ${JSON.stringify(begun)}`;
  switch (code) {
    case 'cancelled':
      expect(begun.isCancelled, told).toBe(true);
      break;
    case 'deadline-exceeded':
      expect(begun.deadlineMs, told).toBeDefined();
      expect(at - begun.sentAt, told).toBeGreaterThanOrEqual(begun.deadlineMs ?? Infinity);
      break;
    case 'content-invalid':
      expect(begun.isBad || begun.isCut || isReused, told).toBe(true);
      break;
    case 'unauthorized':
      expect(begun.manner, told).toBe('refuses');
      break;
    case 'internal':
      expect(['throws', 'throws later', 'returns nothing', 'counts, then fails'], told).toContain(
        begun.manner,
      );
      break;
    case 'input-invalid':
      expect(begun.manner, told).toMatch(/^counts/);
      break;
    default:
      expect(LOST, told).toContain(code);
  }
}

/** Where the connection ended in good order, nothing is missing. */
function checkComplete(received: readonly Received[], model: SentModel): void {
  count('ended in good order');
  const finals = received.filter(({ message }) => message.header.extensions['more'] !== true);
  const codes = finals.map(({ message }) => codeOf(message));
  const saidLost = codes.some((code) => code !== undefined && LOST.has(code));
  const saidClosing = finals.some(({ message }) => message.header.extensions['closing'] === true);
  // Which message it was that the server stopped at, the model cannot tell where that depended on time.
  if (saidLost !== model.isLost || saidClosing || codes.includes('overloaded')) {
    expect(saidLost || saidClosing, 'a breach of the protocol that was not told').toBe(true);
    return;
  }
  if (codes.includes('timeout') || codes.includes('id-invalid')) return;
  for (const [id, begun] of model.begun) {
    const got = finals.filter(
      ({ message }) => Number(message.header.extensions['in-reply-to'] ?? 0) === id,
    );
    const more = got.length - begun.length;
    const told = `final answers under ${id} besides the ${begun.length} to its requests`;
    if (!model.isLost) expect(more, told).toBe(0);
    else expect([0, 1], told).toContain(more);
  }
}

/** Where it does not end, some request has no end. */
function checkReason(model: SentModel): void {
  const begun = [...model.begun.values()].flat();
  const isEndless = begun.some(({ manner }) => manner.startsWith('never'));
  expect(isEndless, 'a connection that does not end has a reason').toBe(true);
}

function codeOf(message: Message): string | undefined {
  if (message.kind !== 'json') return undefined;
  const { error } = message.value;
  return error === undefined ? undefined : (error as { code: string }).code; // what error answers have
}

function count(ending: string): void {
  tally.set(ending, (tally.get(ending) ?? 0) + 1);
}
