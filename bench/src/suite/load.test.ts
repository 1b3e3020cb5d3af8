/** The load client in C against servers of `node:net`: it must load as it says, and notice what is wrong. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
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
  readonly #server: Server;
  readonly #respond: (socket: Socket, requests: number) => void;
  connections = 0;
  /** How its connections ended. */
  ends = 0;
  resets = 0;
  requests = 0;
  /** How often requests came. */
  chunks = 0;

  /** @param serve what is done with a connection, if more than to respond */
  constructor(
    respond: (socket: Socket, requests: number) => void,
    serve: (socket: Socket) => void = (socket) => this.#serve(socket),
  ) {
    this.#respond = respond;
    this.#server = createServer({ noDelay: true }, serve);
  }

  /** Runs the load client with two requests at a time, for another answer, in hex. */
  async loadFor(answer: string): Promise<Program> {
    return this.#start(['keep-alive', '1', '2'], [hex(REQUEST), answer]);
  }

  /** Runs the load client in a mode: connections, depth, and options, whose values are text. */
  async load(
    ...mode: readonly [string, string, string, ...(readonly [name: string, value: string])[]]
  ): Promise<Program> {
    const [name, connections, depth, ...options] = mode;
    return this.#start(
      [name, connections, depth],
      [
        ...[REQUEST, ANSWER].map(hex),
        ...options.map(([option, value]) => `${option}=${hex(value)}`),
      ],
    );
  }

  async #start(
    [name, connections, depth]: readonly [string, string, string],
    bytes: readonly string[],
  ): Promise<Program> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    // A server that listens at a port has such an address.
    const { port } = this.#server.address() as AddressInfo;
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

function hex(text: string): string {
  return Buffer.from(text).toString('hex');
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

describe('what a protocol has besides requests and answers:', () => {
  /** Collects what one connection sends, and welcomes it behind `hello`. */
  class Host {
    text = '';
    /** Whether anything came before the welcome had left. */
    wasEarly = false;
    readonly #welcome: string;

    constructor(welcome: string) {
      this.#welcome = welcome;
    }

    serve(socket: Socket): void {
      socket.on('data', (chunk) => {
        const known = this.text.length;
        this.text += chunk.toString();
        if (known === 0 && this.#welcome !== '') {
          this.wasEarly = this.text !== 'hello';
          // In two pieces, since they may come so.
          socket.write(this.#welcome.slice(0, 3));
          setImmediate(() => socket.write(this.#welcome.slice(3)));
          return;
        }
        const asked = /ping|open/g;
        const count = (text: string): number => text.match(asked)?.length ?? 0;
        socket.write(ANSWER.repeat(count(this.text) - count(this.text.slice(0, known))));
      });
      socket.on('error', () => socket.destroy());
    }
  }

  async function run(
    host: Host,
    ...mode: Parameters<Peer['load']>
  ): Promise<{ report: LoadReport; text: string }> {
    await using peer = new Peer(
      () => {},
      (socket) => host.serve(socket),
    );
    return { report: await reportOf(await peer.load(...mode)), text: host.text };
  }

  test('hello is sent, and its welcome awaited before the first request', async () => {
    const host = new Host('welcome');
    const hello = [['hello', 'hello'] as const, ['welcome', 'welcome'] as const];
    const { report, text } = await run(host, 'keep-alive', '1', '4', ...hello);
    expect(host.wasEarly).toBe(false);
    expect(text).toBe(`hello${REQUEST.repeat(report.requests)}`);
  });

  test('hello without a welcome goes with the first requests', async () => {
    const { report, text } = await run(new Host(''), 'keep-alive', '1', '4', ['hello', 'hello']);
    expect(text).toBe(`hello${REQUEST.repeat(report.requests)}`);
  });

  test('the first request of a connection may be another one', async () => {
    const { report, text } = await run(new Host(''), 'keep-alive', '1', '4', ['first', 'open']);
    expect(text).toBe(`open${REQUEST.repeat(report.requests - 1)}`);
  });

  test('each connection has its own beginning', async () => {
    const options = [['hello', 'hello'] as const, ['first', 'open'] as const];
    const { report, text } = await run(new Host(''), 'connect', '1', '1', ...options);
    expect(text).toBe('helloopen'.repeat(report.requests));
  });

  test('another welcome fails the run', async () => {
    const running = run(
      new Host('go away'),
      'keep-alive',
      '1',
      '1',
      ['hello', 'hello'],
      ['welcome', 'welcome'],
    );
    await expect(running).rejects.toThrow('read the welcome: its bytes are not');
  });
});

describe('an answer with bytes that may be any', () => {
  const answer = `${hex('a')}..${hex('sw')}..${hex('r')}`;

  test('is right whatever they are', async () => {
    let count = 0;
    await using peer = new Peer((socket, requests) => {
      for (let i = 0; i < requests; i++) socket.write(`a${++count % 10}sw${count % 7}r`);
    });
    expect((await reportOf(await peer.loadFor(answer))).requests).toBe(peer.requests);
  });

  test('is wrong where another byte is', async () => {
    let count = 0;
    await using peer = new Peer((socket, requests) => {
      for (let i = 0; i < requests; i++) socket.write(++count === 1 ? 'a1sw2r' : 'a1sW2r');
    });
    await expect((await peer.loadFor(answer)).result()).rejects.toThrow('its bytes are not');
  });
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
