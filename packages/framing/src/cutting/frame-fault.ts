/**
 * FrameFault: what is wrong with a frame, before anybody knows where in the stream it is. The decoder makes a
 * `RemoteProtocolError` of it that does.
 */
import type { Cutter } from './cutter.ts';
import {
  RemoteProtocolError,
  type FramingAfterError,
  type LimitReached,
  type ProtocolErrorFacts,
} from '../errors.ts';

/** The facts of a {@link FrameFault} besides its code and its message. */
export interface FrameFaultFacts {
  /** Whether decoding can go on behind this frame: `lost` unless told. */
  readonly framing?: FramingAfterError;
  readonly field?: string;
  readonly limit?: LimitReached;
  readonly cause?: unknown;
}

/**
 * Says that a frame is wrong. `Content.read` throws it for what it cannot read: with `framing: 'intact'`, since the
 * frame around it was found.
 *
 * @example
 * ```ts
 * throw new FrameFault('content-invalid', 'read content as JSON: it is none', { framing: 'intact' });
 * ```
 */
export class FrameFault extends Error {
  override readonly name = 'FrameFault';
  readonly code: string;
  readonly facts: FrameFaultFacts;

  constructor(code: string, message: string, facts: FrameFaultFacts = {}) {
    super(message);
    this.code = code;
    this.facts = facts;
  }

  /** The error for whoever decodes, with the place in the stream and the first bytes of the frame. */
  at(offset: number, bytes: Uint8Array): RemoteProtocolError {
    const { framing = 'lost', field, limit, cause } = this.facts;
    const facts: ProtocolErrorFacts & { framing: FramingAfterError } = {
      framing,
      offset,
      bytes,
      ...(field === undefined ? {} : { field }),
      ...(limit === undefined ? {} : { limit }),
      ...(cause === undefined ? {} : { cause }),
    };
    return new RemoteProtocolError(this.code, this.message, facts);
  }
}

/** What a frame above the limit is: of `length` bytes, or of more than can be said. */
export function frameTooLarge(
  length: number | 'unknown',
  { limit, limitSaid }: Pick<Cutter<unknown>, 'limit' | 'limitSaid'>,
  framing: FramingAfterError = 'lost',
): FrameFault {
  const met = length === 'unknown' ? `more than ${limit}` : showLength(length);
  const { value, whose } = limitSaid;
  return new FrameFault(
    'frame-too-large',
    `read a frame of ${met} bytes: ${whose} is ${value}; raise maxLength to accept it`,
    { framing, field: 'frame length', limit: { option: 'maxLength', value } },
  );
}

/** A length as an error says it; Infinity is one that nobody can count. */
export function showLength(length: number): string {
  return Number.isSafeInteger(length) ? String(length) : `more than ${Number.MAX_SAFE_INTEGER}`;
}
