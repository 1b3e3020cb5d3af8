/** The contract of transports, over real sockets on loopback and in memory. */
import { nativeNetwork, nodeNetwork, type Network } from '@wireline/service';
import { transportPair, type Transport } from '@wireline/service/testing';
import type { Endpoint } from '@wireline/socket';
import { systemClock } from '@wireline/socket/event-loop';
import { deferred } from '../support/deferred.ts';
import { transportContract, type PairUnderTest } from './transport-contract.ts';

const hop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Two ends of a real connection. */
async function connectedAt(network: Network, endpoint: Endpoint): Promise<PairUnderTest> {
  const accepted = deferred<Transport>();
  const listener = await network.listen(
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
  const client = await network.connect(listener.address, { clock: systemClock });
  const server = await accepted.promise;
  listener.close();
  return { client, server, step: hop };
}

const LOOPBACK = { host: '127.0.0.1', port: 0 };
const ANY_PATH = { path: '' };

transportContract('native', () => connectedAt(nativeNetwork, LOOPBACK));

transportContract('native, Unix', () => connectedAt(nativeNetwork, ANY_PATH), {
  behavesAs: 'Unix',
});

transportContract('node:net', () => connectedAt(nodeNetwork, LOOPBACK), {
  // Node watches nothing that has neither anything to read nor to write.
  hearsLateReset: 'by sending',
});

transportContract('node:net, Unix', () => connectedAt(nodeNetwork, ANY_PATH), {
  behavesAs: 'Unix',
  // It does not read ahead: the kernel resets only for what was not read.
  hearsHangup: 'while reading',
  hearsLateReset: 'by sending',
});

transportContract('in memory', async () => {
  const { client, server, loop } = transportPair();
  const step = async (): Promise<void> => {
    loop.turn();
    await hop();
  };
  return { client, server, step };
});
