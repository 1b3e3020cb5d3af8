/**
 * Peers that announce much and send little: no memory is reserved because a header announced it.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { RawPeer } from '../support/raw-peer.ts';
import { ANSWER_DEADLINE_MS, within } from './deadlines.ts';
import { expectAtRest, expectHealthy } from './health.ts';
import { expectDismissed, startPeers } from './peers.ts';
import { forgetPeak, peakResidentBytes, residentBytes } from './process-facts.ts';
import { Target } from './target.ts';
import { headerBytes } from './wire.ts';

const MIB = 1024 * 1024;

/** So many at once: with 32 MiB each they would be 6.25 GiB. */
const PEERS = 200;

let target: Target;

beforeAll(async () => {
  target = await Target.start();
});

afterEach(() => expectHealthy(target));

afterAll(() => target[Symbol.asyncDispose]());

test.each([
  ['32 MiB of binary content, and one byte of it', { contentType: 'binary/x' }, 'x'],
  ['32 MiB of JSON, and one byte of it', {}, '{'],
  ['32 MiB of JSON, and none of it', {}, ''],
])('%s, on 200 connections at once', async (_name, announcement, content) => {
  const header = headerBytes({ ...announcement, contentLength: 32 * MIB });
  await expectCheap(Buffer.concat([header, Buffer.from(content)]));
});

test('a header of 4096 bytes, and one of them, on 200 connections at once', async () => {
  await expectCheap(Uint8Array.of(0x10, 0x00, 0x7b));
});

test('2^53-1 bytes, on 200 connections at once: refused without waiting for them', async () => {
  const announcement = headerBytes({ contentLength: Number.MAX_SAFE_INTEGER });
  forgetPeak(target.pid);
  const before = residentBytes(target.pid);
  await Promise.all(
    Array.from({ length: PEERS }, async () => {
      const peer = await RawPeer.connect(target.port);
      peer.send(announcement);
      const answer = await within(peer.json(), { ms: ANSWER_DEADLINE_MS, what: 'the refusal' });
      expect(answer).toMatchObject({ error: { code: 'content-too-large' } });
      await within(peer.ended, { ms: ANSWER_DEADLINE_MS, what: 'the end of the stream' });
    }),
  );
  expect(peakResidentBytes(target.pid) - before).toBeLessThan(RESIDENT_TOLERANCE);
});

test('a megabyte but for its last byte, on 64 connections, with 16 MiB in all: others are served', async () => {
  await using small = await Target.start({ serve: ['--quiet', '--max-memory', '16MiB'] });
  await using peers = startPeers('hoard', small.port, '--count', '64', '--size', `${MIB}`);
  await small.expectOthersServedDuring(peers.says(/^hoarding/m).then(() => {}));
  await expectAtRest(small);
  const { external } = await small.memory();
  expect(external - small.atRest.external, 'bytes that are hoarded').toBeLessThan(
    16 * MIB + SHARED_BUFFERS,
  );
  await small.expectBystanderServed();
  await expectDismissed(peers);
  await expectHealthy(small);
});

/** 5 MiB: the blocks that a server keeps for its next answers belong to no connection. */
const SHARED_BUFFERS = 5 * MIB;

/** 32 MiB: what V8 takes and returns as it likes; one peer's announcement would be as much. */
const RESIDENT_TOLERANCE = 32 * MIB;

/** 16 KiB a peer: a connection's objects and a few bytes of its own take a third of that. */
const TOLERANCE_PER_PEER = 16 * 1024;

/** Peers that send `bytes` and then wait cost the server next to nothing. */
async function expectCheap(bytes: Uint8Array): Promise<void> {
  forgetPeak(target.pid);
  const residentBefore = residentBytes(target.pid);
  const before = await target.memory();
  const hex = Buffer.from(bytes).toString('hex');
  await using crowd = startPeers(
    'crowd',
    target.port,
    '--count',
    `${PEERS}`,
    '--send',
    hex,
    '--paced',
  );
  await crowd.says(/^opened/m);
  const { heapUsed, external } = await target.memory();
  const used = heapUsed + external - before.heapUsed - before.external;
  expect(used, 'bytes that 200 announcements take').toBeLessThan(PEERS * TOLERANCE_PER_PEER);
  expect(peakResidentBytes(target.pid) - residentBefore).toBeLessThan(RESIDENT_TOLERANCE);
  await target.expectBystanderServed();
  await target.expectNewcomerServed();
  await expectAtRest(target);
  await expectDismissed(crowd);
}
