/**
 * The exchange over ZeroMQ's protocol (ZMTP 3.0, rfc.zeromq.org/spec/23): a greeting and a READY, in one piece,
 * and the server's awaited; then messages of two frames, an empty one and the body, as a REQ socket sends them.
 * The load is a DEALER, since a REQ may have but one request in flight.
 */
import type { Exchange, Expectation } from '../../suite/exchange.ts';
import { askThrice, sameAnswer } from '../ask.ts';
import { checkContent, CONTENT } from '../look-up.ts';

/** Signature, version, mechanism, role and filler. */
const GREETING_LENGTH = 64;

/** Flags of a frame: another one of the same message follows; a command. */
const MORE = 1;
const COMMAND = 4;

/** What stands before the body of a message: an empty frame that is not the last. */
const DELIMITER = Buffer.from([MORE, 0]);

/** ZeroMQ with JSON. */
export const ZMTP: Exchange = {
  hello: Buffer.concat([createGreeting(), createReady()]),
  request: Buffer.concat([DELIMITER, createFrame(0, Buffer.from(CONTENT))]),
  check,
};

async function check(port: number): Promise<Expectation> {
  const { welcome, answers } = await askThrice(port, { ...ZMTP, welcomeLength, answerLength });
  if (!welcome.includes('READY')) {
    throw new Error(`check the answers: the greeting's is ${welcome.toString('hex')}`);
  }
  const answer = sameAnswer(answers);
  checkContent(answer.toString('utf8', DELIMITER.length + 2));
  return { answer, welcome };
}

function welcomeLength(bytes: Buffer): number {
  return GREETING_LENGTH + frameLength(bytes, { at: GREETING_LENGTH, flags: COMMAND });
}

/** The length of the message at the start: the delimiter, and a body. */
function answerLength(bytes: Buffer): number {
  if (bytes.length < DELIMITER.length) return Infinity;
  if (!bytes.subarray(0, DELIMITER.length).equals(DELIMITER)) {
    throw new Error(`check the answers: one begins with ${bytes.toString('hex', 0, 2)}`);
  }
  return DELIMITER.length + frameLength(bytes, { at: DELIMITER.length, flags: 0 });
}

/** The length of a frame whose length takes one byte. */
function frameLength(
  bytes: Buffer,
  { at, flags }: { readonly at: number; readonly flags: number },
): number {
  const length = bytes[at + 1];
  if (length === undefined) return Infinity;
  if (bytes[at] === flags) return 2 + length;
  throw new Error(`check the answers: a frame begins with ${bytes.toString('hex', at, at + 2)}`);
}

function createFrame(flags: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([flags, content.length]), content]);
}

function createGreeting(): Buffer {
  const greeting = Buffer.alloc(GREETING_LENGTH);
  greeting[0] = 0xff;
  greeting[9] = 0x7f;
  greeting[10] = 3; // the version
  greeting.write('NULL', 12, 'latin1'); // no security
  return greeting;
}

function createReady(): Buffer {
  const property = (name: string, value: string): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(value.length);
    return Buffer.concat([
      Buffer.from([name.length]),
      Buffer.from(name),
      length,
      Buffer.from(value),
    ]);
  };
  const body = [property('Socket-Type', 'DEALER'), property('Identity', '')];
  return createFrame(COMMAND, Buffer.concat([Buffer.from('\x05READY'), ...body]));
}
