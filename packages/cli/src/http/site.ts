/**
 * What an `http-server` answers. There is one page, at `/`:
 *
 * | request                        | answer                                               |
 * | ------------------------------ | ---------------------------------------------------- |
 * | GET or HEAD `/`                | 200: the file, or the page about the request         |
 * | its own name, or `/index.html` | 301 to `/`; the latter where there is no file        |
 * | `/favicon.ico`                 | 204: browsers ask for it unasked                     |
 * | any other path                 | 404                                                  |
 * | any other method               | 405                                                  |
 * | HTTP/1.1 without `Host`        | 400, as RFC 9112 has it (3.2)                        |
 */
import { basename } from 'node:path';
import { formatAddress, type Address } from '@wireline/socket';
import type { Exchange } from './exchange.ts';
import { PAGE_HEADERS, requestPage, type Fact } from './html.ts';
import { sendFile } from './page-file.ts';
import { sendStatus } from './status.ts';

/** Answers a request. What it rejects with is a defect of its own: the server answers 500. */
export type Site = (exchange: Exchange) => Promise<void> | void;

/** A site with one page: that file, or what is known about the request. */
export function createSite(file: string | undefined): Site {
  const ownName = file === undefined ? 'index.html' : basename(file);
  return (exchange) => {
    const { method = '', httpVersion, headers } = exchange.request;
    if (httpVersion === '1.1' && headers.host === undefined) {
      const sentence = 'The request has no Host header, which HTTP/1.1 asks for.';
      return sendStatus(exchange, { status: 400, sentence });
    }
    if (method !== 'GET' && method !== 'HEAD') {
      const sentence = 'There is one page here, to be read: use GET.';
      return sendStatus(exchange, { status: 405, sentence, headers: { Allow: 'GET, HEAD' } });
    }
    const path = pathOf(exchange.request.url ?? '/');
    if (path === '/') return file === undefined ? sendFacts(exchange) : sendFile(exchange, file);
    if (path === '/favicon.ico') return exchange.send(204, {});
    if (path === `/${ownName}`) {
      const sentence = 'The page is at /.';
      return sendStatus(exchange, { status: 301, sentence, headers: { Location: '/' } });
    }
    return sendStatus(exchange, { status: 404, sentence: `There is no ${path} here, only /.` });
  };
}

/** The path that is asked for, decoded: of `/a%20b?c` it is `/a b`. A proxy's request has the whole URL. */
function pathOf(target: string): string {
  const [path = ''] = target.replace(/^https?:\/\/[^/?#]*/i, '').split(/[?#]/, 1);
  try {
    return decodeURIComponent(path === '' ? '/' : path);
  } catch {
    return path; // no encoding of anything: it is no path of ours
  }
}

/** The page about the request. */
function sendFacts(exchange: Exchange): void {
  const { method = '', url = '', httpVersion, rawHeaders } = exchange.request;
  const headers: Fact[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    headers.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '']);
  }
  const body = requestPage({
    requestLine: `${method} ${url} HTTP/${httpVersion}`,
    headers,
    connection: connectionFacts(exchange),
  });
  exchange.send(200, PAGE_HEADERS, body);
}

/** The addresses, and how long a segment takes to the browser and back: the kernel measures it all the time. */
function connectionFacts({ peer, socket }: Exchange): Fact[] {
  const local: Address = socket.descriptor.getsockname();
  const addresses: Fact[] = [
    ['from', peer],
    ['to', formatAddress(local)],
  ];
  if (local.family === 'unix') return addresses;
  const { rttMs } = socket.descriptor.tcpInfo();
  return [...addresses, ['round trip', `${rttMs} ms`]];
}
