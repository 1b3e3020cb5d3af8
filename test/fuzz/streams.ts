/**
 * The subject `streams`: several connections to one server, as bytes.
 *
 * Each stream is read twice. Once whole, by a decoder of its own without a recogniser: that must be what the
 * model says. And once as a server reads: in chunks, the connections in turn, with one recogniser and one
 * receive buffer for all of them: that must be the same. Each error can be answered, and the answer says it.
 */
import { NEED_DATA, ReceiveBuffer, RemoteProtocolError, SendBuffer } from '@wireline/framing';
import {
  errorAnswer,
  HeaderRecognizer,
  MessageDecoder,
  MessageEncoder,
  MessageError,
  readErrorAnswer,
  type Header,
  type Limits,
} from '@wireline/message';
import {
  bytesOf,
  conversations,
  describeConversation,
  LIMITS,
  SCRATCH_LENGTHS,
  type Conversation,
  type Stream,
} from './conversation.ts';
import type { Coverage } from './coverage.ts';
import { Fault } from './fault.ts';
import { checkAgainstModel, checkSame } from './judge.ts';
import { readStream } from './model.ts';
import { Receiver, type Result } from './receiver.ts';
import { createSubject } from './subject.ts';
import { pick } from './vocabulary.ts';

/** A stream that would arrive in more chunks arrives in one from there on: it takes too long otherwise. */
const MAX_CHUNKS = 300;

const withoutRecognizer = new HeaderRecognizer({ maxShapes: 0 });
const scratches = SCRATCH_LENGTHS.map((length) => new Uint8Array(length));
const encoder = new MessageEncoder();

/** A recogniser that says whether it was of any use. */
class CountingRecognizer extends HeaderRecognizer {
  recognized = 0;

  override recognize(bytes: Uint8Array, start: number, end: number): Header | undefined {
    const header = super.recognize(bytes, start, end);
    if (header !== undefined) this.recognized++;
    return header;
  }
}

/** Decoders and what is theirs, fed with valid, damaged and junk frames. */
export const streams = createSubject({
  name: 'streams',
  arbitrary: conversations(),
  examine,
  describe: describeConversation,
});

function examine(conversation: Conversation, coverage: Coverage): void {
  const limits = pick(LIMITS, conversation.limits);
  const connections = conversation.streams.map((stream) => {
    const bytes = bytesOf(stream, conversation.styles);
    const results = readWhole(bytes, limits);
    checkAgainstModel(results, readStream(bytes, limits));
    for (const { outcome } of results) {
      if (outcome instanceof RemoteProtocolError) coverage.count('decoded', outcome.code);
      else coverage.count('decoded', outcome.kind);
      if (outcome instanceof MessageError) checkAnswer(outcome);
    }
    return { stream, bytes, results };
  });
  const receivers = readTogether(conversation, connections, coverage);
  for (const [index, { results }] of connections.entries()) {
    checkSame(results, receivers[index]?.results ?? []);
  }
}

/** In one chunk, with a decoder and a buffer of its own, each header parsed. */
function readWhole(bytes: Uint8Array, limits: Limits): readonly Result[] {
  const receiver = new Receiver({ limits, recognizer: withoutRecognizer });
  receiver.deliver(bytes);
  receiver.finish();
  return receiver.results;
}

/** As a server reads: a chunk of each in turn. */
function readTogether(
  conversation: Conversation,
  connections: readonly { readonly stream: Stream; readonly bytes: Uint8Array }[],
  coverage: Coverage,
): readonly Receiver[] {
  const limits = pick(LIMITS, conversation.limits);
  const recognizer = new CountingRecognizer();
  const shared = pick(scratches, conversation.scratchLength);
  const open = connections.map(({ stream, bytes }) => {
    const scratch = stream.received ? shared : undefined;
    const receiver = new Receiver({ limits, recognizer, scratch });
    return { receiver, bytes, chunks: stream.chunks, at: 0 };
  });
  for (let turn = 0, busy = true; busy; turn++) {
    busy = false;
    for (const connection of open) {
      const { receiver, bytes, chunks, at } = connection;
      if (at >= bytes.length || receiver.lost) continue;
      const isWhole = chunks.length === 0 || turn >= MAX_CHUNKS;
      connection.at = isWhole ? bytes.length : at + 1 + pick(chunks, turn);
      receiver.deliver(bytes.subarray(at, connection.at));
      busy = true;
    }
  }
  for (const { receiver } of open) receiver.finish();
  coverage.note('recognised headers', recognizer.recognized);
  return open.map(({ receiver }) => receiver);
}

/** What a server does with an error: the answer can be written, and says the same when it is read. */
function checkAnswer({ code, message }: MessageError): void {
  const wire = new SendBuffer();
  encoder.encode(errorAnswer(code, message), wire);
  const buffer = new ReceiveBuffer();
  buffer.append(wire.bytes.subarray(wire.start, wire.end));
  const answer = new MessageDecoder({ recognizer: withoutRecognizer }).decode(buffer);
  const read = answer === NEED_DATA ? undefined : readErrorAnswer(answer);
  if (read?.code === code && read.message === message) return;
  throw new Fault(`an error answer ${code}: ${message}`, JSON.stringify(read) ?? 'none');
}
