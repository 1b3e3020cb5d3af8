/** multiconn-server and multiconn-client: with each other, with Python's selectors, and with peers that misbehave. */
import { describe, expect, test } from 'vitest';
import { descriptorLimit } from '@wireline/socket';
import { Program } from '../support/program.ts';
import { freePort, HAS_IPV6, listen, run, start } from './example.ts';
import { Talker } from './talker.ts';

const HOSTS = ['127.0.0.1', 'localhost', ...(HAS_IPV6 ? ['::1'] : [])];
const PYTHON = 'test/examples/multiconn.py';

/** What one connection of multiconn-client sends, in bytes. */
const SIZE = 49;

/** The last line of the client. */
function summary(count: number): RegExp {
  const bytes = count * SIZE;
  return new RegExp(
    `^${count} connections sent ${bytes} bytes and received as many in [0-9.]+ s\\n$`,
  );
}

/** Ends a server with Ctrl-C, and returns its last line. */
async function interrupt(server: Program): Promise<string | undefined> {
  server.signal('SIGINT');
  const { code, stdout, stderr } = await server.exited();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trimEnd().split('\n').at(-1);
}

describe('both of them', () => {
  test.each(HOSTS)('one connection, step by step, on %s', async (host) => {
    await using server = start('multiconn-server', host, '0');
    const port = String(await server.port());
    const { code, stdout, stderr } = await run('multiconn-client', host, port, '1');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^starting connection 1 to \S+\nsending 26 bytes over connection 1\n/);
    expect(stdout).toContain('\nsending 23 bytes over connection 1\n');
    expect(stdout.match(/sending/g)).toHaveLength(2);
    expect(stdout).toMatch(/\nreceived \d+ bytes over connection 1\n/);
    expect(stdout).toContain('\nclosing connection 1: 49 bytes came back\n');
    expect(stdout.slice(stdout.indexOf('1 connections'))).toMatch(summary(1));

    await server.says(/closing connection to (\S+): 49 bytes\n/);
    const peer = String.raw`(127\.0\.0\.1|\[::1\]):\d+`;
    expect(server.output.stdout).toMatch(new RegExp(`accepted connection from ${peer}\n`));
    expect(server.output.stdout).toMatch(new RegExp(`echoing \\d+ bytes to ${peer}\n`));
  });

  test('two connections unless told', async () => {
    await using server = start('multiconn-server', '127.0.0.1', '0');
    const port = String(await server.port());
    const { stdout } = await run('multiconn-client', '127.0.0.1', port);
    for (const id of [1, 2]) expect(stdout).toContain(`closing connection ${id}: 49 bytes`);
    expect(await interrupt(server)).toBe('echoed 98 bytes to 2 connections, at most 2 at a time');
  });

  test('a hundred at once, and nobody prints a line for each', async () => {
    await using server = start('multiconn-server', '127.0.0.1', '0');
    const port = String(await server.port());
    const { code, stdout, stderr } = await run('multiconn-client', '127.0.0.1', port, '100');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(summary(100));
    expect(await interrupt(server)).toBe(
      'echoed 4900 bytes to 100 connections, at most 100 at a time',
    );
    expect(server.output.stdout.match(/accepted connection/g)).toHaveLength(20);
  });

  const MANY = 10_000;
  const limit = descriptorLimit();
  const isSkipped = limit < MANY + 100;
  const note = isSkipped ? ` (skipped: a process may have ${limit} descriptors here)` : '';
  test.skipIf(isSkipped)(`ten thousand at once${note}`, async () => {
    await using server = start('multiconn-server', '127.0.0.1', '0');
    const port = String(await server.port());
    const { code, stdout, stderr } = await run('multiconn-client', '127.0.0.1', port, `${MANY}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(summary(MANY));
    expect(await interrupt(server)).toBe(
      `echoed ${MANY * SIZE} bytes to ${MANY} connections, at most ${MANY} at a time`,
    );
  });
});

describe('multiconn-server', () => {
  test.each([1, 100])('echoes every byte to %i connections of Python', async (count) => {
    await using server = start('multiconn-server', '127.0.0.1', '0');
    const port = String(await server.port());
    await using client = Program.run('python3', PYTHON, 'client', '127.0.0.1', port, `${count}`);
    const bytes = 5146 * count;
    expect(await client.exited()).toMatchObject({
      code: 0,
      stdout: `received ${bytes} bytes over ${count} connections\n`,
    });
    expect(await interrupt(server)).toMatch(`echoed ${bytes} bytes to ${count} connections`);
  });

  test('who reads late gets every byte', async () => {
    await using server = start('multiconn-server', '127.0.0.1', '0');
    const port = String(await server.port());
    const size = 32 * 1024 * 1024; // more than all buffers on the way hold
    await using client = Program.run('python3', PYTHON, 'late', '127.0.0.1', port, `${size}`);
    const { code, stdout } = await client.exited();
    expect({ code, stdout }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/^full after \d+ bytes\nreceived 33554432 bytes, as sent\n$/);
    expect(stdout).not.toContain(`full after ${size} bytes`);
  });

  test('a reset, a silent one and one that never reads hurt nobody else', async () => {
    await using server = start('multiconn-server', '127.0.0.1', '0');
    const where = { host: '127.0.0.1', port: await server.port() };
    using lost = await Talker.connect(where);
    using silent = await Talker.connect(where);
    using deaf = await Talker.connect(where);
    deaf.socket.pause();
    deaf.say('x'.repeat(32 * 1024 * 1024)); // more than all buffers on the way hold
    lost.say('a word');
    await lost.hears(/a word/);
    lost.reset();
    await server.says(/closing connection to \S+: ConnectionResetError: recv: reset/);

    using other = await Talker.connect(where);
    other.say('still there?');
    await other.hears(/still there\?/);
    silent.say('yes');
    await silent.hears(/yes/);
    expect(await interrupt(server)).toMatch(/to 4 connections, at most (3|4) at a time$/);
  });

  test('out of descriptors, connections wait until one is closed', async () => {
    // Node has some twenty open itself, and more while it loads.
    const command = 'ulimit -n 128; exec node scripts/example.mjs multiconn-server 127.0.0.1 0';
    await using server = Program.run('sh', '-c', command);
    const where = { host: '127.0.0.1', port: await server.port() };
    const talkers: Talker[] = [];
    try {
      for (let index = 0; index < 150; index++) {
        const talker = await Talker.connect(where);
        talkers.push(talker);
        talker.say(`this is ${index}`);
      }
      await server.says(/accept: ResourceExhaustedError: .*\n/);
      for (const [index, talker] of talkers.entries()) {
        await talker.hears(new RegExp(`^this is ${index}$`));
        talker.socket.end();
      }
    } finally {
      for (const talker of talkers) talker[Symbol.dispose]();
    }
    expect(await interrupt(server)).toMatch(/to 150 connections/);
    // Told at most once for each that was closed, not again and again.
    expect(server.output.stdout.match(/accept: /g)?.length).toBeLessThanOrEqual(150);
  });

  test('a port in use is told in a line', async () => {
    await using peer = await listen(() => {});
    const { code, stdout, stderr } = await run('multiconn-server', '127.0.0.1', `${peer.port}`);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^bind 127\.0\.0\.1:\d+: the address is in use.*\(EADDRINUSE\)\n$/);
  });
});

describe('multiconn-client', () => {
  test.each([1, 100])('%i connections to Python', async (count) => {
    await using server = Program.run('python3', PYTHON, 'server', '127.0.0.1', '0');
    const port = String(await server.port());
    const { code, stdout, stderr } = await run('multiconn-client', '127.0.0.1', port, `${count}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.slice(stdout.indexOf(`${count} connections`))).toMatch(summary(count));
    expect(await interrupt(server)).toBe(
      `echoed ${count * SIZE} bytes, at most ${count} connections at a time`,
    );
  });

  test('no more than a hundred wait for an answer: the backlog may be short', async () => {
    let connected = 0;
    const answers: (() => void)[] = [];
    let askedBy100 = (): void => {};
    const areWaiting = new Promise<void>((resolve) => (askedBy100 = resolve));
    await using peer = await listen((socket) => {
      connected++;
      socket.once('readable', () => {
        answers.push(() => socket.pipe(socket));
        if (answers.length === 100) askedBy100();
        if (answers.length > 100) socket.pipe(socket);
      });
    });
    await using client = start('multiconn-client', '127.0.0.1', `${peer.port}`, '150');
    await areWaiting;
    expect(connected).toBe(100);
    for (const answer of answers.slice(0, 100)) answer();
    const { code, stdout } = await client.exited();
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(summary(150)) });
  });

  test.each(['1', '100'])('nobody there is told in a line, for %s', async (count) => {
    const port = String(await freePort());
    const { code, stderr } = await run('multiconn-client', '127.0.0.1', port, count);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^connect 127\.0\.0\.1:\d+: refused: .*\(ECONNREFUSED\)\n$/);
  });

  test('a server that closes early is told in a line', async () => {
    await using peer = await listen((socket) => socket.end('too short'));
    const { code, stderr } = await run('multiconn-client', '127.0.0.1', `${peer.port}`, '1');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'receive: the server closed after 9 bytes\n',
    });
  });

  test('Ctrl-C ends it while it waits', async () => {
    let heard = (): void => {};
    const waits = new Promise<void>((resolve) => (heard = resolve));
    await using peer = await listen((socket) => socket.once('data', () => heard()));
    await using client = start('multiconn-client', '127.0.0.1', `${peer.port}`, '3');
    await waits;
    client.signal('SIGINT');
    expect(await client.exited()).toMatchObject({ signal: 'SIGINT', stderr: '' });
  });
});
