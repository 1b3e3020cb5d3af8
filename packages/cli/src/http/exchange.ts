/**
 * Exchange: one request, and what becomes of its answer.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SocketDuplex } from '@wireline/socket/streams';

/** What a log has to say about an answer that is over. */
export interface ExchangeFacts {
  /** The address of who asked. */
  readonly peer: string;
  readonly method: string;
  readonly path: string;
  /** `undefined` when the answer had not begun. */
  readonly status: number | undefined;
  /** How many bytes of the body were sent. */
  readonly bytes: number;
  /** How many there were to be sent, when the answer was cut within. */
  readonly of: number | undefined;
  readonly ms: number;
  /** What went wrong, for the one who runs the server. */
  readonly problem: string | undefined;
}

/** A request that is being answered. */
export class Exchange {
  /** The address of who asked. */
  readonly peer: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: SocketDuplex;
  /** What goes wrong; the log tells it, the browser does not hear it. */
  problem: string | undefined;
  readonly #startedAt = performance.now();
  /** How long the body is. */
  #length = 0;
  /** What the socket had been given when the body began; `undefined` when it goes in one piece with the header. */
  #bodyFrom: number | undefined;

  constructor(
    { peer, socket }: { readonly peer: string; readonly socket: SocketDuplex },
    request: IncomingMessage,
    response: ServerResponse,
  ) {
    this.request = request;
    this.response = response;
    this.socket = socket;
    this.peer = peer;
  }

  /** Sends the whole answer; of one to HEAD only the header. */
  send(status: number, headers: Readonly<Record<string, string>>, body = ''): void {
    const length = Buffer.byteLength(body);
    // 204 says that there is no body: it has no length either.
    const contentLength = status === 204 ? {} : { 'Content-Length': length };
    this.response.writeHead(status, { ...headers, ...contentLength });
    if (this.#hasBody) this.#length = length;
    this.response.end(this.#hasBody ? body : undefined);
  }

  /** Sends the header of an answer whose body of `length` bytes follows piece by piece. */
  begin(length: number, headers: Readonly<Record<string, string>>): void {
    this.response.writeHead(200, { ...headers, 'Content-Length': length });
    this.response.flushHeaders();
    if (this.#hasBody) this.#length = length;
    this.#bodyFrom = this.socket.bytesWritten;
  }

  /** Whether the whole answer was sent. */
  get isWhole(): boolean {
    return this.response.writableFinished;
  }

  /** What is to be said about it, when it is over. */
  facts(): ExchangeFacts {
    const { method = '', url = '' } = this.request;
    const { headersSent, statusCode } = this.response;
    const sent = this.socket.bytesWritten - (this.#bodyFrom ?? this.socket.bytesWritten);
    return {
      peer: this.peer,
      method,
      path: url,
      status: headersSent ? statusCode : undefined, // Node says 200 before anybody does
      bytes: this.isWhole ? this.#length : Math.min(sent, this.#length),
      of: this.isWhole || !headersSent ? undefined : this.#length,
      ms: performance.now() - this.#startedAt,
      problem: this.problem,
    };
  }

  get #hasBody(): boolean {
    return this.request.method !== 'HEAD';
  }
}
