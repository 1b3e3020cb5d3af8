/** The checks: a server that says the wrong thing, in whichever protocol, is not measured. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Exchange, Expectation } from '../../suite/exchange.ts';
import { HTTP } from './http.ts';
import { WEBSOCKET } from './websocket.ts';
import { WIRELINE } from './wireline.ts';
import { ZMTP } from './zmtp.ts';

const RIGHT = '{"result":"Follow the white rabbit. \u{1F430}"}';
const WRONG = '{"result":"Follow the white rabbit."}';

/** Writes an answer with some content. */
type Write = (content: string, count: number) => string | Buffer;

/** Checks a server that greets, and answers each request in turn. */
async function check(
  exchange: Exchange,
  options: {
    readonly welcome?: string | Buffer;
    readonly write: (count: number) => string | Buffer;
  },
): Promise<Expectation> {
  const server = createServer((socket) => serve(socket));
  const serve = (socket: Socket): void => {
    let left = exchange.hello?.length ?? 0;
    let answered = 0;
    let bytes = 0;
    if (options.welcome !== undefined) socket.write(options.welcome);
    socket.on('data', (chunk) => {
      const greeting = Math.min(left, chunk.length);
      left -= greeting;
      bytes += chunk.length - greeting;
      while (answered < Math.floor(bytes / exchange.request.length)) {
        answered += 1;
        socket.write(options.write(answered));
      }
    });
    socket.on('error', () => {});
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    // A server that listens at a port has such an address.
    return await exchange.check((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

function writeWireline(content: string): string {
  const header = `{"byteorder":"big","content-type":"text/json","content-encoding":"utf-8","content-length":${Buffer.byteLength(content)}}`;
  return `\0${String.fromCharCode(header.length)}${header}${content}`;
}

function writeHttp(content: string, count: number): string {
  return `HTTP/1.1 200 OK\r\nDate: Sat, 01 Jan 2000 00:00:0${count} GMT\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(content)}\r\n\r\n${content}`;
}

const HANDSHAKE =
  'HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n';

function writeWebSocket(content: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, Buffer.byteLength(content)]), Buffer.from(content)]);
}

const GREETING = Buffer.concat([Buffer.alloc(64), Buffer.from('\x04\x06\x05READY', 'latin1')]);

function writeZmtp(content: string): Buffer {
  const head = Buffer.from([1, 0, 0, Buffer.byteLength(content)]);
  return Buffer.concat([head, Buffer.from(content)]);
}

/** A protocol, and how a server of it speaks. */
interface Protocol {
  readonly name: string;
  readonly exchange: Exchange;
  readonly welcome?: string | Buffer;
  readonly write: Write;
}

const PROTOCOLS: readonly Protocol[] = [
  { name: 'wireline', exchange: WIRELINE, write: writeWireline },
  { name: 'HTTP', exchange: HTTP, write: writeHttp },
  { name: 'WebSockets', exchange: WEBSOCKET, welcome: HANDSHAKE, write: writeWebSocket },
  { name: 'ZMTP', exchange: ZMTP, welcome: GREETING, write: writeZmtp },
];

describe.each(PROTOCOLS)('$name', ({ exchange, welcome, write }) => {
  const greeting = welcome === undefined ? {} : { welcome };

  test('a right answer passes, and is what is expected from then on', async () => {
    const expected = await check(exchange, { ...greeting, write: (count) => write(RIGHT, count) });
    expect(expected.answer).toEqual(Buffer.from(write(RIGHT, 1)));
    expect(expected.welcome?.toString()).toBe(welcome?.toString());
  });

  test('another result does not', async () => {
    const running = check(exchange, { ...greeting, write: (count) => write(WRONG, count) });
    await expect(running).rejects.toThrow('check the answers: they are {"result"');
  });

  test('answers that differ do not', async () => {
    const mixed = (count: number): string | Buffer => write(count < 3 ? RIGHT : ` ${RIGHT}`, count);
    await expect(check(exchange, { ...greeting, write: mixed })).rejects.toThrow('they differ');
  });
});

test('the date of an answer is what may be any', async () => {
  const { answer, varies } = await check(HTTP, { write: (count) => writeHttp(RIGHT, count) });
  expect(answer.subarray(...(varies ?? [0, 0])).toString()).toBe('Sat, 01 Jan 2000 00:00:01 GMT');
});

test('a handshake for another key does not pass', async () => {
  const welcome = HANDSHAKE.replace('s3p', 'S3P');
  const running = check(WEBSOCKET, { welcome, write: () => writeWebSocket(RIGHT) });
  await expect(running).rejects.toThrow("check the answers: the handshake's is");
});
