/**
 * Peers that converse in bad faith: cancels and deadlines in thousands, requests that never come whole, streams
 * that nobody reads. The model of `test/service/conversation-model.test.ts` says what is answered; here it is what
 * it costs. It is long because each attack is one program on one target.
 */
import type { Message } from '@wireline/message';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RawPeer } from '../support/raw-peer.ts';
import { ANSWER_DEADLINE_MS, ATTACK_DEADLINE_MS, eventually, within } from './deadlines.ts';
import { expectHealthy } from './health.ts';
import { forgetPeak, peakResidentBytes, residentBytes } from './process-facts.ts';
import { Target } from './target.ts';
import { askBytes, cancelBytes, headerBytes, messageBytes } from './wire.ts';

const MIB = 1024 * 1024;

/** 128: requests on one connection of which parts are missing, or whose handlers are at work. */
const MAX_IN_FLIGHT = 128;

/** 128 MiB: as in slow-readers.test.ts, what V8 leaves lying about before it collects. */
const GARBAGE = 128 * MIB;

const LARGEST_ID = Number.MAX_SAFE_INTEGER;

/** What a server of `programs/conversations.mjs` says of itself. */
interface State {
  readonly waiting: number;
  readonly sources: number;
}

/** Conversations before the first look at the memory: by then most of their code is compiled. */
const WARM_UP = 300;

let target: Target;
let peers: RawPeer[];
/** Asks how the server is; the bystander has questions of its own. */
let observer: RawPeer;

beforeEach(restart);

afterEach(async () => {
  try {
    // A reset reaches also a server that reads nothing.
    for (const peer of peers) peer.reset();
    await expectNobodyAtWork();
    await expectHealthy(target);
  } finally {
    observer.close();
    await target[Symbol.asyncDispose]();
  }
});

describe('cancels', () => {
  test.each([
    ['handlers that stop', 'stop', 50_000],
    ['handlers that look away', 'look_away', 1000],
  ])('of %s, each behind its request', async (_name, action, count) => {
    const peer = await connect();
    const pairs = Buffer.concat(
      Array.from({ length: count }, (_, n) => [
        askBytes({ action }, { 'message-id': n + 1 }),
        cancelBytes(n + 1),
      ]).flat(),
    );
    forgetPeak(target.pid);
    const before = residentBytes(target.pid);
    peer.send(pairs);
    const attack = (async () => {
      for (let n = 1; n <= count; n++) {
        expect(codeOf(await peer.json())).toBe('cancelled');
        if (n % 100 === 0) expect((await state()).waiting).toBeLessThanOrEqual(MAX_IN_FLIGHT);
      }
    })();
    await target.expectOthersServedDuring(bounded(attack));
    expect(peakResidentBytes(target.pid) - before).toBeLessThan(GARBAGE);
  });

  test('of what was never asked', async () => {
    const peer = await connect();
    const cancels = Buffer.concat(Array.from({ length: 50_000 }, (_, n) => cancelBytes(n + 1)));
    peer.send(cancels);
    peer.send(askBytes({ action: 'search' }, { 'message-id': LARGEST_ID }));
    await target.expectOthersServedDuring(
      bounded(
        peer.message().then(({ header }) => {
          expect(header.extensions).toEqual({ 'in-reply-to': LARGEST_ID });
        }),
      ),
    );
  });
});

describe('deadlines', () => {
  test('of a millisecond, 20,000 of them', async () => {
    const peer = await connect();
    const count = 20_000;
    for (let n = 1; n <= count; n++) {
      peer.send(askBytes({ action: 'stop' }, { 'message-id': n, 'deadline-ms': 1 }));
    }
    await target.expectOthersServedDuring(
      bounded(
        (async () => {
          for (let n = 1; n <= count; n++)
            expect(codeOf(await peer.json())).toBe('deadline-exceeded');
        })(),
      ),
    );
  });

  test('beyond what a timer can hold: none of them passes', async () => {
    const peer = await connect();
    const far = [2 ** 31 - 1, 2 ** 31, 2 ** 32 + 1, LARGEST_ID];
    for (const [at, deadline] of far.entries()) {
      peer.send(askBytes({ action: 'stop' }, { 'message-id': at + 1, 'deadline-ms': deadline }));
    }
    peer.send(askBytes({ action: 'stop' }, { 'message-id': 99, 'deadline-ms': 50 }));
    const first = await peer.message();
    expect(first.header.extensions).toEqual({ 'in-reply-to': 99 });
    for (const at of far.keys()) peer.send(cancelBytes(at + 1));
    for (const _ of far) expect(codeOf(await peer.json())).toBe('cancelled');
  });
});

