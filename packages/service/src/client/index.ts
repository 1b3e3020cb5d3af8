/** `@wireline/service/client`: the client alone. */
export * from '../shared.ts';
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
