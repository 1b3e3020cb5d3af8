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
export { DEFAULT_MESSAGE_TIMEOUTS, type MessageTimeouts } from '../message-timer.ts';
