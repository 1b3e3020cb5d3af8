/**
 * The exchange over WebSockets (RFC 6455): a handshake whose answer is awaited, then text messages of one frame
 * each. The key and the mask are the same every time, so that the bytes are.
 */
import type { Exchange, Expectation } from '../../suite/exchange.ts';
import { askThrice, sameAnswer } from '../ask.ts';
import { checkContent, CONTENT } from '../look-up.ts';

const HEAD_END = '\r\n\r\n';

/** The key of the example in RFC 6455, section 1.3, and what follows from it. */
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

/** The first byte of a text message in one frame. */
const TEXT = 0x81;

/** Of the second byte: what follows is masked. */
const MASKED = 0x80;

/** Lengths up to this stand in the second byte. */
const MAX_SHORT = 125;

/** Any that is not zeros will do. */
const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

/** WebSockets with JSON. */
export const WEBSOCKET: Exchange = {
  hello: Buffer.from(
    [
      'GET / HTTP/1.1',
      'host: 127.0.0.1',
      'upgrade: websocket',
      'connection: upgrade',
      `sec-websocket-key: ${KEY}`,
      'sec-websocket-version: 13',
      HEAD_END.slice(2),
    ].join('\r\n'),
  ),
  request: createFrame(Buffer.from(CONTENT)),
  check,
};

async function check(port: number): Promise<Expectation> {
  const { welcome, answers } = await askThrice(port, { ...WEBSOCKET, welcomeLength, answerLength });
  const head = welcome.toString('latin1');
  if (!head.startsWith('HTTP/1.1 101 ') || !head.includes(ACCEPT)) {
    throw new Error(`check the answers: the handshake's is ${head}`);
  }
  const answer = sameAnswer(answers);
  checkContent(answer.toString('utf8', 2));
  return { answer, welcome };
}

function welcomeLength(bytes: Buffer): number {
  const headLength = bytes.indexOf(HEAD_END);
  return headLength < 0 ? Infinity : headLength + HEAD_END.length;
}

/** The length of the frame at the start. A server does not mask. */
function answerLength(bytes: Buffer): number {
  const [first, length] = bytes;
  if (length === undefined) return Infinity;
  if (first === TEXT && length <= MAX_SHORT) return 2 + length;
  throw new Error(`check the answers: a frame begins with ${bytes.toString('hex', 0, 2)}`);
}

/** A masked text message of at most 125 bytes. */
function createFrame(content: Buffer): Buffer {
  const masked = content.map((byte, index) => byte ^ (MASK[index % MASK.length] ?? 0));
  return Buffer.concat([Buffer.from([TEXT, MASKED | content.length]), MASK, masked]);
}
