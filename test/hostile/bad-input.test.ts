/**
 * Peers that send what they should not: every stream of `protocol/vectors/bad-input.json`, in every cut that
 * matters, all of them at once, each on a connection of its own; and what else the protocol names as bad.
 *
 * Where a stream is cut, the server has read the first part before the second is sent: the bystander's answer
 * comes between the two, and it comes behind everything that was there before its request.
 */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { RawPeer } from '../support/raw-peer.ts';
import { ANSWER_DEADLINE_MS, within } from './deadlines.ts';
import { expectDescriptorsBack, expectHealthy } from './health.ts';
import { processorMs } from './process-facts.ts';
import { REQUEST, Target } from './target.ts';
import { messageBytes, searchBytes } from './wire.ts';

interface Vector {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly code: string;
  readonly framing: 'intact' | 'lost';
  /** Where decoding goes on, if it does. */
  readonly next: number | null;
}

const file = new URL('../../protocol/vectors/bad-input.json', import.meta.url);
// The file is ours; its own tests check its shape.
const { vectors: written } = JSON.parse(readFileSync(file, 'utf8')) as {
  vectors: (Omit<Vector, 'bytes'> & { bytes: string })[];
};
const VECTORS: readonly Vector[] = written.map(({ name, bytes, code, framing, next }) => {
  return { name, bytes: Buffer.from(bytes, 'hex'), code, framing, next };
});
const TRUNCATED = 'truncated';

let target: Target;

beforeAll(async () => {
  target = await Target.start({ serve: ['--json'] });
  // The tables of an encoding are loaded when it is first met, and kept.
  await expectAllHandled(() => []);
  await expectDescriptorsBack(target);
  await target.remember();
});

afterEach(() => expectHealthy(target));

afterAll(() => target[Symbol.asyncDispose]());

describe('all bad streams at once', () => {
  test.each<[name: string, cuts: Cuts]>([
    ['whole', () => []],
    ['byte by byte', ({ bytes }) => [...bytes.keys()]],
    ['cut inside the header length', () => [1]],
    ['cut behind the header length', () => [2]],
    ['cut inside the header', (vector) => [2 + Math.floor(headerLength(vector) / 2)]],
    ['cut between header and content', (vector) => [2 + headerLength(vector)]],
    [
      'cut inside the content',
      (vector) => [Math.ceil((2 + headerLength(vector) + endOf(vector)) / 2)],
    ],
    ['cut behind the bad message', (vector) => [endOf(vector)]],
    ['cut inside the header length of the next message', (vector) => [endOf(vector) + 1]],
  ])('%s', async (_name, cuts) => {
    await expectAllHandled(cuts);
  });

  test('with a good request right behind: where framing is lost it is not answered', async () => {
    await Promise.all(
      VECTORS.filter(({ code }) => code !== TRUNCATED).map(async (vector) => {
        const peer = await connect();
        peer.send(Buffer.concat([vector.bytes, REQUEST]));
        peer.socket.end();
        await within(peer.ended, { ms: ANSWER_DEADLINE_MS, what: vector.name });
        const answers = await answersOf(peer);
        const codes = answers.map((answer) => (answer as { error?: { code: string } }).error?.code);
        expect(codes, vector.name).toEqual(
          vector.framing === 'lost' ? [vector.code] : [vector.code, 'action-invalid', undefined],
        );
      }),
    );
  });
});

describe('what else the protocol names', () => {
  test.each<[name: string, bytes: Uint8Array, answers: readonly unknown[]]>([
    ['content {}', messageBytes('{}'), [errorWith('action-invalid')]],
    ['an action that is an object', messageBytes('{"action": {}}'), [errorWith('action-invalid')]],
    [
      'keys that a prototype has',
      Buffer.concat([
        messageBytes('{"__proto__": {"action": "search", "value": "ring"}}'),
        messageBytes('{"constructor": {"prototype": {"action": "search", "value": "ring"}}}'),
        messageBytes('{"action": "search", "value": {"toString": "ring"}}'),
        messageBytes('{"action": "search", "value": "__proto__"}'),
        messageBytes('{"action": "search", "value": "constructor"}'),
        messageBytes('{}'),
      ]),
      [
        errorWith('action-invalid'),
        errorWith('action-invalid'),
        errorWith('input-invalid'),
        { result: "No match for '__proto__'." },
        { result: "No match for 'constructor'." },
        errorWith('action-invalid'),
      ],
    ],
    [
      'two messages in one segment',
      Buffer.concat([searchBytes('one'), searchBytes('two')]),
      [{ result: "No match for 'one'." }, { result: "No match for 'two'." }],
    ],
    [
      'a thousand bad messages in a row, and a good one',
      Buffer.concat([
        ...Array.from({ length: 1000 }, () => messageBytes('[]')),
        searchBytes('last'),
      ]),
      [
        ...Array.from({ length: 1000 }, () => errorWith('content-invalid')),
        { result: "No match for 'last'." },
      ],
    ],
  ])('%s', async (_name, bytes, expected) => {
    const peer = await connect();
    peer.send(bytes);
    peer.socket.end();
    await within(peer.ended, { ms: ANSWER_DEADLINE_MS, what: 'the end of the answers' });
    expect(await answersOf(peer)).toEqual(expected);
  });

  test('no binary content at all', async () => {
    const peer = await connect();
    peer.send(messageBytes('', { contentType: 'binary/none', contentEncoding: 'binary' }));
    const answer = await within(peer.message(), { ms: ANSWER_DEADLINE_MS, what: 'an answer' });
    expect(answer.kind === 'binary' && Buffer.from(answer.bytes).toString()).toBe(
      'First 10 bytes of request: ',
    );
    peer.close();
  });

  // 32 MiB in linear time are some 50 ms; in quadratic time, more than a minute.
  const LINEAR_MS = 3_000;

  test('32 MiB of content: in linear time', async () => {
    const before = processorMs(target.pid);
    const peer = await connect();
    peer.send(messageBytes('0'.repeat(32 * 1024 * 1024), { contentType: 'binary/zeros' }));
    await peer.message();
    peer.close();
    expect(processorMs(target.pid) - before).toBeLessThan(LINEAR_MS);
  });

  test('an action so long that an answer that repeats it would break the limit', async () => {
    const peer = await connect();
    peer.send(messageBytes(`{"action": "${'x'.repeat(20 * 1024 * 1024)}"}`));
    const answer = await peer.json();
    expect(answer).toMatchObject({ error: { code: 'action-invalid' } });
    expect(JSON.stringify(answer).length).toBeLessThan(2000);
    await target.ask(peer);
    peer.close();
  });
});