describe('parts', () => {
  const part = (id: number, more: boolean, length = 0): Uint8Array =>
    messageBytes('x'.repeat(length), {
      contentType: 'text/plain',
      extensions: { 'message-id': id, action: 'gather', ...(more ? { more } : {}) },
    });

  test('100,000 without content', async () => {
    const peer = await connect();
    const count = 100_000;
    forgetPeak(target.pid);
    const before = residentBytes(target.pid);
    const one = part(1, true);
    peer.send(Buffer.concat(Array.from({ length: count }, () => one)));
    peer.send(part(1, false));
    let answer: unknown;
    const answered = peer.json().then((given) => void (answer = given));
    await target.expectOthersServedDuring(bounded(answered));
    expect(answer).toEqual({ count: count - 1 });
    expect(peakResidentBytes(target.pid) - before).toBeLessThan(GARBAGE);
  });

  test.each([0, 1000])('of %i bytes for a handler that never reads: held up', async (length) => {
    forgetPeak(target.pid);
    const before = residentBytes(target.pid);
    for (let count = 0; count < 20; count++) {
      const peer = await connect();
      peer.send(askBytes({ action: 'unread' }, { 'message-id': 1, more: true }));
      const item = askBytes({ text: 'x'.repeat(length) }, { 'message-id': 1, more: true });
      peer.send(Buffer.concat(Array.from({ length: 10_000 }, () => item)));
    }
    for (let round = 0; round < 20; round++) {
      await target.expectBystanderServed();
      await target.expectNewcomerServed();
    }
    expect((await state()).waiting).toBe(20);
    const { external } = await target.memory();
    expect(external - target.atRest.external).toBeLessThan(20 * 2 * MIB);
    expect(peakResidentBytes(target.pid) - before).toBeLessThan(20 * 2 * MIB + GARBAGE);
  });

  test.each([
    ['whole', (id: number) => part(id, true)],
    ['with content that is no JSON', badPart],
  ])(
    'first parts, %s, of requests without end: one too many ends the connection',
    async (_name, first) => {
      const peer = await connect();
      peer.send(Buffer.concat(Array.from({ length: 10_000 }, (_, n) => first(n + 1))));
      const codes: unknown[] = [];
      await bounded(
        (async () => {
          for (;;) {
            const answer = await peer.message();
            codes.push(codeOf(answer.kind === 'json' ? answer.value : {}));
            if (answer.header.extensions['closing'] === true) return;
          }
        })(),
      );
      expect(codes).toHaveLength(MAX_IN_FLIGHT + 1);
      expect(codes.at(-1)).toBe('overloaded');
    },
  );

  test('uploads that are left open on twenty connections', async () => {
    for (let count = 0; count < 20; count++) {
      const peer = await connect();
      const uploads = Array.from({ length: MAX_IN_FLIGHT }, (_, n) => part(n + 1, true, 1000));
      peer.send(Buffer.concat(uploads));
    }
    for (let round = 0; round < 20; round++) {
      await target.expectBystanderServed();
      await target.expectNewcomerServed();
    }
    for (const peer of peers) expect(peer.receivedBytes).toHaveLength(0);
  });
});

