/**
 * What goes wrong around a socket and must stay there: errors that nobody reads, numbers closed behind its
 * back, loops that end, calls that fail again and again.
 */
import { inspect } from 'node:util';
import {
  BlockingIOError,
  ConnectionRefusedError,
  NotConnectedError,
  SocketClosedError,
  SocketDescriptor,
  SystemError,
  TimeoutError,
} from '@wireline/socket';
import { EventLoop } from '@wireline/socket/event-loop';
import { createServer, Socket } from '@wireline/socket/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FACES } from './face.ts';
import { failureOf } from './failures.ts';
import { acceptedBy, connected, kept, listening } from './sockets.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** An address of loopback where nobody hears datagrams. */
function deafAddress(): { host: string; port: number } {
  using socket = new SocketDescriptor({ type: 'dgram' });
  socket.bind({ family: 'inet', host: '127.0.0.1', port: 0 });
  return { host: '127.0.0.1', port: socket.getsockname().port };
}

describe.each(FACES)('$title', (face) => {
  test('reports of the network that nobody reads do not keep a wait from ending', async () => {
    const socket = kept(new face.Socket({ type: 'dgram' }));
    socket.setsockopt('IP_RECVERR', true);
    await socket.connect(deafAddress());
    await socket.send(bytes('anybody?'));
    socket.setTimeout(50);
    // The error itself first, once; afterwards silence.
    expect(await failureOf(() => socket.recv(10))).toBeInstanceOf(ConnectionRefusedError);
    const cpu = process.cpuUsage();
    expect(await failureOf(() => socket.recv(10))).toBeInstanceOf(TimeoutError);
    const { user, system } = process.cpuUsage(cpu);
    expect(user + system).toBeLessThan(40_000); // a wait that spins takes all of its 50 ms
  });

  test('an empty datagram is no end', async () => {
    const receiver = kept(new face.Socket({ type: 'dgram' }));
    await receiver.bind({ host: '127.0.0.1', port: 0 });
    const sender = kept(new face.Socket({ type: 'dgram' }));
    await sender.connect(receiver.getsockname());
    for (const text of ['a', '', 'b']) await sender.send(bytes(text));
    const received: string[] = [];
    for await (const datagram of receiver.chunks()) {
      received.push(new TextDecoder().decode(datagram));
      if (received.length === 3) break;
    }
    expect(received).toEqual(['a', '', 'b']);
  });

  test('a file whose flush ran out of time goes on where it stopped', async () => {
    const listener = await listening(face);
    const near = await connected(face, listener.getsockname());
    const far = await acceptedBy(listener);
    const sent = Uint8Array.from({ length: 16_000_000 }, (_, index) => index % 251);
    const file = near.makeFile({ bufferSize: sent.length });
    await file.write(sent);
    near.setTimeout(20);
    expect(await failureOf(() => file.flush())).toBeInstanceOf(TimeoutError);
    const received: Uint8Array[] = [];
    const receive = async (): Promise<number> => {
      const chunk = await far.recv(1_000_000);
      return received.push(chunk) && chunk.length;
    };
    let count = await receive();
    near.setBlocking(false);
    while (count < sent.length) {
      const failure = await failureOf(() => file.flush()).catch(() => undefined);
      if (failure !== undefined) expect(failure).toBeInstanceOf(BlockingIOError);
      count += await receive();
    }
    expect(Buffer.concat(received).equals(sent)).toBe(true);
  });

  test('nothing to receive into is received at once', async () => {
    const listener = await listening(face);
    const near = await connected(face, listener.getsockname());
    expect(await near.recv(0)).toEqual(new Uint8Array(0));
    expect(await near.recvInto(new Uint8Array(4), { length: 0 })).toBe(0);
  });

  test.each([undefined, null, 80, '127.0.0.1', ['127.0.0.1', 80], { port: 80 }])(
    '%j is no place to go to',
    async (where) => {
      const place = where as unknown as { host: string; port: number }; // from a caller without types
      const socket = kept(new face.Socket());
      for (const call of [
        () => socket.bind(place),
        () => socket.connect(place),
        () => socket.sendTo(bytes(''), place),
        () => face.createConnection(place),
        () => face.createServer(place),
      ]) {
        const error = await failureOf(call);
        expect(error).toBeInstanceOf(TypeError);
        expect(error).toHaveProperty('message', expect.stringContaining('{ host, port }'));
      }
    },
  );

  test('words that are none', () => {
    const from = (options: object): unknown => new face.Socket(options);
    expect(() => from({ family: 'AF_INET' })).toThrow(
      "use the family 'AF_INET': expected 'inet', 'inet6'",
    );
    expect(() => from({ type: 'SOCK_STREAM' })).toThrow("expected 'stream', 'dgram'");
    const socket = kept(new face.Socket());
    expect(() => socket.shutdown(1 as unknown as 'read')).toThrow(
      "expected 'read', 'write', 'both'",
    );
    expect(() => socket.setTimeout('5' as unknown as number)).toThrow(RangeError);
    expect(() => socket.listen(Number.NaN)).toThrow(TypeError);
    expect(() => socket.setsockopt(Number.NaN, 1, 1)).toThrow(TypeError);
  });

  test('the one option whose length the kernel counts otherwise is not read', () => {
    const socket = kept(new face.Socket());
    expect(() => socket.getsockopt(1, 26)).toThrow(TypeError);
    expect(() => socket.getsockopt(1, 26, 8)).toThrow(/SO_GET_FILTER/);
  });
});