/** Where a stream is cut. */
type Cuts = (vector: Vector) => readonly number[];

/** Sends all bad streams at once, each on a connection of its own, and sees what comes of them. */
async function expectAllHandled(cuts: Cuts): Promise<void> {
  const peers = await Promise.all(VECTORS.map(() => connect()));
  const pieces = VECTORS.map((vector) => piecesOf(vector.bytes, cuts(vector)));
  const rounds = Math.max(...pieces.map(({ length }) => length));
  for (let round = 0; round < rounds; round++) {
    for (const [index, peer] of peers.entries()) {
      const piece = pieces[index]?.[round];
      if (piece !== undefined) peer.send(piece);
    }
    await target.expectBystanderServed();
  }
  await Promise.all(
    VECTORS.map((vector, index) => {
      const peer = peers[index];
      if (peer === undefined) throw new Error('there is one peer for each vector');
      return within(expectHandled(vector, peer), { ms: ANSWER_DEADLINE_MS, what: vector.name });
    }),
  );
}

/** The answer is right, the connection closes or stays, and the log says what was wrong with whom. */
async function expectHandled(vector: Vector, peer: RawPeer): Promise<void> {
  const remote = `127\\.0\\.0\\.1:${peer.socket.localPort}`;
  if (vector.code === TRUNCATED) {
    peer.socket.end();
    await peer.ended;
    expect(peer.receivedBytes, vector.name).toHaveLength(0);
    await target.expectLogged(
      new RegExp(`"event":"closed".*"remote":"${remote}".*"error":.*the stream ended`),
    );
    return;
  }
  expect(await peer.json(), vector.name).toEqual(errorWith(vector.code));
  await target.expectLogged(
    new RegExp(`"event":"bad-input".*"remote":"${remote}".*"code":"${vector.code}"`),
  );
  if (vector.framing === 'intact') {
    // What stands behind the bad message is {"next": 1}: read, and found to have no action.
    expect(await peer.json(), vector.name).toEqual(errorWith('action-invalid'));
    await target.ask(peer);
    peer.socket.end();
    await peer.ended;
  } else {
    await peer.ended;
    peer.socket.end();
  }
  expect(await answersOf(peer), 'messages behind the last answer').toEqual([]);
}

/** Connects as one who goes on sending when the server has ended its side. */
async function connect(): Promise<RawPeer> {
  const peer = await RawPeer.connect(target.port, { allowHalfOpen: true });
  peer.socket.on('error', () => {}); // the server may be done with us before we are
  return peer;
}

/** All messages that are left on a connection that has ended. */
async function answersOf(peer: RawPeer): Promise<readonly unknown[]> {
  const answers: unknown[] = [];
  for (;;) {
    try {
      answers.push(await peer.json());
    } catch {
      return answers;
    }
  }
}

function errorWith(code: string): unknown {
  return {
    result: expect.stringMatching(/^Error: /),
    error: { code, message: expect.any(String) },
  };
}

/** The length of the header as the stream says it; 0 where it ends before. */
function headerLength({ bytes }: Vector): number {
  return bytes.length < 2 ? 0 : ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
}

/** Where the bad message ends. */
function endOf({ bytes, next }: Vector): number {
  return next ?? bytes.length;
}

/** `bytes`, cut at each of `cuts` that lies inside. */
function piecesOf(bytes: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const inside = cuts.filter((cut) => cut > 0 && cut < bytes.length);
  return [0, ...inside].map((start, index) => bytes.subarray(start, inside[index] ?? bytes.length));
}
