/**
 * A service tried on a hundred bad networks that are dreamt up, in no time.
 *
 *   npm run example -- rough-network
 *
 * It prints that 100 rough networks were survived, and what became of an answer that was cut. A run that fails
 * names its seed; `WIRELINE_SEED=n` in front of the command repeats that one.
 */
import { jsonMessage } from '@wireline/message';
import { Client, Server } from '@wireline/service';
import { FakeNetwork, withSeeds } from '@wireline/service/testing';

const anywhere = { host: '127.0.0.1', port: 0 };

// #region rough
// On a rough network everything comes late and in pieces. It must come all the same.
await withSeeds({ luck: 'rough', runs: 100 }, async (network) => {
  const { clock } = network;
  const server = new Server(() => jsonMessage({ result: 'hello' }), { network, clock });
  const client = new Client(await server.listen(anywhere), { network, clock });
  for (let asked = 0; asked < 10; asked++) await client.request(jsonMessage({ action: 'greet' }));
  client.close();
  await server.close();
});
// #endregion rough
console.log('100 rough networks: every request was answered');

// #region hand
// By hand: the first answer is cut after 20 bytes.
const network = new FakeNetwork({
  onConnection: (connection) => {
    if (connection.id === 1) connection.breakAfter({ direction: 'toClient', bytes: 20 }, 'end');
  },
});
const { clock } = network;
const server = new Server(() => jsonMessage({ result: 'hello' }), { network, clock });
const client = new Client(await server.listen(anywhere), { network, clock });
await network.until(client.request(jsonMessage({ action: 'greet' }), { idempotent: true }));
// #endregion hand
console.log(`a cut answer: asked again over connection #${network.connections.at(-1)?.id}`);
client.close();
await network.until(server.close());
