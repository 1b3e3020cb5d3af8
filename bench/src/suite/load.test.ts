/** The load client in C against servers of `node:net`: it must load as it says, and notice what is wrong. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { beforeAll, expect, test } from 'vitest';
import { compile } from '../compile.ts';
import { Program } from '../program.ts';
import type { LoadReport } from './load-client.ts';

const REQUEST = 'ping';
const ANSWER = 'answer';

/** Long enough for some hundred requests, on a slow machine too. */
const SECONDS = '0.05';

let load: string;

beforeAll(async () => {
  load = await compile('bench/load/load.c');
});

/** A server, and what came of its connections. */
class Peer implements AsyncDisposable {
  readonly #server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
  readonly #respond: (socket: Socket, requests: number) => void;
  connections = 0;
  /** How its connections ended. */
  ends = 0;
  resets = 0;
  requests = 0;
  /** How often requests came. */
  chunks = 0;

  constructor(respond: (socket: Socket, requests: number) => void) {
    this.#respond = respond;
  }

  /** Runs the load client in a mode: connections, depth. */
  async load(...mode: readonly [string, string, string]): Promise<Program> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    // A server that listens at a port has such an address.
    const { port } = this.#server.address() as AddressInfo;
    const [name, connections, depth] = mode;
    const bytes = [REQUEST, ANSWER].map((text) => Buffer.from(text).toString('hex'));
    return Program.start('load', [load, name, String(port), connections, depth, SECONDS, ...bytes]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    this.connections += 1;
    let begun = 0;
    socket.on('data', (chunk) => {
      begun += chunk.length;
      const requests = Math.floor(begun / REQUEST.length);
      begun %= REQUEST.length;
      this.requests += requests;
      this.chunks += 1;
      this.#respond(socket, requests);
    });
    socket.on('end', () => {
      this.ends += 1;
    });
    socket.on('error', () => {
      this.resets += 1;
    });
  }
}

function answerAll(socket: Socket, requests: number): void {
  socket.write(ANSWER.repeat(requests));
}

async function reportOf(program: Program): Promise<LoadReport> {
  return JSON.parse(await program.result()) as LoadReport; // printed by our own program
}

test('keep-alive: counts what was answered, on as many connections as were asked for', async () => {
  await using peer = new Peer(answerAll);
  const report = await reportOf(await peer.load('keep-alive', '3', '4'));
  expect(report.requests).toBe(peer.requests);
  expect(report.requests).toBeGreaterThan(12);
  expect(peer).toMatchObject({ connections: 3, resets: 0 });
  expect(peer.requests / peer.chunks).toBe(4); // few bytes, sent at once, come at once
  expect(report.seconds).toBeGreaterThan(Number(SECONDS));
  expect(report.p50).toBeGreaterThan(0);
  expect(report.p50).toBeLessThanOrEqual(report.p99);
  expect(report.p99).toBeLessThanOrEqual(report.max);
});

test('keep-alive: answers that come in pieces are counted once', async () => {
  await using peer = new Peer((socket) => {
    socket.write(ANSWER.slice(0, 2));
    setImmediate(() => socket.write(ANSWER.slice(2)));
  });
  const report = await reportOf(await peer.load('keep-alive', '1', '1'));
  expect(report.requests).toBe(peer.requests);
});

test('connect: a connection for each request, which the client ends and does not reset', async () => {
  await using peer = new Peer(answerAll);
  const report = await reportOf(await peer.load('connect', '5', '1'));
  expect(report.requests).toBeGreaterThan(5);
  expect(peer).toMatchObject({
    connections: report.requests,
    requests: report.requests,
    resets: 0,
  });
});

test('idle: asks once on each connection, and holds them until it is told', async () => {
  await using peer = new Peer(answerAll);
  const program = await peer.load('idle', '200', '1');
  await program.says(/"requests": 200,/);
  expect(peer).toMatchObject({ connections: 200, requests: 200, ends: 0, resets: 0 });
  program.endInput();
  await program.result();
});

test.each([
  ['a wrong byte', (socket: Socket) => socket.write('anSwer'), 'its bytes are not'],
  [
    'an answer too many',
    (socket: Socket) => socket.write(ANSWER + ANSWER),
    'more answers than requests',
  ],
  ['half an answer', (socket: Socket) => socket.end('ans'), 'the server closed the connection'],
  ['a reset', (socket: Socket) => socket.resetAndDestroy(), 'Connection reset by peer'],
])('%s fails the run', async (_, respond, reason) => {
  await using peer = new Peer(respond);
  const program = await peer.load('keep-alive', '1', '1');
  await expect(program.result()).rejects.toThrow(reason);
});

test('a server that closes an idle connection fails the run', async () => {
  await using peer = new Peer((socket) => socket.end(ANSWER));
  const program = await peer.load('idle', '1', '1');
  await expect(program.result()).rejects.toThrow('the server did something to an idle connection');
});
