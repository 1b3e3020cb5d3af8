/** The contract of transports, over real sockets on loopback and in memory. */
import { nativeNetwork, transportPair, type Transport } from '@wireline/service/testing';
import { systemClock } from '@wireline/socket/event-loop';
import { deferred } from '../support/deferred.ts';
import { transportContract } from './transport-contract.ts';

const hop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

transportContract('native', async () => {
  const accepted = deferred<Transport>();
  const listener = await nativeNetwork.listen(
    { host: '127.0.0.1', port: 0 },
    {
      onTransport: accepted.resolve,
      onAcceptFailed: () => {},
      onStarved: () => {},
      onRecovered: () => {},
      onError: () => {},
    },
    systemClock,
  );
  const { port } = listener.address;
  const client = await nativeNetwork.connect({ host: '127.0.0.1', port }, { clock: systemClock });
  const server = await accepted.promise;
  listener.close();
  return { client, server, step: hop };
});

transportContract('in memory', async () => {
  const { client, server, loop } = transportPair();
  const step = async (): Promise<void> => {
    loop.turn();
    await hop();
  };
  return { client, server, step };
});
