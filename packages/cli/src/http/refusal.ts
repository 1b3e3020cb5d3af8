/**
 * Refusal: what becomes of a request that cannot be read, as it is no HTTP, too long, or does not come.
 */
import { bytesAsText, firstBytes } from '../terminal/plain-text.ts';
import type { StatusAnswer } from './status.ts';

/** 16 KiB, as web servers usually have it. */
export const MAX_HEADER = 16 * 1024;

/** The first byte of who speaks TLS, as browsers do behind https:// */
const TLS_HANDSHAKE = 0x16;

/** How much of an unreadable request the log shows. */
const SHOWN_BYTES = 60;

/** What `node:http` has to say about a connection. */
export type ConnectionError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer };

/** What is answered, and what the log says. */
export interface Refusal {
  readonly told: string;
  /** `undefined` when there is an answer already: only the body of the request could not be read. */
  readonly answer: StatusAnswer | undefined;
}

/** What was waited for, and how long. */
export interface Expected {
  /** Whether it is the body of a request whose header has come. */
  readonly isBody: boolean;
  readonly headerMs: number;
  readonly requestMs: number;
}

/** Why a request is refused; `undefined` when it is the connection that failed. */
export function refusalOf(error: ConnectionError, expected: Expected): Refusal | undefined {
  const { code = '' } = error;
  if (code !== 'ERR_HTTP_REQUEST_TIMEOUT' && !code.startsWith('HPE_')) return undefined;
  return expected.isBody
    ? { told: bodyTrouble(error, expected.requestMs), answer: undefined }
    : headerRefusal(error, expected.headerMs);
}

/** Why CONNECT is refused: it asks for a tunnel to somewhere else. */
export function refusalOfTunnel(target: string): Refusal {
  const told = `CONNECT ${target}: this is no proxy`;
  return { told, answer: { status: 501, sentence: 'This is no proxy.' } };
}

function bodyTrouble(error: ConnectionError, requestMs: number): string {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return `its body did not come within ${requestMs / 1000} s`;
  }
  if (error.code === 'HPE_INVALID_EOF_STATE') return 'it ended before its body was complete';
  return unreadable(error);
}

function headerRefusal(error: ConnectionError, headerMs: number): Refusal {
  const { code, rawPacket } = error;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    const told = `it did not come within ${headerMs / 1000} s (--header-timeout)`;
    return { told, answer: { status: 408, sentence: 'The request took too long to arrive.' } };
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    const told = `its header is longer than ${MAX_HEADER} bytes`;
    return { told, answer: { status: 431, sentence: 'The header of the request is too long.' } };
  }
  if (code === 'HPE_INVALID_EOF_STATE') {
    const told = 'it ended before its header was complete';
    return { told, answer: { status: 400, sentence: 'The request ended within its header.' } };
  }
  const told =
    rawPacket?.[0] === TLS_HANDSHAKE
      ? 'it speaks TLS; here the address begins with http://'
      : unreadable(error);
  return { told, answer: { status: 400, sentence: 'The request cannot be read: it is no HTTP.' } };
}

/** `Parse Error: Expected HTTP/: hello\x0d\x0a` */
function unreadable({ message, rawPacket }: ConnectionError): string {
  const sample = bytesAsText(firstBytes(rawPacket ?? Buffer.of(), SHOWN_BYTES));
  return sample === '' ? message : `${message}: ${sample}`;
}
