/** The contract of transports, over real sockets on loopback and in memory. */
import { nativeNetwork, transportPair, type Transport } from '@wireline/service/testing';
import type { Endpoint } from '@wireline/socket';
import { systemClock } from '@wireline/socket/event-loop';
import { deferred } from '../support/deferred.ts';
import { transportContract, type PairUnderTest } from './transport-contract.ts';

const hop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Two ends of a real connection. */
async function connectedAt(endpoint: Endpoint): Promise<PairUnderTest> {
  const accepted = deferred<Transport>();
  const listener = await nativeNetwork.listen(
    endpoint,
    {
      onTransport: accepted.resolve,
      onAcceptFailed: () => {},
      onStarved: () => {},
      onRecovered: () => {},
      onError: () => {},
    },
    systemClock,
  );
  const client = await nativeNetwork.connect(listener.address, { clock: systemClock });
  const server = await accepted.promise;
  listener.close();
  return { client, server, step: hop };
}

transportContract('native', () => connectedAt({ host: '127.0.0.1', port: 0 }));

transportContract('native, Unix', () => connectedAt({ path: '' }), 'Unix');

transportContract('in memory', async () => {
  const { client, server, loop } = transportPair();
  const step = async (): Promise<void> => {
    loop.turn();
    await hop();
  };
  return { client, server, step };
});
