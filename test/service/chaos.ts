/**
 * Chaos: a server, several clients and several rude peers on a network that breaks things, and what must
 * hold whatever happens:
 *
 * - Every request settles: with its own answer, or with an error of a documented class.
 * - Requests are repeated only where they may be.
 * - Whoever is not disturbed is served, and so is everybody once the network is calm.
 * - Nothing is left in the end: no connection, no timer, no memory on the books.
 */
import { jsonMessage, type Message } from '@wireline/message';
import {
  AnswerError,
  Client,
  ConnectError,
  ConnectionBrokenError,
  ConnectionClosedError,
  MemoryBudget,
  RequestTimeoutError,
  Server,
  type Handler,
  type ClientOptions,
} from '@wireline/service';
import type { FakeNetwork, Random } from '@wireline/service/testing';
import type { Address } from '@wireline/socket';
import type { Clock } from '@wireline/socket/event-loop';
import { expect } from 'vitest';
import { deferred } from '../support/deferred.ts';
import { bytesOf } from '../support/raw-peer.ts';
import { Peer } from './peer.ts';

const CLIENTS = 4;
const REQUESTS = 8;
const RUDE_PEERS = 4;

/** How requests end, counted over all runs: a suite in which nothing breaks proves nothing. */
export type Tally = Map<string, number>;

type JsonObject = Readonly<Record<string, unknown>>;

/** How a request wants to be answered. */
const MANNERS = ['at once', 'at once', 'later', 'later', 'big', 'throws'] as const;
type Manner = (typeof MANNERS)[number];

/** Plays all of it once. */
export async function playChaos(network: FakeNetwork, tally: Tally): Promise<void> {
  const { clock, random } = network;
  const options = { network, clock, budget: new MemoryBudget() };
  /** The seed decides how long a client waits for its server, too. */
  const clientOptions = (): ClientOptions => {
    const chance = random.fork();
    return { ...options, reconnect: { random: () => chance.fraction() } };
  };
  /** How often each request was handled. */
  const handled = new Map<number, number>();
  const server = new Server(handlerOf({ clock, random: random.fork(), handled }), {
    ...options,
    observer: { handlerFailed: () => {} }, // many are to fail
  });
  const address = await server.listen({ host: '127.0.0.1', port: 0 });

  await Promise.all([
    ...Array.from({ length: CLIENTS }, async (_, index) => {
      const client = new Client(address, clientOptions());
      const requests = { client, clock, random: random.fork(), handled, tally };
      await askMuch(requests, (index + 1) * 1000);
      client.close();
    }),
    ...Array.from({ length: RUDE_PEERS }, () =>
      beRude(network, { address, random: random.fork() }),
    ),
  ]);

  network.changeLuck('calm');
  const client = new Client(address, clientOptions());
  const answer = await client.request(jsonMessage({ id: 1, manner: 'at once' }));
  expect(valueOf(answer)).toMatchObject({ id: 1 });
  client.close();
  await server.close();
  await network.settle();
  expect(server.connectionCount).toBe(0);
  expect(network.leftovers()).toEqual([]);
  expect(options.budget.used).toBe(0);
}

/** What the handler works with. */
interface Handling {
  readonly clock: Clock;
  readonly random: Random;
  readonly handled: Map<number, number>;
}

/** Answers with the number of the request, in the manner that it asks for. */
function handlerOf({ clock, random, handled }: Handling): Handler {
  return async (request, { signal }) => {
    const { id, manner } = valueOf(request);
    handled.set(Number(id), (handled.get(Number(id)) ?? 0) + 1);
    if (manner === 'throws') throw new Error('as was asked for');
    if (manner === 'later') await pass(clock, random.integer(0, 200), signal);
    const filling = manner === 'big' ? random.integer(10_000, 100_000) : 0;
    return jsonMessage({ id: Number(id), filling: 'x'.repeat(filling) });
  };
}

/** A client and what it keeps to. */
interface Asking {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly handled: ReadonlyMap<number, number>;
  readonly tally: Tally;
}

/** Makes requests, some one after the other and some at once, and checks how each of them ends. */
async function askMuch(asking: Asking, firstId: number): Promise<void> {
  const { client, clock, random } = asking;
  const underWay: Promise<void>[] = [];
  for (let id = firstId; id < firstId + REQUESTS; id++) {
    const asked = ask(asking, id);
    underWay.push(asked);
    if (random.chance(0.5)) await asked;
    if (random.chance(0.3)) await pass(clock, random.integer(1, 500));
  }
  // Some close while their requests are under way.
  if (random.chance(0.2)) client.close();
  await Promise.all(underWay);
}

