/**
 * What `docs/coming-from-net-socket.md` shows of `node:net`: that the classic mistakes are mistakes. What it shows in
 * their place are examples, which are run over both transports here.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Program } from '../support/program.ts';

/** Listens until the test is over, and returns the port. */
async function listen(server: Server): Promise<number> {
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // it listens at an address, not at a path
  return port;
}

/** Connects until the test is over. */
async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

describe('the classic mistakes', () => {
  test('a chunk is no message', async () => {
    const failures: unknown[] = [];
    const handle = (request: unknown): unknown => request;
    // #region chunks
    const server = createServer((socket) => {
      socket.on('data', (data) => {
        const request: unknown = JSON.parse(data.toString());
        socket.write(JSON.stringify(handle(request)));
      });
    });
    // #endregion chunks
    const failed = new Promise<void>((resolve) => {
      server.on('connection', (socket) => {
        const [listener] = socket.listeners('data');
        socket.removeAllListeners('data');
        socket.on('data', (data) => {
          try {
            listener?.(data);
          } catch (error) {
            failures.push(error);
            resolve();
          }
        });
      });
    });
    const client = await connected(await listen(server));
    client.write('{"a": 1}{"b": 2}');
    await failed;
    expect(failures).toEqual([expect.any(SyntaxError)]);
  });

  test('what write returns is to be looked at', async () => {
    const rows = 4000;
    const row = 'x'.repeat(16 * 1024);
    // #region drain
    const server = createServer((socket) => {
      for (let n = 0; n < rows; n++) socket.write(row); // false, false, false...
    });
    // #endregion drain
    const port = await listen(server);
    const accepted = once(server, 'connection') as Promise<[Socket]>; // what the event carries
    const client = await connected(port);
    client.pause();
    const [socket] = await accepted;
    // All that the kernel did not take waits in this process.
    expect(socket.writableLength).toBeGreaterThan(32 * 1024 * 1024);
  });

  test('an error without a listener ends the process', async () => {
    const script = `
      const net = require('node:net');
      const server = net.createServer((socket) => socket.resume());
      server.listen(0, '127.0.0.1', () => {
        const client = net.connect(server.address().port, '127.0.0.1');
        client.on('connect', () => client.resetAndDestroy());
      });`;
    await using program = Program.run(process.execPath, '-e', script);
    const { code, stderr } = await program.exited();
    expect(code).toBe(1);
    expect(stderr).toContain('ECONNRESET');
  });

  test('a time-out that ends nothing, and a close that waits for everybody', async () => {
    const notes: string[] = [];
    const note = (text: string): number => notes.push(text);
    const server = createServer((socket) => {
      // #region timeout
      socket.setTimeout(10, () => note('too slow')); // a note, and the socket stays open
      // #endregion timeout
    });
    const port = await listen(server);
    const accepted = once(server, 'connection') as Promise<[Socket]>; // what the event carries
    const client = await connected(port);
    const [socket] = await accepted;
    await once(socket, 'timeout');
    expect(notes).toEqual(['too slow']);
    expect(socket.destroyed).toBe(false);

    let hasClosed = false;
    server.close(() => (hasClosed = true));
    client.write('still here');
    await once(socket.resume(), 'data');
    expect(hasClosed).toBe(false);
    client.destroy();
    await once(server, 'close');
    expect(hasClosed).toBe(true);
  });
});

/** What the services among the examples print to standard output, whatever carries them. */
const SERVICES = [
  'typed-service',
  'streamed-answer',
  'upload',
  'deadline-and-cancel',
  'reconnecting-client',
];

test.each(SERVICES)('%s does the same over native sockets and over node:net', async (name) => {
  const runs = ['native', 'node'].map(async (transport) => {
    const command = ['env', `WIRELINE_TRANSPORT=${transport}`, process.execPath] as const;
    await using program = Program.run(...command, 'scripts/example.mjs', name);
    return await program.exited();
  });
  const [native, node] = await Promise.all(runs);
  expect(native).toMatchObject({ code: 0, stderr: '' });
  expect(node).toEqual(native);
});