describe('streams', () => {
  test('that nobody reads: no more is made than is kept, and in the end they are closed', async () => {
    forgetPeak(target.pid);
    const before = residentBytes(target.pid);
    for (let count = 0; count < 20; count++) {
      const peer = await connect();
      peer.socket.pause();
      for (let id = 1; id <= 5; id++)
        peer.send(askBytes({ action: 'stream' }, { 'message-id': id }));
    }
    expect(await reaches(({ sources }) => sources > 0)).toBe(true);
    expect(await reaches(({ sources }) => sources === 0), 'sources cleaned up').toBe(true);
    expect(peakResidentBytes(target.pid) - before).toBeLessThan(20 * 2 * MIB + GARBAGE);
  });

  test('that are read: everybody else is served', async () => {
    const peer = await connect();
    peer.send(askBytes({ action: 'stream' }, { 'message-id': 1 }));
    const attack = (async () => {
      for (let parts = 0; parts < 500; parts++) await peer.message();
    })();
    await target.expectOthersServedDuring(bounded(attack));
    peer.send(cancelBytes(1));
    let last: Message;
    do last = await within(peer.message(), { ms: ANSWER_DEADLINE_MS, what: 'the end' });
    while (last.header.extensions['more'] === true);
    expect(codeOf(last.kind === 'json' ? last.value : {})).toBe('cancelled');
  });

  test('resets in the middle of them', async () => {
    for (let count = 0; count < 200; count++) {
      const peer = await connect();
      peer.send(askBytes({ action: 'stream' }, { 'message-id': 1 }));
      await peer.message();
      peer.reset();
    }
    expect(await reaches(({ sources }) => sources === 0)).toBe(true);
  });
});

describe('headers', () => {
  /** One of each kind that JSON has. */
  const VALUES = [
    'null',
    'true',
    '0',
    '-1',
    '1.5',
    '1e400',
    '"1"',
    '""',
    '[]',
    '[1]',
    '{}',
    '9007199254740992',
  ];

  test.each(['message-id', 'in-reply-to', 'deadline-ms', 'more', 'cancel'])(
    '%s of every kind: answered, and the others do not feel it',
    async (key) => {
      for (const value of VALUES) {
        const peer = await connect();
        const bytes = Buffer.from(
          headerBytes({ contentLength: 2, extensions: { [key]: '@' } }),
        ).toString('latin1');
        const header = bytes.slice(2).replace('"@"', value);
        const length = String.fromCharCode(header.length >> 8, header.length & 0xff);
        peer.send(Buffer.from(`${length}${header}{}`, 'latin1'));
        const answer = await within(peer.message(), { ms: ANSWER_DEADLINE_MS, what: 'an answer' });
        expect(answer.header.extensions).not.toHaveProperty('more');
        await target.expectBystanderServed();
      }
    },
  );

  test('a key that occurs twice: the last one counts', async () => {
    const peer = await connect();
    const bytes = Buffer.from(askBytes({ action: 'search' }, { 'message-id': 5, a: 6 }));
    const header = bytes.toString('latin1').replace('"a":6', '"message-id":6').slice(2);
    const jsonLength = header.indexOf('}{') + 1;
    const length = String.fromCharCode(jsonLength >> 8, jsonLength & 0xff);
    peer.send(Buffer.from(length + header, 'latin1'));
    expect((await peer.message()).header.extensions).toEqual({ 'in-reply-to': 6 });
  });

  test('4096 bytes of extensions', async () => {
    const peer = await connect();
    const plain = askBytes({ action: 'search' }, { 'message-id': LARGEST_ID, x: '' });
    const content = Buffer.byteLength(JSON.stringify({ action: 'search' }));
    const filling = 'x'.repeat(4096 - (plain.length - 2 - content));
    peer.send(askBytes({ action: 'search' }, { 'message-id': LARGEST_ID, x: filling }));
    expect((await peer.message()).header.extensions).toEqual({ 'in-reply-to': LARGEST_ID });
  });
});

