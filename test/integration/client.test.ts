/**
 * The client over real sockets, against a server of `node:net` that does what the test says.
 */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { jsonMessage, type Message } from '@wireline/message';
import {
  AnswerError,
  Client,
  ConnectError,
  ConnectionBrokenError,
  ConnectionClosedError,
  RequestTimeoutError,
  TooManyRequestsError,
  type ClientOptions,
} from '@wireline/service';
import { ConnectionRefusedError } from '@wireline/socket';
import type { Clock } from '@wireline/socket/event-loop';
import { ManualClock } from '@wireline/socket/testing';
import { describe, expect, test } from 'vitest';
import { deferred } from '../support/deferred.ts';
import { bytesOf } from '../support/raw-peer.ts';
import { startServer } from '../support/search-server.ts';

/** A server whose every chunk of input is handed to the test. Ends with everything it accepted. */
class OldServer implements AsyncDisposable {
  readonly port: number;
  readonly sockets: Socket[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port; // it listens on TCP
  }

  static async start(onRequest: (socket: Socket, count: number) => void): Promise<OldServer> {
    let count = 0;
    const server = createServer((socket) => {
      it.sockets.push(socket);
      socket.on('error', () => {});
      socket.on('data', () => onRequest(socket, ++count));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const it = new OldServer(server);
    return it;
  }

  /** The connection that was accepted as number `index`, from 0. */
  socket(index: number): Socket {
    const socket = this.sockets[index];
    if (socket === undefined) throw new Error(`no connection ${index} was made`);
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

const hello = jsonMessage({ hello: 1 });

function clientOf(port: number, options: ClientOptions = {}): Client {
  return new Client({ host: '127.0.0.1', port }, options);
}

function valueOf(answer: Message): unknown {
  return answer.kind === 'json' ? answer.value : undefined;
}

/** A message whose content is a list of the same length as the object it was made of. */
function listMessage(): Uint8Array {
  const bytes = Buffer.from(bytesOf(jsonMessage({ a: 1 })));
  bytes.write('[ 1, 2 ]', bytes.length - '{"a": 1}'.length);
  return bytes;
}

describe('requests', () => {
  test('many at once are answered in order over one connection', async () => {
    let opened = 0;
    await using it = await startServer((request) => jsonMessage(valueOf(request) as object), {
      observer: { opened: () => (opened += 1) },
    });
    const client = clientOf(it.port);
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) => client.request(jsonMessage({ n }))),
    );
    expect(answers.map(valueOf)).toEqual(Array.from({ length: 100 }, (_, n) => ({ n })));
    expect(opened).toBe(1);
    client.close();
  });

  test('an error answer rejects with its code', async () => {
    await using it = await startServer();
    await using client = await Client.connect({ host: '127.0.0.1', port: it.port });
    const request = client.request(jsonMessage({ action: 'dance', value: '' }));
    await expect(request).rejects.toThrow(AnswerError);
    await expect(request).rejects.toMatchObject({
      code: 'action-invalid',
      answer: { value: { result: "Error: invalid action 'dance'." } },
    });
  });

  test('one that breaks a limit fails alone; the next goes through', async () => {
    await using it = await startServer();
    await using client = clientOf(it.port, { limits: { maxContentLength: 100 } });
    const tooLarge = client.request(jsonMessage({ action: 'search', value: 'x'.repeat(200) }));
    const fine = client.request(jsonMessage({ action: 'search', value: 'ring' }));
    await expect(tooLarge).rejects.toMatchObject({ code: 'content-too-large' });
    expect(valueOf(await fine)).toMatchObject({ result: expect.stringContaining('Misty') });
  });

  test('only so many may wait', async () => {
    await using old = await OldServer.start(() => {});
    const client = clientOf(old.port, { maxWaiting: 2 });
    const requests = [1, 2].map((n) => client.request(jsonMessage({ n })));
    await expect(client.request(hello)).rejects.toThrow(TooManyRequestsError);
    client.close();
    for (const request of requests) await expect(request).rejects.toThrow(ConnectionClosedError);
  });
});

describe('old servers', () => {
  test('one that closes after each answer gets a new connection for each request', async () => {
    await using old = await OldServer.start((socket, count) => {
      socket.end(bytesOf(jsonMessage({ count })));
    });
    const client = clientOf(old.port);
    for (let count = 1; count <= 30; count++) {
      expect(valueOf(await client.request(hello))).toEqual({ count });
    }
    const queued = await Promise.all(Array.from({ length: 10 }, () => client.request(hello)));
    expect(queued.map(valueOf)).toEqual(Array.from({ length: 10 }, (_, n) => ({ count: 31 + n })));
    expect(old.sockets).toHaveLength(40);
    client.close();
  });

  test('one that stays gets every request on one connection, the first of them after a probation', async () => {
    const clock = new ManualClock();
    const asked: (() => void)[] = [];
    await using old = await OldServer.start((socket, count) => {
      socket.write(bytesOf(jsonMessage({ count })));
      asked.shift()?.();
    });
    const client = clientOf(old.port, { clock });
    expect(valueOf(await client.request(hello))).toEqual({ count: 1 });
    const second = client.request(hello);
    clock.advance(9);
    const early = deferred<string>();
    asked.push(() => early.resolve('sent'));
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    early.resolve('waits');
    expect(await early.promise).toBe('waits');
    clock.advance(1);
    expect(valueOf(await second)).toEqual({ count: 2 });
    expect(valueOf(await client.request(hello))).toEqual({ count: 3 });
    expect(old.sockets).toHaveLength(1);
    client.close();
  });

  test('after an answer that loses the framing, the next request goes over a new connection', async () => {
    let opened = 0;
    await using it = await startServer(undefined, {
      limits: { maxContentLength: 1000 },
      observer: { opened: () => (opened += 1) },
    });
    const client = clientOf(it.port, { limits: { maxContentLength: 10_000 } });
    const search = (value: string) => client.request(jsonMessage({ action: 'search', value }));
    // Two answers, so that the connection is past its probation.
    await search('ring');
    await search('ring');
    await expect(search('x'.repeat(5000))).rejects.toMatchObject({ code: 'content-too-large' });
    expect(valueOf(await search('x'))).toEqual({ result: "No match for 'x'." });
    expect(opened).toBe(2);
    client.close();
  });

  test('an idempotent request is repeated, once, when the connection breaks before its answer', async () => {
    await using old = await OldServer.start((socket, count) => {
      if (count === 1) socket.resetAndDestroy();
      else socket.end(bytesOf(jsonMessage({ count })));
    });
    const client = clientOf(old.port);
    expect(valueOf(await client.request(hello, { idempotent: true }))).toEqual({ count: 2 });
    client.close();
  });

  test('repeating ends after the second failure', async () => {
    await using old = await OldServer.start((socket) => void socket.resetAndDestroy());
    const client = clientOf(old.port);
    const request = client.request(hello, { idempotent: true });
    await expect(request).rejects.toThrow(ConnectionBrokenError);
    expect(old.sockets).toHaveLength(2);
    client.close();
  });

  test('any other request is not repeated', async () => {
    await using old = await OldServer.start((socket) => void socket.end());
    const client = clientOf(old.port);
    await expect(client.request(hello)).rejects.toThrow('closed the connection before it answered');
    expect(old.sockets).toHaveLength(1);
    client.close();
  });
});

describe('bad answers close the connection and fail the request', () => {
  test.each([
    ['rubbish', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'HTTP'],
    ['an answer that is cut', bytesOf(jsonMessage({ a: 1 })).subarray(0, -1), 'short of'],
    ['content that is no object', listMessage(), 'object'],
  ])('%s', async (_name, bytes, words) => {
    await using old = await OldServer.start((socket) => void socket.end(bytes));
    const client = clientOf(old.port);
    const request = client.request(hello);
    await expect(request).rejects.toThrow(ConnectionBrokenError);
    await expect(request).rejects.toThrow(words);
    client.close();
  });

  test('an answer that nobody asked for closes the connection; the next request gets a new one', async () => {
    await using old = await OldServer.start((socket, count) => {
      const answer = bytesOf(jsonMessage({ count }));
      socket.write(count === 1 ? Buffer.concat([answer, answer]) : answer);
    });
    const client = clientOf(old.port);
    expect(valueOf(await client.request(hello))).toEqual({ count: 1 });
    const first = old.socket(0);
    if (!first.closed) await once(first, 'close');
    expect(valueOf(await client.request(hello))).toEqual({ count: 2 });
    client.close();
  });
});

describe('giving up', () => {
  test('a silent server: the request times out, its connection is closed, the next one works', async () => {
    const clock = new ManualClock();
    const asked = deferred();
    await using old = await OldServer.start((socket, count) => {
      if (count === 1) asked.resolve();
      else socket.write(bytesOf(jsonMessage({ count })));
    });
    const client = clientOf(old.port, { clock, requestTimeoutMs: 1000 });
    const slow = client.request(hello);
    const next = client.request(hello);
    await asked.promise;
    clock.advance(999);
    const reset = once(old.socket(0), 'error');
    const late = client.request(hello, { timeoutMs: 10_000 });
    clock.advance(1);
    await expect(slow).rejects.toThrow(RequestTimeoutError);
    await expect(next).rejects.toThrow(RequestTimeoutError); // made at the same moment
    expect(await reset).toMatchObject([{ code: 'ECONNRESET' }]);
    expect(valueOf(await late)).toEqual({ count: 2 });
    client.close();
    expect(clock.pending).toBe(0);
  });

  test('a signal gives up a request that waits, one that is under way, and one not yet made', async () => {
    const asked = deferred();
    await using old = await OldServer.start(() => asked.resolve());
    const client = clientOf(old.port);
    const controllers = [new AbortController(), new AbortController()] as const;
    const first = client.request(hello, { signal: controllers[0].signal });
    const second = client.request(hello, { signal: controllers[1].signal });
    await asked.promise;
    controllers[1].abort(new Error('enough of the second'));
    await expect(second).rejects.toThrow('enough of the second');
    controllers[0].abort(new Error('enough of the first'));
    await expect(first).rejects.toThrow('enough of the first');
    const third = client.request(hello, { signal: controllers[0].signal });
    await expect(third).rejects.toThrow('enough of the first');
    client.close();
  });

  test('a closed client fails what waits and takes nothing more', async () => {
    const asked = deferred();
    await using old = await OldServer.start(() => asked.resolve());
    const client = clientOf(old.port);
    const request = client.request(hello);
    await asked.promise;
    client.close();
    client.close();
    await expect(request).rejects.toThrow(ConnectionClosedError);
    await expect(client.request(hello)).rejects.toThrow(ConnectionClosedError);
  });

  test('closing in the very moment in which the connection stands leaves none behind', async () => {
    await using it = await startServer();
    const timers = new ManualClock();
    let ended = 0;
    // A connect that is decided cancels its timer, and hands its socket on some promise jobs later.
    const clock: Clock = {
      now: () => timers.now(),
      after: (ms, callback) => {
        const timer = timers.after(ms, callback);
        return {
          restart: () => timer.restart(),
          cancel: () => {
            timer.cancel();
            // The first wait that ends is for the name, the second for the connection.
            if (++ended === 2) queueMicrotask(() => client.close());
          },
        };
      },
    };
    const client = clientOf(it.port, { clock });
    await expect(client.request(hello)).rejects.toThrow(ConnectionClosedError);
    await it.ended(1);
    expect(it.server.connectionCount).toBe(0);
    expect(timers.pending).toBe(0);
  });

  test('closing while connecting leaves no connection behind', async () => {
    await using it = await startServer();
    const client = clientOf(it.port);
    const request = client.request(hello);
    client.close();
    await expect(request).rejects.toThrow(ConnectionClosedError);
    // Whatever was under way has ended by the time another connection was served.
    await using other = await Client.connect({ host: '127.0.0.1', port: it.port });
    await other.request(jsonMessage({ action: 'search', value: 'ring' }));
    while (it.server.connectionCount > 1) await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('connecting', () => {
  test('to a port where nothing listens: the error says so and holds the attempts', async () => {
    const old = await OldServer.start(() => {});
    const { port } = old;
    await old[Symbol.asyncDispose]();
    const attempt = Client.connect({ host: '127.0.0.1', port });
    await expect(attempt).rejects.toThrow(ConnectError);
    await expect(attempt).rejects.toThrow(`127.0.0.1:${port}: refused: nothing listens there`);
    await expect(attempt).rejects.toMatchObject({
      code: 'connect-failed',
      failures: [expect.any(ConnectionRefusedError)],
    });
  });

  test('by a name with several addresses tries one after the other', async () => {
    await using it = await startServer();
    // On most machines localhost is ::1 first, where this server does not listen.
    await using client = await Client.connect({ host: 'localhost', port: it.port });
    const answer = await client.request(jsonMessage({ action: 'search', value: 'ring' }));
    expect(answer.kind).toBe('json');
  });
});
