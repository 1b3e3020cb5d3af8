/** Answers that are no more than a status, with a small page that says what is the matter. */
import { STATUS_CODES } from 'node:http';
import type { Exchange } from './exchange.ts';
import { PAGE_HEADERS, statusPage } from './html.ts';

/** An answer without the page that was asked for. */
export interface StatusAnswer {
  readonly status: number;
  /** What a person is told. */
  readonly sentence: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers with a small page. */
export function sendStatus(
  exchange: Exchange,
  { status, sentence, headers = {} }: StatusAnswer,
): void {
  const body = statusPage(titleOf(status), sentence);
  exchange.send(status, { ...PAGE_HEADERS, ...headers }, body);
}

/** The same as bytes, for a request that could not be read: nothing can follow it. */
export function rawStatus({ status, sentence }: StatusAnswer): string {
  const body = statusPage(titleOf(status), sentence);
  const headers = {
    ...PAGE_HEADERS,
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return `HTTP/1.1 ${titleOf(status)}\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** `404 Not Found` */
function titleOf(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ''}`;
}
