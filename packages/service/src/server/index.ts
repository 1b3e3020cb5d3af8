/** `@wireline/service/server`: the server alone. */
export * from '../shared.ts';
export type { Log } from '../log.ts';
export type { LendableParts } from '../parts/incoming-parts.ts';
export type { Answer, AnswerParts, Deadline, Handler, Peer, RequestContext } from './handler.ts';
export { RequestRefusedError } from '../errors.ts';
export type { ObservedConnection, ServerObserver } from './observer.ts';
export type { ServerCounters } from './counters.ts';
export type { ConnectionLimits, ServerLimits } from './server-limits.ts';
export { Server, type CloseOptions, type ServerOptions } from './server.ts';
export type { LimitHit, LimitName } from '../limit-hit.ts';
