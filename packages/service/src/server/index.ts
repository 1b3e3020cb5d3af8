/** `@wireline/service/server`: the server alone. */
export { formatEndpoint, type Endpoint } from '../endpoint.ts';
export type { Handler, RequestContext } from './handler.ts';
export type { ObservedConnection, ServerObserver } from './observer.ts';
export type { ServerCounters } from './counters.ts';
export type { ConnectionLimits, ServerLimits } from './server-limits.ts';
export { Server, type CloseOptions, type ServerOptions } from './server.ts';
export type { ConnectionOptions } from '../connection-parts.ts';
export type { LimitHit, LimitName } from '../limit-hit.ts';
export { MemoryBudget, type MemoryHolder } from '../memory-budget.ts';
export type {
  AcceptHandler,
  Network,
  NetworkConnectOptions,
  TransportListener,
} from '../network.ts';
export { DEFAULT_TIMEOUTS, type Timeouts } from '../timeouts.ts';
export type { Transport } from '../transport.ts';
