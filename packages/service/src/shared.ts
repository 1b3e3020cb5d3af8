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
