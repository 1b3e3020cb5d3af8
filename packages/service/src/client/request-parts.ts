/**
 * RequestParts: what follows a request, on its way from the user's source to the connection.
 *
 * The source is asked for a part when there is room for it: less than 256 KiB wait to be sent.
 */
import { LocalProtocolError } from '@wireline/framing/decoder';
import { binaryMessage, jsonMessage, type OutgoingMessage } from '@wireline/message';
import { OutgoingParts, type PartsSink, type PartsSource } from '../parts/outgoing-parts.ts';

/** Where the parts of a request go. */
export interface PartsCarrier {
  /** The longest content that may be sent. */
  readonly maxContentLength: number;
  /** Whether another part may be written. */
  readonly hasRoom: boolean;
  /** Writes a part of a request. Throws LocalProtocolError when it breaks a limit. */
  writePart(part: OutgoingMessage, options: { readonly id: number; readonly more: boolean }): void;
}

/** A request whose parts are sent. */
export interface RequestInParts {
  readonly message: OutgoingMessage;
  readonly id: number;
}

/** What one request's parts are sent with. */
export interface RequestPartsOptions {
  readonly carrier: PartsCarrier;
  readonly request: RequestInParts;
  /** A part was written. */
  readonly onSent: () => void;
  /** The source failed, or a part could not be written. */
  readonly onFailed: (error: unknown) => void;
}

const NO_BYTES = new Uint8Array(0);

/** The later parts of one request. */
export class RequestParts implements PartsSink {
  readonly #outgoing: OutgoingParts;
  readonly #options: RequestPartsOptions;
  #isOver = false;

  constructor(source: PartsSource, options: RequestPartsOptions) {
    this.#options = options;
    this.#outgoing = new OutgoingParts(endingLike(source, options.request.message), this);
  }

  /** Asks for the first part. Called once. */
  start(): void {
    this.#outgoing.start();
  }

  /** There may be room again. */
  resume(): void {
    if (!this.#isOver) this.#outgoing.resume();
  }

  /** Sends no more, and lets the source clean up. Returns whether the last part was still to be sent. */
  stop(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#outgoing.stop();
    return true;
  }

  get maxLength(): number {
    return this.#options.carrier.maxContentLength;
  }

  get hasRoom(): boolean {
    return this.#options.carrier.hasRoom;
  }

  write(part: OutgoingMessage): void {
    this.#write(part, true);
  }

  end(last: OutgoingMessage): void {
    try {
      this.#write(last, false);
      this.#isOver = true;
    } catch (error) {
      this.#options.onFailed(error);
    }
  }

  fail(error: unknown): void {
    this.#options.onFailed(error);
  }

  stopped(): void {} // whoever stops the source waits for nothing

  #write(part: OutgoingMessage, more: boolean): void {
    const { carrier, request, onSent } = this.#options;
    checkType(part, request.message);
    carrier.writePart(part, { id: request.id, more });
    onSent();
  }
}

/** The same source; where it has nothing to say at its end, what it ends with is like the request. */
function endingLike(source: PartsSource, request: OutgoingMessage): PartsSource {
  return {
    [Symbol.asyncIterator]() {
      const iterator = source[Symbol.asyncIterator]();
      return {
        async next() {
          const result = await iterator.next();
          if (result.done !== true) return result;
          return { done: true, value: result.value ?? nothingMore(request) };
        },
        async return() {
          await iterator.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

/** The last part where there is nothing to add. */
function nothingMore(request: OutgoingMessage): OutgoingMessage {
  return request.kind === 'json' ? jsonMessage({}) : binaryMessage(NO_BYTES, request.contentType);
}

/** All parts of a message have one content type. */
function checkType(part: OutgoingMessage, request: OutgoingMessage): void {
  const [type, first] = [typeOf(part), typeOf(request)];
  if (type === first) return;
  const problem = `write a part of the type ${type}: its request is of the type ${first}, and all parts have the same`;
  throw new LocalProtocolError('header-invalid', problem, { field: 'content-type' });
}

function typeOf(message: OutgoingMessage): string {
  return message.kind === 'json' ? 'text/json' : message.contentType;
}
