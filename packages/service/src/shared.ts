/** What servers and clients share, and both entries export. */
export {
  formatEndpoint,
  type Endpoint,
  type InternetEndpoint,
  type UnixEndpoint,
} from '@wireline/socket';
export type { ConnectionOptions } from './connection-parts.ts';
export { MemoryBudget, type MemoryHolder } from './memory-budget.ts';
export type {
  AcceptHandler,
  Network,
  NetworkConnectOptions,
  TransportListener,
} from './network.ts';
export { DEFAULT_TIMEOUTS, type Timeouts } from './timeouts.ts';
export type { Transport } from './transport.ts';
export { defaultNetwork, NODE_TRANSPORT } from './transports/default-network.ts';
export { nativeNetwork } from './transports/native.ts';
export { nodeNetwork } from './transports/node.ts';
