/**
 * One request for a page over a socket of ours.
 *
 * ```
 *   createConnection --> toDuplex --> (tls.connect) --> http.request --> the header of the answer
 * ```
 */
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { unescape } from 'node:querystring'; // never throws, as decodeURIComponent does
import type { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { formatEndpoint, type ConnectionAttempt } from '@wireline/socket';
import { packageVersion } from '../version.ts';
import { requestFailure, tlsFailure } from './failures.ts';
import { PageConnection } from './page-connection.ts';
import { endpointOf, isSecure } from './url.ts';

/** 64 KiB: what Node takes is a quarter of it, and some sites send many cookies. */
const MAX_HEADER = 64 * 1024;

/** The status that goes on in another protocol (RFC 9110, 15.2.2). */
const SWITCHING_PROTOCOLS = 101;

/** A name and its value. */
export type HeaderLine = readonly [name: string, value: string];

/** Who hears what happens; for `--verbose`. */
export interface RequestObserver {
  attempted(attempt: ConnectionAttempt): void;
  connected(address: string, ms: number): void;
  secured(socket: TLSSocket): void;
  sending(requestLine: string, headers: readonly HeaderLine[]): void;
}

/** What is asked for, and how. */
export interface PageRequestOptions {
  readonly method: 'GET' | 'HEAD';
  readonly timeoutMs: number;
  /** Certificates that are trusted in place of the usual ones. */
  readonly ca: Buffer | undefined;
  /** Whether whoever takes the page is slow just now. */
  readonly isStalled: () => boolean;
  readonly observer: RequestObserver;
}

/** An answer: its header is here, its body comes. */
export interface PageAnswer {
  readonly method: PageRequestOptions['method'];
  readonly response: IncomingMessage;
  readonly connection: PageConnection;
}

/**
 * The header of the answer to a request for `url`.
 *
 * @throws Error with a sentence for people; what is wrong with the connection as `PageConnection.open` throws it.
 */
export async function requestPage(url: URL, options: PageRequestOptions): Promise<PageAnswer> {
  const { timeoutMs, isStalled, observer } = options;
  const startedAt = performance.now();
  const connection = await PageConnection.open(endpointOf(url), {
    timeoutMs,
    isStalled,
    onAttempt: (attempt) => observer.attempted(attempt),
  });
  observer.connected(connection.address, performance.now() - startedAt);
  try {
    const stream = isSecure(url) ? await secure(url, connection, options) : connection.socket;
    const response = await ask(url, stream, options);
    connection.tcpInfo(); // it may be closed before anybody asks for it
    return { method: options.method, response, connection };
  } catch (error) {
    connection.close();
    throw connection.failure ?? error;
  }
}

/** TLS over the connection; the certificate is that of the URL's host, or it is over. */
async function secure(
  url: URL,
  { socket }: PageConnection,
  { ca, observer }: PageRequestOptions,
): Promise<Duplex> {
  const { host } = endpointOf(url);
  const tls = connectTls({
    socket,
    host,
    ...(isIP(host) === 0 && { servername: host }), // an address is no name to ask for
    ALPNProtocols: ['http/1.1'],
    ...(ca !== undefined && { ca }),
  });
  // What comes right behind the handshake may be wrong before node:http listens.
  const early: NodeJS.ErrnoException[] = [];
  tls.on('error', (error: NodeJS.ErrnoException) => early.push(error));
  try {
    await once(tls, 'secureConnect');
    if (early[0] !== undefined) throw early[0];
  } catch (error) {
    throw tlsFailure(url, error as NodeJS.ErrnoException); // what node:tls emits
  }
  observer.secured(tls);
  return tls;
}

async function ask(
  url: URL,
  stream: Duplex,
  { method, observer }: PageRequestOptions,
): Promise<IncomingMessage> {
  const path = url.pathname + url.search;
  const headers = headersFor(url);
  observer.sending(`${method} ${path} HTTP/1.1`, headers);
  const request = httpRequest({
    method,
    path,
    headers: headers.flat(),
    createConnection: () => stream,
    maxHeaderSize: MAX_HEADER,
  });
  request.on('error', () => {}); // what comes behind the header is told by the body
  // Without a listener, Node ends the connection and says nothing.
  request.once('upgrade', () => request.emit('error', unasked(url)));
  request.end();
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage]; // what it carries
    if (response.statusCode === SWITCHING_PROTOCOLS) throw unasked(url);
    return response;
  } catch (error) {
    throw requestFailure(url, error as NodeJS.ErrnoException); // what node:http emits
  }
}

function unasked(url: URL): Error {
  const where = formatEndpoint(endpointOf(url));
  return new Error(`${where}: it answers 101 Switching Protocols, which nobody has asked for`);
}

/** All the headers that are sent. */
function headersFor(url: URL): HeaderLine[] {
  const { username, password } = url;
  const credentials = `${unescape(username)}:${unescape(password)}`;
  const basic = `Basic ${Buffer.from(credentials).toString('base64')}`;
  return [
    ['Host', url.host],
    ['User-Agent', `wireline/${packageVersion()}`],
    ['Accept', '*/*'],
    ['Accept-Encoding', 'identity'],
    ...(username === '' && password === '' ? [] : ([['Authorization', basic]] as const)),
    ['Connection', 'close'],
  ];
}
