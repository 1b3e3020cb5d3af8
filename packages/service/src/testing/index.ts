/**
 * `@wireline/service/testing`: a network in memory with its own time and the bad luck that a test wants.
 *
 * {@link FakeNetwork} is the network that servers and clients get in tests; {@link withSeeds} tries a
 * scenario with many seeds and says how to repeat the one that failed. {@link transportPair} is the least:
 * two connected transports and a loop. The native network is here too, so that one suite can run over both.
 *
 * @example
 * ```ts
 * import { jsonMessage } from '@wireline/message';
 * import { Client, Server } from '@wireline/service';
 * import { withSeeds } from '@wireline/service/testing';
 *
 * await withSeeds('rough', async (network) => {
 *   const { clock } = network;
 *   await using server = new Server(() => jsonMessage({ result: 'hello' }), { network, clock });
 *   const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
 *   await using client = new Client({ host: '127.0.0.1', port }, { network, clock });
 *   await client.request(jsonMessage({ action: 'greet' }));
 * });
 * ```
 */
export { ManualClock } from '@wireline/socket/testing';
export type {
  AcceptHandler,
  Network,
  NetworkConnectOptions,
  TransportListener,
} from '../network.ts';
export type { Transport } from '../transport.ts';
export { nativeNetwork } from '../transports/native.ts';
export type { Break, BreakTime, Direction } from './break.ts';
export { FakeNetwork, type FakeNetworkOptions } from './fake-network.ts';
export { LUCK, type Luck, type LuckName } from './luck.ts';
export type { MemoryConnection } from './memory-connection.ts';
export {
  MemoryLoop,
  type MemoryLoopOptions,
  type MemoryRegistration,
  type ReadinessSource,
} from './memory-loop.ts';
export type { Hosts } from './name-table.ts';
export { StillWaitingError } from './player.ts';
export { Random } from './random.ts';
export { SeedError, withSeeds, type SeedsOptions } from './seeds.ts';
export { transportPair, type TransportPair, type TransportPairOptions } from './transport-pair.ts';
