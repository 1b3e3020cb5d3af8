/**
 * What the verifier finds and throws: one error with the facts as properties and a message to read them by.
 */
import { RemoteProtocolError } from '../errors.ts';
import type { ExpectedError } from './cases.ts';
import { chunkLengths } from './chunkings.ts';
import { showValue } from './values.ts';

/** Chunk lengths shown before the rest is counted. */
const MAX_SHOWN_CHUNKS = 12;

/** What one run of a decoder found wrong. */
export interface Finding {
  readonly expected: string;
  readonly received: string;
  /** The rule that was broken, or what usually causes this. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** The stream of a run that failed. */
export interface FailedStream {
  readonly name: string;
  /** As the message says it. */
  readonly title: string;
  readonly bytes: Uint8Array;
}

/** How the bytes reached the decoder in a run that failed. */
export interface Delivery {
  /** How the chunks were given to the buffer. */
  readonly manner: string;
  readonly cuts: readonly number[];
  readonly seed: number;
}

/** Stops a run; `runDecoder` catches it. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly finding: Finding;

  constructor(finding: Finding) {
    super(finding.received);
    this.finding = finding;
  }
}

/**
 * A decoder breaks the contract. The message says in which case, what was expected, what came, and the
 * smallest chunking found that shows it.
 */
export class DecoderVerificationError extends Error {
  override readonly name = 'DecoderVerificationError';
  /** The name of the case; several names for streams that were joined, `junk` for made-up bytes. */
  readonly caseName: string;
  readonly expected: string;
  readonly received: string;
  /** The bytes of the stream that shows the fault. */
  readonly bytes: Uint8Array;
  /** The lengths of the chunks that show the fault. */
  readonly chunks: readonly number[];
  readonly seed: number;

  constructor(stream: FailedStream, finding: Finding, delivery: Delivery) {
    const chunks = chunkLengths(delivery.cuts, stream.bytes.length);
    const hint = finding.hint === undefined ? '' : `\n  ${finding.hint}`;
    super(
      `verify decoder with ${stream.title}, ${showChunks(chunks)} ${delivery.manner}, ` +
        `seed ${delivery.seed}:\n  expected ${finding.expected}\n  received ${finding.received}${hint}`,
      finding.cause === undefined ? undefined : { cause: finding.cause },
    );
    this.caseName = stream.name;
    this.expected = finding.expected;
    this.received = finding.received;
    this.bytes = stream.bytes;
    this.chunks = chunks;
    this.seed = delivery.seed;
  }
}

/** Says whether an error is the one that a case names. */
export function isExpected(error: unknown, expected: ExpectedError): boolean {
  if (!(error instanceof RemoteProtocolError)) return false;
  return error.code === expected.code && error.framing === expected.framing;
}

/** The error that a case names, in words. */
export function showError(expected: ExpectedError): string {
  return `a RemoteProtocolError with code '${expected.code}', framing '${expected.framing}'`;
}

/** What was thrown, in words. */
export function showThrown(error: unknown): string {
  if (error instanceof RemoteProtocolError) {
    const { name, code, framing, message } = error;
    return `${name} with code '${code}', framing '${framing}': ${message}`;
  }
  return error instanceof Error ? `${error.name}: ${error.message}` : showValue(error);
}

function showChunks(chunks: readonly number[]): string {
  const omitted = chunks.length - MAX_SHOWN_CHUNKS;
  const shown = chunks.slice(0, MAX_SHOWN_CHUNKS).join(', ');
  return `chunks of [${shown}${omitted > 0 ? `, ... ${omitted} more` : ''}] bytes`;
}
