/** The calls that the load client makes, against `node:http2`: what arrives is what a client of gRPC sends. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { beforeAll, expect, test } from 'vitest';
import { compile } from '../../compile.ts';
import { Program } from '../../program.ts';
import type { LoadReport } from '../../suite/load-client.ts';
import { GRPC } from './grpc.ts';

const ANSWER = Buffer.from('answer');

/** Long enough for some hundred requests, and on the slowest machine for more than the first ones. */
const SECONDS = '0.2';

let load: string;

beforeAll(async () => {
  load = await compile('bench/load/load.c');
});

/** What came on a stream of a server. */
interface Call {
  readonly stream: number;
  readonly headers: IncomingHttpHeaders;
  readonly content: string;
}

/** Runs the load client against a server that responds so, and resolves to its report and the calls. */
async function run(
  mode: readonly [name: string, connections: string, depth: string],
  respond: (stream: ServerHttp2Stream) => void,
): Promise<{ report: LoadReport; calls: readonly Call[] }> {
  const calls: Call[] = [];
  const server = createServer();
  server.on('stream', (stream, headers) => {
    let content = '';
    stream.setEncoding('latin1');
    stream.on('data', (text: string) => {
      content += text;
    });
    stream.on('end', () => {
      calls.push({ stream: stream.id ?? 0, headers, content });
      respond(stream);
    });
    stream.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    // A server that listens at a port has such an address.
    const { port } = server.address() as AddressInfo;
    const [name, connections, depth] = mode;
    const { hello, first, request } = GRPC;
    const hex = (bytes: Buffer | undefined): string => bytes?.toString('hex') ?? '';
    const messages = [hex(request), hex(ANSWER), `hello=${hex(hello)}`, `first=${hex(first)}`];
    const numbers = [name, String(port), connections, depth, SECONDS];
    const command = [load, ...numbers, ...messages, 'frames=http2'];
    const program = await Program.start('load', command);
    const report = JSON.parse(await program.result()) as LoadReport; // printed by our own program
    return { report, calls };
  } finally {
    server.close();
  }
}

/** Answers as a server of gRPC does: the status stands in the trailers. */
function answer(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200 }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(ANSWER);
}

test.each([
  ['keep-alive', '2', '4'],
  ['connect', '2', '1'],
] as const)('%s: all calls have their headers and their content', async (...mode) => {
  const { report, calls } = await run(mode, answer);
  expect(calls.length).toBe(report.requests);
  expect(calls.length).toBeGreaterThan(1);
  for (const { headers, content } of calls) {
    expect(headers).toMatchObject({
      ':method': 'POST',
      ':scheme': 'http',
      ':path': '/search.Search/Search',
      te: 'trailers',
      'content-type': 'application/grpc',
    });
    expect(content).toContain('{"action": "search", "value": "morpheus"}');
  }
});

test('each call has a stream of its own', async () => {
  const { calls } = await run(['keep-alive', '1', '4'], answer);
  expect(calls.map(({ stream }) => stream)).toEqual(calls.map((_, index) => 2 * index + 1));
});

test.each([
  ['other content', (stream: ServerHttp2Stream) => stream.end('anSwer'), 'its bytes are not those'],
  [
    'no content',
    (stream: ServerHttp2Stream) => stream.respond({ ':status': 200 }, { endStream: true }),
    'ended without its content',
  ],
  ['a reset', (stream: ServerHttp2Stream) => stream.close(2), 'a stream was reset'],
])('%s fails the run', async (_, respond, reason) => {
  await expect(run(['keep-alive', '1', '1'], respond)).rejects.toThrow(reason);
});