describe('going down', () => {
  test('under load: streams come to their end, what never ends is cut off, and the last word is a goodbye', async () => {
    const ticking = await Promise.all(Array.from({ length: 20 }, connect));
    for (const peer of ticking) peer.send(askBytes({ action: 'tick' }, { 'message-id': 1 }));
    for (const peer of ticking) await peer.message();
    const endless = await connect();
    endless.send(askBytes({ action: 'stop' }, { 'message-id': 1 }));
    const unfinished = await connect();
    unfinished.send(askBytes({ action: 'gather' }, { 'message-id': 1, more: true }));
    await reaches(({ waiting }) => waiting === 1);
    await using doomed = target;
    doomed.program.signal('SIGTERM');
    for (const peer of ticking) {
      const answers = await messagesOf(peer);
      expect(answers.at(-1)?.header.extensions).toEqual({ 'in-reply-to': 1, closing: true });
      expect(answers.filter(({ header }) => header.extensions['closing'] === true)).toHaveLength(1);
    }
    unfinished.send(askBytes({}, { 'message-id': 1 }));
    expect((await unfinished.message()).header.extensions).toMatchObject({ closing: true });
    expect(
      await within(doomed.program.exited(), { ms: ATTACK_DEADLINE_MS, what: 'the end' }),
    ).toMatchObject({ code: 0 });
    await restart();
  });
});

async function connect(): Promise<RawPeer> {
  const peer = await RawPeer.connect(target.port);
  peer.ended.catch(() => {}); // some are reset
  peers.push(peer);
  return peer;
}

/** A little of all that the tests do much of. */
async function warmUp(): Promise<void> {
  const peer = await RawPeer.connect(target.port);
  for (let id = 1; id <= WARM_UP; id++) {
    peer.send(askBytes({ action: 'stop' }, { 'message-id': id }));
    peer.send(cancelBytes(id));
    await peer.message();
    peer.send(askBytes({ action: 'stop' }, { 'message-id': id, 'deadline-ms': 1 }));
    await peer.message();
    peer.send(askBytes({ action: 'gather' }, { 'message-id': id, more: true }));
    peer.send(askBytes({}, { 'message-id': id, more: true }));
    peer.send(askBytes({}, { 'message-id': id }));
    await peer.message();
  }
  const left = new Promise((resolve) => peer.socket.once('close', resolve));
  peer.socket.end();
  await within(left, { ms: ANSWER_DEADLINE_MS, what: 'the end of a connection' });
}

/** Starts a server, and sees how it is at rest. */
async function restart(): Promise<void> {
  peers = [];
  target = await Target.start({ program: ['test/hostile/programs/conversations.mjs', '1500'] });
  observer = await RawPeer.connect(target.port);
  observer.ended.catch(() => {}); // it is asked, and says so then
  await warmUp();
  await target.remember();
}

/** All that comes until the stream ends. */
async function messagesOf(peer: RawPeer): Promise<readonly Message[]> {
  const messages: Message[] = [];
  await within(peer.ended, { ms: ANSWER_DEADLINE_MS, what: 'the end of a connection' });
  for (;;) {
    try {
      messages.push(await peer.message());
    } catch {
      return messages;
    }
  }
}

/** A first part whose content is no JSON. */
function badPart(id: number): Uint8Array {
  return messageBytes('[]', { extensions: { 'message-id': id, more: true } });
}

async function state(): Promise<State> {
  observer.send(askBytes({ action: 'state' }, {}));
  const answer = await within(observer.json(), { ms: ANSWER_DEADLINE_MS, what: 'the state' });
  return { waiting: Number(answer['waiting']), sources: Number(answer['sources']) };
}

/** Fails unless all handlers come to an end. */
async function expectNobodyAtWork(): Promise<void> {
  await reaches(({ waiting, sources }) => waiting + sources === 0);
  expect(await state(), 'handlers at work').toEqual({ waiting: 0, sources: 0 });
}

/** Whether the server comes to a state. */
async function reaches(isThere: (state: State) => boolean): Promise<boolean> {
  const deadline = performance.now() + ATTACK_DEADLINE_MS / 2;
  while (!isThere(await state())) {
    if (performance.now() > deadline) return false;
    await eventually(() => false, 20);
  }
  return true;
}

function bounded(attack: Promise<void>): Promise<void> {
  return within(attack, { ms: ATTACK_DEADLINE_MS, what: 'what the attack waits for' });
}

function codeOf(answer: Readonly<Record<string, unknown>>): unknown {
  const { error } = answer;
  return (error as { code: unknown } | undefined)?.code; // what error answers have
}
