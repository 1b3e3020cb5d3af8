/**
 * Peers that take all there is: more connections than the server has descriptors, or than it is allowed.
 *
 * By default the server accepts fewer connections than its descriptors would do for, so that none of its own
 * work is short of one. Where it is told otherwise, it runs out, and must not spin over those that wait.
 */
import { expect, test } from 'vitest';
import { RawPeer } from '../support/raw-peer.ts';
import { ATTACK_DEADLINE_MS, eventually } from './deadlines.ts';
import { expectAtRest, expectHealthy } from './health.ts';
import { countPeers, expectDismissed, startPeers, type QueueCount } from './peers.ts';
import { countDescriptors } from './process-facts.ts';
import { Target } from './target.ts';

/** Node takes some 22 of them for itself, and more while it loads: it opens the files of a program side by side. */
const MAX_DESCRIPTORS = 112;

/** More than can be taken at once, fewer than fit into the backlog. */
const PEERS = 150;

test('by default the server stays below its limit of descriptors', async () => {
  await using target = await Target.start({ maxDescriptors: MAX_DESCRIPTORS });
  await expectQueueServed(target);
  expect(target.program.output.stdout).not.toContain('EMFILE');
});

test('told to take more than it can, it runs out, rests, and goes on when descriptors come free', async () => {
  await using target = await Target.start({
    maxDescriptors: MAX_DESCRIPTORS,
    serve: ['--quiet', '--max-connections', '1000'],
  });
  await expectQueueServed(target);
  expect(target.program.output.stdout).toMatch(/accepting paused: .*EMFILE/);
  expect(target.program.output.stdout).toContain('accepting again');
});

test('told to take ten, it takes ten; the others wait', async () => {
  await using target = await Target.start({ serve: ['--quiet', '--max-connections', '10'] });
  const full = await expectQueueServed(target);
  expect(full, 'beside the bystander').toEqual({ answered: 9, ended: 0, waiting: PEERS - 9 });
});

test('ten that say nothing hold the door shut only until their time is over', async () => {
  await using target = await Target.start({
    serve: ['--quiet', '--max-connections', '11', '--idle-timeout', '1'],
  });
  for (let i = 0; i < 11; i++) (await RawPeer.connect(target.port)).ended.catch(() => {});
  await target.expectNewcomerServed();
  const alone = target.atRest.descriptors.length - 1; // the bystander has said nothing either
  await eventually(() => countDescriptors(target.pid) === alone);
  expect(countDescriptors(target.pid), 'descriptors when all are gone').toBe(alone);
  await expectAtRest(target);
});

/**
 * More peers ask than can be served at once: some are answered, the others wait or are refused; the server
 * does not spin over them, and serves those that wait when the first leave.
 */
async function expectQueueServed(target: Target): Promise<QueueCount> {
  await using peers = startPeers('queue', target.port, '--count', `${PEERS}`);
  await peers.says(/^asked/m);
  await expectAtRest(target);
  const full = await countPeers(peers);
  expect(full.answered, 'peers that are served').toBeGreaterThan(0);
  expect(full.answered, 'peers that are served').toBeLessThan(MAX_DESCRIPTORS);
  await target.expectBystanderServed();
  const deadline = performance.now() + ATTACK_DEADLINE_MS;
  let now = full;
  while (now.waiting > 0 && performance.now() < deadline) {
    peers.tell('free');
    await target.expectBystanderServed();
    now = await countPeers(peers);
  }
  expect(now).toEqual({ answered: PEERS - full.ended, ended: full.ended, waiting: 0 });
  await expectDismissed(peers);
  await expectHealthy(target);
  return full;
}
