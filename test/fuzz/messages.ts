/**
 * The subject `messages`: what an encoder is given, and whether it comes back.
 *
 * What the encoder accepts decodes to the same. What it refuses is the caller's fault and a
 * LocalProtocolError, and leaves the buffer as it was. What is plainly a message is not refused.
 */
import { inspect, isDeepStrictEqual } from 'node:util';
import {
  BlockPool,
  LocalProtocolError,
  NEED_DATA,
  ReceiveBuffer,
  SendBuffer,
} from '@wireline/framing';
import {
  MessageDecoder,
  MessageEncoder,
  type Limits,
  type Message,
  type OutgoingMessage,
} from '@wireline/message';
import type { Coverage } from './coverage.ts';
import { Fault, showThrown } from './fault.ts';
import {
  BUFFER_LENGTHS,
  buildMessage,
  describeSending,
  isPlain,
  LIMITS,
  sendings,
  type Sending,
} from './sending.ts';
import { createSubject } from './subject.ts';
import { pick } from './vocabulary.ts';

/** Encoders, and the decoders of what they write. */
export const messages = createSubject({
  name: 'messages',
  arbitrary: sendings(),
  examine,
  describe: describeSending,
});

function examine(sending: Sending, coverage: Coverage): void {
  const limits = pick(LIMITS, sending.limits);
  const maxLength = pick(BUFFER_LENGTHS, sending.bufferLength);
  const buffer = new SendBuffer({ maxLength, pool: new BlockPool() });
  const { byteorder, waiting } = sending;
  const encoder = new MessageEncoder({ ...limits, byteorder });
  const sent = Math.floor(waiting / 2);
  buffer.append(new Uint8Array(waiting));
  buffer.consume(sent);
  const accepted: OutgoingMessage[] = [];
  for (const recipe of sending.messages) {
    const message = buildMessage(recipe);
    const refusal = encode(encoder, message, buffer);
    coverage.count('encoded', refusal?.code ?? 'written');
    if (refusal === undefined) accepted.push(message);
    else if (isPlain(recipe) && sending.limits === 0 && sending.bufferLength === 0) {
      throw new Fault('a plain message to be accepted', showThrown(refusal));
    }
  }
  buffer.consume(waiting - sent);
  checkDecoded(accepted, buffer.bytes.subarray(buffer.start, buffer.end), { limits, byteorder });
  buffer.clear();
}

/** The refusal, if there is one: then nothing was written. */
function encode(
  encoder: MessageEncoder,
  message: OutgoingMessage,
  buffer: SendBuffer,
): LocalProtocolError | undefined {
  const before = buffer.bytes.slice(buffer.start, buffer.end);
  try {
    encoder.encode(message, buffer);
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof LocalProtocolError)) {
      throw new Fault('bytes or a LocalProtocolError', showThrown(thrown), { cause: thrown });
    }
    const after = buffer.bytes.subarray(buffer.start, buffer.end);
    if (Buffer.compare(before, after) === 0) return thrown;
    throw new Fault(
      'the buffer to be left as it was',
      `${after.length} bytes for ${before.length}`,
    );
  }
}

function checkDecoded(
  sent: readonly OutgoingMessage[],
  bytes: Uint8Array,
  options: { readonly limits: Limits; readonly byteorder: string },
): void {
  const buffer = new ReceiveBuffer();
  buffer.append(bytes);
  const decoder = new MessageDecoder(options.limits);
  for (const message of sent) {
    const received = attempt(() => decoder.decode(buffer));
    const isSame =
      typeof received === 'object' &&
      received.header.byteorder === options.byteorder &&
      isSameMessage(message, received);
    if (!isSame) {
      throw new Fault(`to receive ${inspect(message)}`, inspect(received, { depth: 5 }));
    }
  }
  const rest = attempt(() => decoder.decode(buffer));
  if (rest !== NEED_DATA || buffer.length > 0) {
    throw new Fault('nothing behind what was sent', inspect(rest));
  }
}

function attempt(decode: () => Message | typeof NEED_DATA): Message | typeof NEED_DATA {
  try {
    return decode();
  } catch (thrown) {
    throw new Fault('what was accepted to be decoded', showThrown(thrown), { cause: thrown });
  }
}

function isSameMessage(sent: OutgoingMessage, received: Message): boolean {
  const { contentType, contentEncoding, extensions } = received.header;
  if (!isDeepStrictEqual({ ...extensions }, { ...asJson(sent.extensions ?? {}) })) return false;
  if (sent.kind === 'json') {
    return (
      received.kind === 'json' &&
      contentType === 'text/json' &&
      contentEncoding === sent.contentEncoding &&
      isDeepStrictEqual(received.value, asJson(sent.value))
    );
  }
  return (
    received.kind === 'binary' &&
    contentType === sent.contentType &&
    contentEncoding === 'binary' &&
    Buffer.compare(received.bytes, sent.bytes) === 0
  );
}

/** What JSON makes of a value: undefined is left out, `toJSON` is asked, -0 is 0. */
function asJson(value: object): object {
  const replace = (_: string, item: unknown) => (typeof item === 'bigint' ? Number(item) : item);
  // An object goes in whose text begins with a brace, since the encoder has accepted it.
  return JSON.parse(JSON.stringify(value, replace)) as object;
}
