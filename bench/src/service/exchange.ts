/**
 * The exchange: the one request of this benchmark, and a check that a server answers it.
 *
 * Contestants may write JSON with or without spaces, so what must be right is the meaning. It is looked at
 * here, once per server; the load client then holds every byte of every answer against the first.
 */
import { connect } from 'node:net';

const CONTENT = '{"action": "search", "value": "morpheus"}';
const RESULT = 'Follow the white rabbit. \u{1F430}';

/** A message begins with the length of its header, a big-endian number of 16 bits. */
const PREFIX_LENGTH = 2;

/** A server that has not answered by then never will. */
const DEADLINE_MS = 5000;

/** The request's bytes, as every peer of the protocol writes them on a little-endian machine. */
export const REQUEST = createRequest();

/**
 * Sends three requests, two and a half of them at once, and looks at the answers.
 *
 * @returns the bytes of one answer
 * @throws if the server gets any of it wrong
 */
export async function checkExchange(port: number): Promise<Buffer> {
  const half = REQUEST.length >> 1;
  const socket = connect({ port, host: '127.0.0.1', signal: AbortSignal.timeout(DEADLINE_MS) });
  const answers: Buffer[] = [];
  let received = Buffer.alloc(0);
  socket.setNoDelay().write(Buffer.concat([REQUEST, REQUEST, REQUEST.subarray(0, half)]));
  for await (const chunk of socket) {
    // Without an encoding, what a socket reads is bytes.
    received = Buffer.concat([received, chunk as Buffer]);
    for (
      let length = messageLength(received);
      length <= received.length;
      length = messageLength(received)
    ) {
      answers.push(received.subarray(0, length));
      received = received.subarray(length);
      // The second half goes when the server has dealt with the first.
      if (answers.length === 2) socket.write(REQUEST.subarray(half));
    }
    if (answers.length === 3) break;
  }
  const [first, ...others] = answers;
  if (first === undefined || answers.length < 3) {
    throw new Error(`check the answers: ${answers.length} of 3 came before the end`);
  }
  if (others.some((other) => !other.equals(first)))
    throw new Error('check the answers: they differ');
  checkMeaning(first);
  return first;
}

/** The length of the message at the start; infinite while its header is incomplete. */
function messageLength(bytes: Buffer): number {
  if (bytes.length < PREFIX_LENGTH) return Infinity;
  const headerEnd = PREFIX_LENGTH + bytes.readUInt16BE(0);
  return bytes.length < headerEnd ? Infinity : headerEnd + contentLengthOf(readHeader(bytes));
}

function readHeader(bytes: Buffer): Readonly<Record<string, unknown>> {
  // What a contestant sends is looked at key by key.
  return JSON.parse(
    bytes.toString('utf8', PREFIX_LENGTH, PREFIX_LENGTH + bytes.readUInt16BE(0)),
  ) as Record<string, unknown>;
}

function contentLengthOf(header: Readonly<Record<string, unknown>>): number {
  const length = header['content-length'];
  if (typeof length === 'number') return length;
  throw new Error(`check the answers: content-length is ${String(length)}`);
}

function checkMeaning(answer: Buffer): void {
  const header = readHeader(answer);
  const content = answer.toString('utf8', answer.length - contentLengthOf(header));
  const { result } = JSON.parse(content) as { result?: unknown }; // what else there is does not matter
  const isRight =
    result === RESULT &&
    header['content-type'] === 'text/json' &&
    header['content-encoding'] === 'utf-8' &&
    (header['byteorder'] === 'little' || header['byteorder'] === 'big');
  if (!isRight) throw new Error(`check the answers: they are ${JSON.stringify(header)}${content}`);
}

function createRequest(): Buffer {
  const header = `{"byteorder": "little", "content-type": "text/json", "content-encoding": "utf-8", "content-length": ${CONTENT.length}}`;
  const prefix = Buffer.alloc(PREFIX_LENGTH);
  prefix.writeUInt16BE(header.length);
  return Buffer.concat([prefix, Buffer.from(header + CONTENT)]);
}
