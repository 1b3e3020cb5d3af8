/**
 * Peers that are gone before they have said anything whole: resets in the middle of a header, and
 * connections that are closed as soon as they are open.
 */
import { afterAll, afterEach, beforeAll, test } from 'vitest';
import { expectHealthy } from './health.ts';
import { expectDone, startPeers } from './peers.ts';
import { Target } from './target.ts';

let target: Target;

beforeAll(async () => {
  target = await Target.start();
});

afterEach(() => expectHealthy(target));

afterAll(() => target[Symbol.asyncDispose]());

test('a thousand resets in the middle of a header, at each place of it', async () => {
  await using peers = startPeers('resets', target.port, '--count', '1000');
  await target.expectOthersServedDuring(expectDone(peers));
});

test('three thousand connections opened and closed at once, every other one with a reset', async () => {
  await using peers = startPeers('flood', target.port, '--count', '3000');
  await target.expectOthersServedDuring(expectDone(peers));
});
