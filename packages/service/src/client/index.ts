/** `@wireline/service/client`: the client alone. */
export { formatEndpoint, type Endpoint } from '../endpoint.ts';
export {
  AnswerError,
  ConnectError,
  ConnectionBrokenError,
  ConnectionClosedError,
  RequestTimeoutError,
  TooManyRequestsError,
  type RequestPhase,
} from '../errors.ts';
export { Client, type ClientOptions } from './client.ts';
export type { RequestOptions } from './pending-request.ts';
export type { ConnectionOptions } from '../connection-parts.ts';
export { MemoryBudget, type MemoryHolder } from '../memory-budget.ts';
export type {
  AcceptHandler,
  Network,
  NetworkConnectOptions,
  TransportListener,
} from '../network.ts';
export { DEFAULT_TIMEOUTS, type Timeouts } from '../timeouts.ts';
export type { Transport } from '../transport.ts';
