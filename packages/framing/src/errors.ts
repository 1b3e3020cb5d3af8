/**
 * Who broke the protocol: the peer (`RemoteProtocolError`) or the caller (`LocalProtocolError`).
 *
 * Each error has a stable `code`; the facts are properties, so that a log line or an answer can be made
 * of them without reading the message.
 */

/** Whether the stream can still be cut into frames after an error. */
export type FramingAfterError = 'intact' | 'lost';

/** The limit that an error ran into: its option name, so that the reader knows what to raise. */
export interface LimitReached {
  readonly option: string;
  readonly value: number;
}

/** What is known about a protocol error besides its code and its message. */
export interface ProtocolErrorFacts {
  /** Where in the stream the offending frame starts, in bytes from the stream's beginning. */
  readonly offset?: number;
  /** The header, length or delimiter that was wrong. */
  readonly field?: string;
  /** The first bytes of what was wrong. Copied: at most {@link SAMPLE_LENGTH} are kept. */
  readonly bytes?: Uint8Array;
  readonly limit?: LimitReached;
  readonly cause?: unknown;
}

/** How many of the offending bytes an error shows: two rows of a hex dump. */
export const SAMPLE_LENGTH = 32;

abstract class ProtocolError extends Error {
  /** Stable, lower case, with hyphens: part of the public interface. */
  readonly code: string;
  readonly offset: number | undefined;
  readonly field: string | undefined;
  /** The first bytes of what was wrong as hex pairs, `47 45 54`; empty when there are none. */
  readonly sample: string;
  readonly limit: LimitReached | undefined;

  constructor(code: string, message: string, facts: ProtocolErrorFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.offset = facts.offset;
    this.field = facts.field;
    this.sample = facts.bytes === undefined ? '' : toHex(facts.bytes.subarray(0, SAMPLE_LENGTH));
    this.limit = facts.limit;
  }
}

/** The peer sent what the protocol does not allow. */
export class RemoteProtocolError extends ProtocolError {
  override readonly name: string = 'RemoteProtocolError';
  /** `intact`: the bad frame is out of the way, decoding can go on. `lost`: nothing later may be parsed. */
  readonly framing: FramingAfterError;

  constructor(
    code: string,
    message: string,
    facts: ProtocolErrorFacts & { readonly framing: FramingAfterError },
  ) {
    super(code, message, facts);
    this.framing = facts.framing;
  }
}

/** The stream ended inside a frame: the peer, or the network, stopped half-way. Code `truncated`. */
export class TruncatedFrameError extends RemoteProtocolError {
  override readonly name = 'TruncatedFrameError';

  constructor(message: string, facts: ProtocolErrorFacts = {}) {
    super('truncated', message, { ...facts, framing: 'lost' });
  }
}

/** The caller asked for something that the protocol does not allow; nothing was written. */
export class LocalProtocolError extends ProtocolError {
  override readonly name: string = 'LocalProtocolError';

  constructor(code: string, message: string, facts: ProtocolErrorFacts = {}) {
    super(code, message, facts);
  }
}

/** A buffer would outgrow its cap. Code `buffer-full`. */
export class BufferFullError extends LocalProtocolError {
  override readonly name = 'BufferFullError';

  constructor(attempt: string, limit: LimitReached) {
    super('buffer-full', `${attempt}: the cap is ${limit.value} bytes (option ${limit.option})`, {
      limit,
    });
  }
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
