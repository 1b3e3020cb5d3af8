/**
 * Errors of conversations, each with a stable `code`.
 *
 * Closed: this side ended the connection. Broken: the peer or the network did. Answer: the peer understood
 * and said no. Refused: this side understood and says no. Invalid: what was given does not fit the contract.
 */
import type { IntactErrorCode, JsonMessage } from '@wireline/message';

/** No address of the server could be reached. Code `connect-failed`; the attempts are in `failures`. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
  readonly code = 'connect-failed';
  /** How each attempt ended, in the order they were made. */
  readonly failures: readonly Error[];

  constructor(target: string, failures: readonly Error[]) {
    const [only] = failures;
    const told =
      failures.length === 1 && only !== undefined
        ? only.message
        : `connect ${target}: no address answered; ${failures.map((e) => e.message).join('; ')}`;
    super(told, { cause: failures.at(-1) });
    this.failures = failures;
  }
}

/** The connection was closed on this side while, or before, the request was made. Code `connection-closed`. */
export class ConnectionClosedError extends Error {
  override readonly name = 'ConnectionClosedError';
  readonly code = 'connection-closed';
}

/** The peer or the network ended the connection before the answer was complete. Code `connection-broken`. */
export class ConnectionBrokenError extends Error {
  override readonly name = 'ConnectionBrokenError';
  readonly code = 'connection-broken';
}

/** What a request was waiting for when its time was over. */
export type RequestPhase =
  | 'connecting'
  | 'waiting for its turn'
  /** All that streams may have are taken by others. */
  | 'waiting for a connection of its own'
  /** Streams have all connections. */
  | 'waiting for a free connection'
  | 'waiting for the answer'
  /** Of what is asked or answered in parts. */
  | 'waiting for the next part';

const ADVICE: Readonly<Record<RequestPhase, string>> = {
  connecting: 'the server may be down, or a firewall drops the packets',
  'waiting for its turn': 'the requests before it took so long',
  'waiting for a connection of its own':
    'as many streams are open as there may be; end some, or raise maxConnections',
  'waiting for a free connection':
    'streams have all connections; end some, or raise maxConnections',
  'waiting for the answer': 'the server is busy, or does not answer at all',
  'waiting for the next part':
    'nothing came and nothing could be sent; set timeoutMs to Infinity for a stream that may be silent',
};

/** No answer came in time. Code `request-timeout`. */
export class RequestTimeoutError extends Error {
  override readonly name = 'RequestTimeoutError';
  readonly code = 'request-timeout';
  /** The option `requestTimeoutMs`, or what the request said instead. */
  readonly timeoutMs: number;
  readonly phase: RequestPhase;

  constructor(
    target: string,
    timeoutMs: number,
    { phase, cause }: { readonly phase: RequestPhase; readonly cause?: unknown },
  ) {
    // What is known is told, and where nothing is, what is likely.
    const why = cause instanceof Error ? cause.message : ADVICE[phase];
    super(
      `request from ${target}: still ${phase} after ${timeoutMs} ms; ${why}`,
      cause === undefined ? undefined : { cause },
    );
    this.timeoutMs = timeoutMs;
    this.phase = phase;
  }
}

/** Too many requests are waiting on this client. Code `too-many-requests`. */
export class TooManyRequestsError extends Error {
  override readonly name = 'TooManyRequestsError';
  readonly code = 'too-many-requests';

  constructor(limit: number) {
    super(`queue a request: ${limit} are waiting already (option maxWaiting)`);
  }
}

/** The peer answered with an error. Its `code` is the peer's. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
  readonly code: string;
  readonly answer: JsonMessage;

  constructor(code: string, message: string, answer: JsonMessage) {
    super(message);
    this.code = code;
    this.answer = answer;
  }
}

/**
 * Thrown by a handler that refuses a request: its peer gets an error answer with this code and this message,
 * and the connection goes on. Whatever else a handler throws becomes `internal`, without a word of the reason.
 *
 * @example
 * ```ts
 * if (!mayRead(context.peer)) throw new RequestRefusedError('unauthorized', 'this list is not for you');
 * ```
 */
export class RequestRefusedError extends Error {
  override readonly name = 'RequestRefusedError';
  readonly code: IntactErrorCode;

  /** @param message one sentence for people; it goes to the peer, so it must hold nothing private */
  constructor(code: IntactErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Where something does not fit its schema. */
export interface ContractIssue {
  /** Such as `value`, `items[2].name`; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

/** What a caller gave does not fit the contract: nothing of it was sent. Code `input-invalid`. */
export class InputInvalidError extends Error {
  override readonly name = 'InputInvalidError';
  readonly code = 'input-invalid';
  readonly issues: readonly ContractIssue[];

  constructor(message: string, issues: readonly ContractIssue[]) {
    super(message);
    this.issues = issues;
  }
}

/** What was answered does not fit the contract. Code `answer-invalid`. */
export class AnswerInvalidError extends Error {
  override readonly name = 'AnswerInvalidError';
  readonly code = 'answer-invalid';
  readonly issues: readonly ContractIssue[];

  constructor(message: string, issues: readonly ContractIssue[]) {
    super(message);
    this.issues = issues;
  }
}
