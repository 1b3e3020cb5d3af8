/**
 * The exchange over HTTP/1.1: a POST on a connection that is kept, several in flight where the load has that
 * (pipelining). The date in an answer may change from one to the next, and nothing else.
 */
import type { Exchange, Expectation } from '../../suite/exchange.ts';
import { askThrice, sameAnswer } from '../ask.ts';
import { checkContent, CONTENT } from '../look-up.ts';

const HEAD_END = '\r\n\r\n';

/** What stands before a date, and how long a date is (RFC 9110, 5.6.7). */
const DATE_NAME = '\r\ndate: ';
const DATE_LENGTH = 29;

/** HTTP/1.1 with JSON. */
export const HTTP: Exchange = {
  request: Buffer.from(
    [
      'POST /search HTTP/1.1',
      'host: 127.0.0.1',
      'content-type: application/json',
      `content-length: ${CONTENT.length}`,
      '',
      CONTENT,
    ].join('\r\n'),
  ),
  check,
};

async function check(port: number): Promise<Expectation> {
  const { request } = HTTP;
  const { answers } = await askThrice(port, { request, answerLength });
  const [first, ...others] = answers;
  const varies = findDate(first);
  const undated = (answer: Buffer): Buffer => Buffer.from(answer).fill(0, ...varies);
  sameAnswer([undated(first), ...others.map(undated)]);
  const [head = '', content = ''] = first.toString('utf8').split(HEAD_END);
  const isRight =
    head.startsWith('HTTP/1.1 200 ') && /\r\ncontent-type: application\/json\b/i.test(head);
  if (!isRight) throw new Error(`check the answers: they begin with ${head}`);
  checkContent(content);
  return { answer: first, varies };
}

/** The length of the answer at the start; infinite while its head is incomplete. */
function answerLength(bytes: Buffer): number {
  const headLength = bytes.indexOf(HEAD_END);
  if (headLength < 0) return Infinity;
  const head = bytes.toString('latin1', 0, headLength);
  const [, length] = /\r\ncontent-length: (\d+)/i.exec(head) ?? [];
  if (length === undefined) throw new Error(`check the answers: they begin with ${head}`);
  return headLength + HEAD_END.length + Number(length);
}

/** Where the date stands; nowhere if there is none. */
function findDate(answer: Buffer): readonly [from: number, to: number] {
  const at = answer.toString('latin1').toLowerCase().indexOf(DATE_NAME);
  if (at < 0) return [0, 0];
  return [at + DATE_NAME.length, at + DATE_NAME.length + DATE_LENGTH];
}
