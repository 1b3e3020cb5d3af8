/**
 * Judging results: against the model, which says what the protocol wants, and against each other, since no
 * way of cutting, receiving or recognising may make a difference.
 */
import { isDeepStrictEqual } from 'node:util';
import { RemoteProtocolError } from '@wireline/framing';
import { MessageError, type Header, type Message } from '@wireline/message';
import { checkConversation } from './conversation-extensions.ts';
import { Fault, showThrown } from './fault.ts';
import type { ModelHeader, Reading } from './model.ts';
import type { Result } from './receiver.ts';

/** Holds the results of a stream against the model's readings. */
export function checkAgainstModel(results: readonly Result[], readings: readonly Reading[]): void {
  for (let index = 0; index < Math.max(results.length, readings.length); index++) {
    const result = results[index];
    const reading = readings[index];
    const fits = result !== undefined && reading !== undefined && isAsRead(result, reading);
    if (fits) {
      if (!(result.outcome instanceof RemoteProtocolError))
        checkConversation(result.outcome.header);
      continue;
    }
    throw new Fault(
      `result ${index + 1} to be ${reading === undefined ? 'none' : showReading(reading)}`,
      result === undefined ? 'no result' : showResult(result, showThrown),
    );
  }
}

/** Holds the results of a stream that was read one way against those of another way. */
export function checkSame(results: readonly Result[], others: readonly Result[]): void {
  for (let index = 0; index < Math.max(results.length, others.length); index++) {
    const result = results[index];
    const other = others[index];
    if (result !== undefined && other !== undefined && isSame(result, other)) continue;
    throw new Fault(
      `result ${index + 1} to be the same as read whole and without recogniser: ${result === undefined ? 'none' : showResult(result, String)}`,
      other === undefined ? 'no result' : showResult(other, showThrown),
    );
  }
}

/** A result in one line. */
function showResult({ outcome, end }: Result, showError: (error: Error) => string): string {
  if (outcome instanceof RemoteProtocolError) {
    const { code, offset, field } = outcome;
    return `${code} (field ${field}, offset ${offset}, ends at ${end}): ${showError(outcome)}`;
  }
  return `${showMessage(outcome)}, ends at ${end}`;
}

function showReading(reading: Reading): string {
  const { end } = reading;
  switch (reading.kind) {
    case 'error':
      return `${reading.code} (field ${reading.field}, offset ${reading.start}, ends at ${end})`;
    case 'open':
      return `a message, encoding-unknown or content-invalid, that ends at ${end}`;
    default:
      return `${showMessage(reading)}, ends at ${end}`;
  }
}

function showMessage(message: Message | Exclude<Reading, { kind: 'error' | 'open' }>): string {
  const { kind, header } = message;
  const content = kind === 'json' ? message.value : Buffer.from(message.bytes).toString('hex');
  return `a ${kind} message ${JSON.stringify({ header, content })}`;
}

function isAsRead({ outcome, end }: Result, reading: Reading): boolean {
  if (end !== reading.end) return false;
  if (outcome instanceof RemoteProtocolError) {
    const { code, field, offset } = outcome;
    if (offset !== reading.start) return false;
    if (reading.kind === 'error') return code === reading.code && field === reading.field;
    return reading.kind === 'open' && (code === 'encoding-unknown' || code === 'content-invalid');
  }
  if (reading.kind === 'error' || !isSameHeader(outcome.header, reading.header)) return false;
  switch (reading.kind) {
    case 'json':
      return outcome.kind === 'json' && isDeepStrictEqual(outcome.value, reading.value);
    case 'binary':
      return outcome.kind === 'binary' && isSameBytes(outcome.bytes, reading.bytes);
    case 'open':
      return outcome.kind === 'json';
  }
}

function isSame(result: Result, other: Result): boolean {
  if (result.end !== other.end) return false;
  const { outcome: left } = result;
  const { outcome: right } = other;
  if (left instanceof RemoteProtocolError) {
    return right instanceof RemoteProtocolError && isSameError(left, right);
  }
  return !(right instanceof RemoteProtocolError) && isSameMessage(left, right);
}

function isSameMessage(left: Message, right: Message): boolean {
  if (!isSameHeader(left.header, right.header)) return false;
  if (left.kind === 'json')
    return right.kind === 'json' && isDeepStrictEqual(left.value, right.value);
  return right.kind === 'binary' && isSameBytes(left.bytes, right.bytes);
}

function isSameError(left: RemoteProtocolError, right: RemoteProtocolError): boolean {
  const isSameFacts =
    left.name === right.name &&
    left.code === right.code &&
    left.message === right.message &&
    left.framing === right.framing &&
    left.offset === right.offset &&
    left.field === right.field &&
    left.limit?.option === right.limit?.option &&
    left.limit?.value === right.limit?.value;
  if (!isSameFacts) return false;
  const header = left instanceof MessageError ? left.header : undefined;
  const other = right instanceof MessageError ? right.header : undefined;
  const isSameHeaders =
    header === undefined || other === undefined ? header === other : isSameHeader(header, other);
  return isSameHeaders && isSameSample(left, right);
}

/** A header that is too large is refused at its second byte, so the sample shows what had come by then. */
function isSameSample(left: RemoteProtocolError, right: RemoteProtocolError): boolean {
  if (left.code !== 'header-too-large') return left.sample === right.sample;
  return left.sample.startsWith(right.sample) || right.sample.startsWith(left.sample);
}

/** The same members, extensions in the same order. */
function isSameHeader(header: Header, other: ModelHeader): boolean {
  if (
    header.contentLength !== other.contentLength ||
    Object.is(header.contentLength, -0) ||
    header.byteorder !== other.byteorder ||
    header.contentType !== other.contentType ||
    header.contentEncoding !== other.contentEncoding
  ) {
    return false;
  }
  const keys = Object.keys(header.extensions);
  const others = Object.keys(other.extensions);
  if (keys.length !== others.length) return false;
  if (keys.length === 0) return true;
  return (
    keys.every((key, index) => key === others[index]) &&
    isDeepStrictEqual(header.extensions, other.extensions)
  );
}

function isSameBytes(bytes: Uint8Array, others: Uint8Array): boolean {
  return Buffer.compare(bytes, others) === 0;
}
