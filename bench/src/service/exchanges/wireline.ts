/**
 * The protocol's exchange: a request as every peer writes it on a little-endian machine, and answers whose
 * header and content mean what they must. Contestants may write JSON with or without spaces.
 */
import type { Exchange, Expectation } from '../../suite/exchange.ts';
import { askThrice, sameAnswer } from '../ask.ts';
import { checkContent, CONTENT } from '../look-up.ts';

/** A message begins with the length of its header, a big-endian number of 16 bits. */
const PREFIX_LENGTH = 2;

/** The protocol of Wireline. */
export const WIRELINE: Exchange = { request: createRequest(), check };

async function check(port: number): Promise<Expectation> {
  const { request } = WIRELINE;
  const { answers } = await askThrice(port, { request, answerLength: messageLength });
  const answer = sameAnswer(answers);
  checkMeaning(answer);
  return { answer };
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
  const isRight =
    header['content-type'] === 'text/json' &&
    header['content-encoding'] === 'utf-8' &&
    (header['byteorder'] === 'little' || header['byteorder'] === 'big');
  if (!isRight) throw new Error(`check the answers: they are ${JSON.stringify(header)}${content}`);
  checkContent(content);
}

function createRequest(): Buffer {
  const header = `{"byteorder": "little", "content-type": "text/json", "content-encoding": "utf-8", "content-length": ${CONTENT.length}}`;
  const prefix = Buffer.alloc(PREFIX_LENGTH);
  prefix.writeUInt16BE(header.length);
  return Buffer.concat([prefix, Buffer.from(header + CONTENT)]);
}
