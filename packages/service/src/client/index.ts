/** `@wireline/service/client`: the client alone. */
export * from '../shared.ts';
export {
  AnswerError,
  AnswerInvalidError,
  ConnectError,
  ConnectionBrokenError,
  ConnectionClosedError,
  InputInvalidError,
  RequestTimeoutError,
  TooManyRequestsError,
  type ContractIssue,
  type RequestPhase,
} from '../errors.ts';
export { AnswerInPartsError } from './answer-in-parts-error.ts';
export { StreamCancelledError, type AnswerStream } from './answer-stream.ts';
export { Client } from './client.ts';
export type { CallOptions, ClientOptions, Parts, RequestOptions } from './client-options.ts';
export type { ReconnectOptions } from './reconnection.ts';
