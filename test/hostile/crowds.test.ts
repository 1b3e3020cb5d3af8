/**
 * Peers in numbers that do nothing at all: ten thousand of them, and more from one address than it may have.
 */
import { expect, test } from 'vitest';
import { eventually } from './deadlines.ts';
import { expectAtRest, expectHealthy } from './health.ts';
import { countPeers, expectDismissed, startPeers } from './peers.ts';
import { countDescriptors } from './process-facts.ts';
import { Target } from './target.ts';

test('ten thousand idle connections: the others are served, and the server rests', async () => {
  await using target = await Target.start();
  await using crowd = startPeers('crowd', target.port, '--count', '10000', '--paced');
  await target.expectOthersServedDuring(crowd.says(/^opened 10000$/m).then(() => {}));
  for (let round = 0; round < 20; round++) {
    await target.expectBystanderServed();
    await target.expectNewcomerServed();
  }
  await expectAtRest(target);
  await target.expectOthersServedDuring(expectDismissed(crowd));
  await expectHealthy(target);
});

test('fifty from one address, where twenty may come: the others do not feel it', async () => {
  const most = 20;
  await using target = await Target.start({
    serve: ['--quiet', '--max-connections-per-address', `${most}`],
  });
  const before = countDescriptors(target.pid);
  await using peers = startPeers('queue', target.port, '--count', '50', '--source', '127.0.0.2');
  await peers.says(/^asked/m);
  await expectAtRest(target);
  expect(await countPeers(peers)).toMatchObject({ answered: most });
  expect(countDescriptors(target.pid) - before, 'connections that are held').toBe(most);
  for (const address of ['127.0.0.1', '127.0.0.3']) await target.expectNewcomerServed(address);
  peers.tell('free');
  await eventually(() => countDescriptors(target.pid) === before);
  await target.expectNewcomerServed('127.0.0.2');
  await expectDismissed(peers);
  await expectHealthy(target);
});
