/**
 * Peers that ask and do not read: never, or one byte at a time.
 */
import { describe, expect, test } from 'vitest';
import { expectAtRest, expectDescriptorsBack, expectHealthy } from './health.ts';
import { expectDismissed, expectDone, startPeers } from './peers.ts';
import { forgetPeak, peakResidentBytes, residentBytes } from './process-facts.ts';
import { Target } from './target.ts';

const MIB = 1024 * 1024;

/** So many ask at once and never read. */
const PEERS = 100;

/**
 * 2.5 MiB: a peer is read no more once 1 MiB of answers waits for it, in a store that has doubled to hold
 * what crossed the mark; the rest is for the requests behind it, of which at most 64 KiB have been read.
 */
const PER_PEER = 2.5 * MIB;

/** 5 MiB: the blocks that a server keeps for its next answers belong to no connection. */
const SHARED_BUFFERS = 5 * MIB;

/**
 * 128 MiB: V8 collects buffers that nobody uses when there are 64 MiB of them, and young objects when three
 * spaces of 16 MiB are full.
 */
const GARBAGE = 128 * MIB;

describe('a hundred that ask and ask and never read', () => {
  test('held up, each at its limit', async () => {
    await using target = await Target.start();
    await expectBounded(target, { size: 1000, most: PEERS * PER_PEER });
  });

  test('with less memory in all than each may have: held up, or let go, at that limit', async () => {
    await using target = await Target.start({ serve: ['--quiet', '--max-memory', '32MiB'] });
    await expectBounded(target, { size: 20_000, most: 32 * MIB + SHARED_BUFFERS });
  });

  test('let go when nothing could be sent to them for a while', async () => {
    await using target = await Target.start({ serve: ['--quiet', '--write-timeout', '0.5'] });
    await using peers = startPeers('greedy', target.port, '--count', `${PEERS}`, '--size', '20000');
    await peers.says(/^stalled/m);
    await expectDescriptorsBack(target); // though the peers hold on
    await expectDismissed(peers);
    await expectHealthy(target);
  });
});

test('one that reads a byte at a time: gets the answers to a thousand requests in one go', async () => {
  await using target = await Target.start();
  await using peers = startPeers('sip', target.port, '--count', '1000');
  await target.expectOthersServedDuring(expectDone(peers));
  await expectHealthy(target);
});

// It rests some forty times, for two seconds in all; from one rest to the next the time-out is far off.
test('one that takes longer than the time-out to read, with rests: is not taken for one that never reads', async () => {
  await using target = await Target.start({ serve: ['--quiet', '--write-timeout', '1'] });
  const args = ['--step', '65536', '--count', '1250', '--size', '2000'];
  await using peers = startPeers('sip', target.port, ...args);
  await target.expectOthersServedDuring(expectDone(peers));
  await expectHealthy(target);
});

/** Peers that never read are held up, or let go; the others are served, and the server rests. */
async function expectBounded(
  target: Target,
  { size, most }: { readonly size: number; readonly most: number },
): Promise<void> {
  forgetPeak(target.pid);
  const before = residentBytes(target.pid);
  await using peers = startPeers('greedy', target.port, '--count', `${PEERS}`, '--size', `${size}`);
  await target.expectOthersServedDuring(peers.says(/^stalled/m).then(() => {}));
  await expectAtRest(target);
  const { external } = await target.memory();
  expect(external - target.atRest.external, 'bytes of buffers').toBeLessThan(most);
  expect(peakResidentBytes(target.pid) - before, 'bytes at the worst moment').toBeLessThan(
    most + GARBAGE,
  );
  await target.expectOthersServedDuring(expectDismissed(peers));
  await expectHealthy(target);
}
