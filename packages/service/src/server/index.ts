/** `@wireline/service/server`: the server alone. */
export { formatEndpoint, type Endpoint } from '../endpoint.ts';
export type { Handler, RequestContext } from './handler.ts';
export type { ObservedConnection, ServerObserver } from './observer.ts';
export { Server, type CloseOptions, type ServerOptions } from './server.ts';
export { DEFAULT_MESSAGE_TIMEOUTS, type MessageTimeouts } from '../message-timer.ts';