describe('the awaited face', () => {
  /** Counts rounds of Node's loop until `done`. */
  function countRounds(): { readonly rounds: number } {
    const state = { rounds: 0, done: false };
    const next = (): void => {
      state.rounds++;
      if (!state.done) setImmediate(next);
    };
    setImmediate(next);
    onTestFinished(() => void (state.done = true));
    return state;
  }

  test.each([
    ['that fail', (socket: Socket) => socket.recv(1)],
    ['of a busy non-blocking socket', (socket: Socket) => socket.recvInto(new Uint8Array(0))],
  ])('calls %s let the others have their turn', async (_which, call) => {
    const socket = kept(new Socket());
    socket.setBlocking(false);
    const counted = countRounds();
    for (let i = 0; i < 100; i++) await call(socket).catch(() => {});
    expect(counted.rounds).toBeGreaterThan(2);
  });

  test('a receive beside a connect that fails: each has its own error', async () => {
    const closed = kept(new Socket());
    await closed.bind({ host: '127.0.0.1', port: 0 }); // bound, and not listening
    const socket = kept(new Socket());
    const connecting = failureOf(() => socket.connect(closed.getsockname()));
    const receiving = failureOf(() => socket.recv(1));
    expect(await connecting).toBeInstanceOf(ConnectionRefusedError);
    expect(await receiving).toBeInstanceOf(NotConnectedError);
  });

  test('a number that was closed elsewhere: close closes, and what waits hears of it', async () => {
    await using server = await createServer({ host: '127.0.0.1', port: 0 });
    const accepting = failureOf(() => server.accept());
    new SocketDescriptor({ fd: server.fileno() }).close();
    server.close();
    expect(server.closed).toBe(true);
    expect(await accepting).toBeInstanceOf(SocketClosedError);
  });

  test('a loop that is closed: what waits in it fails, and so does what comes later', async () => {
    const loop = new EventLoop();
    const socket = kept(new Socket({ type: 'dgram', loop }));
    await socket.bind({ host: '127.0.0.1', port: 0 });
    const receiving = failureOf(() => socket.recv(1));
    loop.close();
    expect(await receiving).toBeInstanceOf(SocketClosedError);
    expect(await failureOf(() => socket.recv(1))).toHaveProperty(
      'message',
      expect.stringContaining('the event loop is closed'),
    );
  });

  test('closing a file while it flushes waits for that, and sends the rest', async () => {
    await using server = await createServer({ host: '127.0.0.1', port: 0 });
    const near = kept(new Socket());
    await near.connect(server.getsockname());
    const { socket: far } = await server.accept();
    kept(far);
    const file = near.makeFile({ bufferSize: 8_000_000 });
    await file.write(new Uint8Array(6_000_000));
    const flushing = file.flush();
    await file.write(bytes('the end'));
    const closing = file.close();
    let received = 0;
    while (received < 6_000_007) received += (await far.recv(65_536)).length;
    await Promise.all([flushing, closing]);
    expect(received).toBe(6_000_007);
  });

  test('a file can be given up by a signal, and loses nothing', async () => {
    await using server = await createServer({ host: '127.0.0.1', port: 0 });
    const near = kept(new Socket());
    await near.connect(server.getsockname());
    const { socket: far } = await server.accept();
    kept(far);
    const file = near.makeFile();
    await far.sendAll(bytes('half a li'));
    const controller = new AbortController();
    const reading = failureOf(() => file.readLine({ signal: controller.signal }));
    controller.abort(new Error('enough'));
    expect(await reading).toHaveProperty('message', 'enough');
    await far.sendAll(bytes('ne\n'));
    expect(new TextDecoder().decode(await file.readLine())).toBe('half a line\n');
  });
});

test('printed sockets show themselves and nothing of the machinery', () => {
  using socket = new SocketDescriptor();
  expect(inspect(socket)).not.toContain('libc');
  expect(JSON.stringify(socket)).not.toContain('libc');
  expect(inspect(new SystemError('recv', 104))).toContain('ECONNRESET');
});
