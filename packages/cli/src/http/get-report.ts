/**
 * What `http-get` says about an answer beside its body. What comes from the server is made safe to print.
 */
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { formatAddress } from '@wireline/socket';
import { describeError } from '../exit.ts';
import { count, oneLine, printable } from '../terminal/plain-text.ts';
import type { PageConnection } from './page-connection.ts';
import type { RequestObserver } from './page-request.ts';
import { shownUrl } from './url.ts';

/** A status, or a URL, of some lines of a terminal. */
const MAX_LINE = 600;

/** Nothing is said. */
export const SILENT: RequestObserver = {
  attempted: () => {},
  connected: () => {},
  secured: () => {},
  sending: () => {},
};

/** The exchange on standard error: `*` for what happens, `>` for what is sent, `<` for what comes. */
export const VERBOSE: RequestObserver = {
  attempted: ({ address, outcome, error }) => {
    const why = error === undefined ? '' : `: ${describeError(error)}`;
    if (outcome !== 'connected') say(`* ${formatAddress(address)} ${outcome}${why}`);
  },
  connected: (address, ms) => say(`* connected to ${address} after ${ms.toFixed(1)} ms`),
  secured: (tls) => say(`* ${describeTls(tls)}`),
  sending: (requestLine, headers) => {
    say(`> ${requestLine}`);
    for (const [name, value] of headers) say(`> ${name}: ${value}`);
    say('>');
  },
};

/** Says a line on standard error. */
export function say(line: string): void {
  console.error(printable(line));
}

/** `301 Moved Permanently` */
export function statusOf({ statusCode, statusMessage = '' }: IncomingMessage): string {
  return oneLine(`${statusCode} ${statusMessage}`.trimEnd(), MAX_LINE);
}

/** Status line and headers, as they came. */
export function headerLines(response: IncomingMessage): string[] {
  const { httpVersion, rawHeaders } = response;
  const lines = [`HTTP/${httpVersion} ${statusOf(response)}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    lines.push(printable(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`));
  }
  return lines;
}

/** Where a redirect points to, for people. */
export function shownTarget(target: URL | string): string {
  return oneLine(typeof target === 'string' ? target : shownUrl(target), MAX_LINE);
}

/** `1256 bytes in 12.1 ms; round trip 0.05 ms, 0 segments sent again` */
export function describeEnd(connection: PageConnection, bytes: number, ms: number): string {
  const told = `${count(bytes, 'byte')} in ${ms.toFixed(1)} ms`;
  const info = connection.tcpInfo();
  if (info === undefined) return told;
  const again = count(info.totalRetrans, 'segment');
  return `${told}; round trip ${info.rttMs} ms, ${again} sent again`;
}

function describeTls(tls: TLSSocket): string {
  const { subject, issuer } = tls.getPeerCertificate();
  const nameOf = ({ CN = 'nobody' }: { readonly CN?: string | string[] }): string => String(CN);
  const cipher = tls.getCipher().standardName;
  const names = `certificate of ${nameOf(subject)}, signed by ${nameOf(issuer)}`;
  return `${tls.getProtocol()} with ${cipher}; ${names}`;
}