async function ask({ client, random, handled, tally }: Asking, id: number): Promise<void> {
  const manner = random.pick<Manner>(MANNERS);
  const idempotent = random.chance(0.5);
  const impatient = random.chance(0.2);
  const message = jsonMessage({ id, manner, filling: 'x'.repeat(random.integer(0, 30_000)) });
  const outcome = await client
    .request(message, { idempotent, ...(impatient ? { timeoutMs: random.integer(1, 100) } : {}) })
    .then(valueOf, (error: unknown) => error);
  if (outcome instanceof AnswerError) {
    // A handler fails only where it was told to; any request may be stalled beyond the server's patience.
    expect(manner === 'throws' ? ['internal', 'timeout'] : ['timeout']).toContain(outcome.code);
    count(tally, outcome.code);
  } else if (outcome instanceof Error) {
    expect(
      DOCUMENTED.some((known) => outcome instanceof known),
      String(outcome),
    ).toBe(true);
    count(tally, outcome.name);
  } else {
    expect(outcome).toMatchObject({ id });
    expect(manner).not.toBe('throws');
    count(tally, 'answered');
  }
  expect(handled.get(id) ?? 0, `request ${id} was handled`).toBeLessThanOrEqual(idempotent ? 2 : 1);
}

const DOCUMENTED = [
  ConnectError,
  ConnectionBrokenError,
  ConnectionClosedError,
  RequestTimeoutError,
] as const;

/** Connects and misbehaves. Whatever it does, it gets its answers in order, as far as they come. */
async function beRude(
  network: FakeNetwork,
  { address, random }: { readonly address: Address; readonly random: Random },
): Promise<void> {
  const { clock } = network;
  let peer: Peer;
  try {
    peer = await Peer.connect(network, address, clock);
  } catch (error) {
    expect(error).toBeInstanceOf(ConnectError);
    return;
  }
  const ids = Array.from({ length: random.integer(1, 40) }, (_, index) => index + 1);
  const answers: JsonObject[] = [];
  const read = readAnswers(peer, answers);
  if (random.chance(0.3)) peer.pause();
  await misbehave(peer, ids, { clock, random });
  await ended(peer, { clock, withinMs: random.integer(0, 100_000) });
  if (random.chance(0.5)) peer.resume();
  await ended(peer, { clock, withinMs: 10_000 });
  peer.close();
  await read;
  // In the order of the requests, as far as they came; error answers stand in for some of them.
  for (const [index, answer] of answers.entries()) {
    if (answer['error'] === undefined) expect(answer['id']).toBe(ids[index]);
  }
}

/** Sends requests, or what begins like some. */
async function misbehave(
  peer: Peer,
  ids: readonly number[],
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Promise<void> {
  const requests = bytesOf(...ids.map((id) => jsonMessage({ id, manner: random.pick(MANNERS) })));
  switch (random.integer(0, 4)) {
    case 0: // politely
      peer.send(requests);
      peer.end();
      break;
    case 1: // cut in mid-frame
      peer.send(requests.subarray(0, random.integer(0, requests.length)));
      peer.end();
      break;
    case 2: // rubbish behind good requests
      peer.send(requests);
      peer.send(Uint8Array.from({ length: 300 }, () => random.integer(0, 255)));
      break;
    case 3: // one byte and then silence
      peer.send(requests.subarray(0, 1));
      break;
    case 4: // gone before it is answered
      peer.send(requests);
      await pass(clock, random.integer(0, 50));
      peer.close();
      break;
  }
}

/** Reads until the stream ends. */
async function readAnswers(peer: Peer, answers: JsonObject[]): Promise<void> {
  try {
    for (;;) answers.push(await peer.json());
  } catch {
    // The end, or what broke it: either is fine here.
  }
}

/** Resolves when the peer's stream has ended, or the time is over. */
async function ended(
  peer: Peer,
  { clock, withinMs }: { readonly clock: Clock; readonly withinMs: number },
): Promise<void> {
  const late = deferred();
  const timer = clock.after(withinMs, late.resolve);
  await Promise.race([peer.ended, late.promise]);
  timer.cancel();
}

/** Resolves after `ms` of the clock, rejects when `signal` aborts first. */
function pass(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort);
  });
}

function valueOf(message: Message): JsonObject {
  return message.kind === 'json' ? message.value : {};
}

function count(tally: Tally, ending: string): void {
  tally.set(ending, (tally.get(ending) ?? 0) + 1);
}
