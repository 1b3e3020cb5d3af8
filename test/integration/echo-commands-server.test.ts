/**
 * `wireline echo-server` as it is built, with clients that are not ours.
 */
import { once } from 'node:events';
import { existsSync, lstatSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { exchange, HAS_IPV6, listen } from '../examples/example.ts';
import { Program, type Outcome } from '../support/program.ts';

function serve(...args: readonly string[]): Program {
  return Program.wireline('echo-server', ...args);
}

async function run(...args: readonly string[]): Promise<Outcome> {
  await using program = serve(...args);
  return await program.exited();
}

/** A folder that goes with the test. */
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'wireline-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

/** Connects with Node, and keeps what comes back; `closed` resolves to the error that it ended with, if any. */
async function client(port: number): Promise<{
  socket: Socket;
  chunks: Buffer[];
  closed: Promise<Error | undefined>;
}> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  const chunks: Buffer[] = [];
  let failure: Error | undefined;
  socket.on('error', (error) => (failure = error)).on('data', (chunk) => chunks.push(chunk));
  socket.on('end', () => socket.end());
  const closed = new Promise<Error | undefined>((resolve) =>
    socket.once('close', () => resolve(failure)),
  );
  await once(socket, 'connect');
  return { socket, chunks, closed };
}

/** Connects, writes more than all buffers between here and there hold, and reads nothing. */
async function stuckClient(port: number): ReturnType<typeof client> {
  const stuck = await client(port);
  stuck.socket.pause().write(Buffer.alloc(64 * 1024 * 1024));
  return stuck;
}

/** Sends all bytes there are, half-closes, and prints what comes back until the end. */
const PYTHON_CLIENT = `
import socket, sys
family, where = (socket.AF_UNIX, sys.argv[1]) if len(sys.argv) == 2 else (socket.AF_INET, (sys.argv[1], int(sys.argv[2])))
with socket.socket(family) as s:
    s.connect(where)
    s.sendall(bytes(range(256)))
    s.shutdown(socket.SHUT_WR)
    print(s.makefile('rb').read().hex())
`;

/** Sends until nobody takes any more, and reads when it is told to. */
const PYTHON_STUFFER = `
import socket, sys
with socket.socket(socket.AF_UNIX) as s:
    s.connect(sys.argv[1])
    s.settimeout(0.5)
    count = 0
    try:
        while True:
            count += s.send(bytes(10000))
    except TimeoutError:
        print('stuffed', count, flush=True)
    sys.stdin.readline()
    s.settimeout(None)
    print('read', len(s.makefile('rb').read()))
`;

/** Runs a command in a terminal, and passes on what it prints; standard input goes to the terminal. */
const IN_TERMINAL = `
import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))
`;

describe('it echoes', () => {
  test('each client alone, and tells who came and how many bytes went', async () => {
    await using server = serve('127.0.0.1', '0');
    const port = await server.port();
    for (const text of ['Hello, world', '', 'x']) {
      expect(String(await exchange('127.0.0.1', port, Buffer.from(text)))).toBe(text);
    }
    await server.says(/echoed 1 byte to/);
    server.signal('SIGINT');
    const { code, stdout, stderr } = await server.exited();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replaceAll(/127\.0\.0\.1:\d+/g, 'ADDRESS')).toBe(
      `listening on ADDRESS
connected by ADDRESS
echoed 12 bytes to ADDRESS
connected by ADDRESS
echoed 0 bytes to ADDRESS
connected by ADDRESS
echoed 1 byte to ADDRESS
stopping
stopped (3 connections, 13 bytes echoed)
`,
    );
  });

  test.each([
    [[], 'Hello'],
    [['--reverse'], 'olleH'],
  ])('with %j in this order', async (options, answer) => {
    await using server = serve('127.0.0.1', '0', ...options);
    const echoed = await exchange('127.0.0.1', await server.port(), Buffer.from('Hello'));
    expect(String(echoed)).toBe(answer);
  });

  test('every byte comes back to Python; a mebibyte of them to Node', async () => {
    await using server = serve('127.0.0.1', '0');
    const port = await server.port();
    await using python = Program.run('python3', '-c', PYTHON_CLIENT, '127.0.0.1', String(port));
    const all = Buffer.from(Uint8Array.from({ length: 256 }, (_, index) => index));
    expect((await python.exited()).stdout.trim()).toBe(all.toString('hex'));
    const many = Buffer.alloc(2 ** 20, all);
    const echoed = await exchange('127.0.0.1', port, many);
    expect(echoed.equals(many)).toBe(true); // toEqual takes seconds for a mebibyte
  });

  test('netcat, which half-closes at the end of its input', async () => {
    await using server = serve('127.0.0.1', '0');
    const command = `printf 'a\\nb' | nc -N 127.0.0.1 ${await server.port()}`;
    await using shell = Program.run('sh', '-c', command);
    expect(await shell.exited()).toMatchObject({ code: 0, stdout: 'a\nb' });
    await server.says(/echoed 3 bytes/);
  });

  test('--quiet has no line per connection', async () => {
    await using server = serve('127.0.0.1', '0', '--quiet');
    await exchange('127.0.0.1', await server.port(), Buffer.from('x'));
    server.signal('SIGTERM');
    const { code, stdout } = await server.exited();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^listening .*\nstopping.*\nstopped \(1 connection, 1 byte echoed\)\n$/);
  });

  test('--json prints one object per line', async () => {
    await using server = serve('127.0.0.1', '0', '--json');
    const [, port = ''] = await server.says(/"address":"127\.0\.0\.1:(\d+)"/);
    await exchange('127.0.0.1', Number(port), Buffer.from('four'));
    const lost = await client(Number(port));
    await server.says(/"connected"(.*\n)*.*"connected"/);
    lost.socket.resetAndDestroy();
    await server.says(/"lost"/);
    server.signal('SIGINT');
    const lines = (await server.exited()).stdout.trimEnd().split('\n');
    const address = expect.stringMatching(/^127\.0\.0\.1:\d+$/);
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { event: 'listening', address },
      { event: 'connected', address },
      { event: 'echoed', address, bytes: 4, ending: 'ended' },
      { event: 'connected', address },
      { event: 'lost', address, bytes: 0, message: expect.stringContaining('ECONNRESET') },
      { event: 'stopping', connections: 0 },
      { event: 'stopped', connections: 2, bytes: 4, lost: 1 },
    ]);
  });

  test('colours on a terminal, unless NO_COLOR says otherwise', async () => {
    for (const [unset, painted] of [
      [['-u', 'NO_COLOR'], '\u001b[36m'],
      [[], '127'],
    ] as const) {
      const command = [process.execPath, 'packages/cli/bin/wireline.js', 'echo-server'];
      const wrapped = ['python3', '-c', IN_TERMINAL, ...command, '127.0.0.1', '0'];
      await using terminal = Program.run('env', ...unset, ...wrapped);
      const port = await terminal.port();
      await exchange('127.0.0.1', port, Buffer.from('x'));
      const [, start] = await terminal.says(/connected by (\S+)127|connected by (127)/);
      expect(start ?? '127').toContain(painted);
      terminal.process.stdin?.write('\u0003');
      expect((await terminal.exited()).code).toBe(0);
    }
  });
});

describe('where it listens', () => {
  test.runIf(HAS_IPV6)('on IPv6, with brackets and without', async () => {
    for (const host of ['::1', '[::1]']) {
      await using server = serve(host, '0');
      const [, port] = await server.says(/listening on \[::1\]:(\d+)/);
      expect(String(await exchange('::1', Number(port), Buffer.from('six')))).toBe('six');
      await server.says(/echoed 3 bytes to \[::1\]:\d+/);
    }
  });

  test("'' is all interfaces, and warned about", async () => {
    await using server = serve('', '0');
    const [, port] = await server.says(/listening on 0\.0\.0\.0:(\d+)/);
    await server.complains(/^warning: 0\.0\.0\.0:\d+ can be reached from other machines\n$/);
    expect(String(await exchange('127.0.0.1', Number(port), Buffer.from('all')))).toBe('all');
  });

  test.runIf(HAS_IPV6)("'' with --ipv6 is all interfaces of both families", async () => {
    await using server = serve('', '0', '--ipv6');
    const [, port] = await server.says(/listening on \[::\]:(\d+)/);
    for (const host of ['127.0.0.1', '::1']) {
      expect(String(await exchange(host, Number(port), Buffer.from(host)))).toBe(host);
    }
  });

  test('at a path, whose file goes with it', async () => {
    const path = join(folder(), 'it.sock');
    await using server = serve(`unix:${path}`);
    await server.says(/listening on unix:\/\S+it\.sock\n/);
    expect(lstatSync(path).isSocket()).toBe(true);
    await using python = Program.run('python3', '-c', PYTHON_CLIENT, path);
    expect((await python.exited()).stdout).toMatch(/^000102.*feff\n$/);
    await server.says(/echoed 256 bytes to unix:/);
    const second = await run(`unix:${path}`);
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toMatch(/^wireline: bind unix:\S+: the path is in use: .*\n$/);
    expect(existsSync(path)).toBe(true);
    server.signal('SIGINT');
    expect(await server.exited()).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(path)).toBe(false);
  });

  test('a file that a killed server left behind does not stand in the way', async () => {
    const path = join(folder(), 'it.sock');
    await using first = serve(`unix:${path}`);
    await first.says(/listening/);
    first.signal('SIGKILL');
    await first.exited();
    await using second = serve(`unix:${path}`);
    await second.says(/listening/);
    expect(lstatSync(path).isSocket()).toBe(true);
  });

  test('a file that somebody else has put in its place stays', async () => {
    const path = join(folder(), 'it.sock');
    await using first = serve(`unix:${path}`);
    await first.says(/listening/);
    rmSync(path);
    await using second = serve(`unix:${path}`);
    await second.says(/listening/);
    first.signal('SIGINT');
    await first.exited();
    await using python = Program.run('python3', '-c', PYTHON_CLIENT, path);
    expect(await python.exited()).toMatchObject({ code: 0 });
  });

  test('a port in use is told in a line, with another one', async () => {
    await using peer = await listen(() => {});
    const { code, stdout, stderr } = await run('127.0.0.1', String(peer.port));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^wireline: bind 127\.0\.0\.1:\d+: the address is in use.*\n$/);
    expect(stderr).toContain(`or take another port, such as ${peer.port + 1}`);
  });

  test('a host that is none is told in a line, with --debug in more', async () => {
    const plain = await run('no such host', '0');
    expect(plain).toMatchObject({ code: 1, stdout: '' });
    expect(plain.stderr).toMatch(/^wireline: resolve no such host: .*\n$/);
    expect((await run('no such host', '0', '--debug')).stderr).toMatch(/\n\s+at /);
  });
});

describe('trouble of one client', () => {
  test('a reset is told, and the others go on', async () => {
    await using server = serve('127.0.0.1', '0');
    const port = await server.port();
    const [lost, other] = [await client(port), await client(port)];
    lost.socket.write('four');
    await once(lost.socket, 'data');
    lost.socket.resetAndDestroy();
    await server.says(/lost 127\.0\.0\.1:\d+ after 4 bytes: recv: reset: .*\(ECONNRESET\)\n/);
    other.socket.write('still here');
    await once(other.socket, 'data');
    expect(String(Buffer.concat(other.chunks))).toBe('still here');
  });

  test('one that says nothing is closed after --idle-timeout', async () => {
    await using server = serve('127.0.0.1', '0', '--idle-timeout', '0.2');
    const { closed } = await client(await server.port());
    expect(await closed).toBeUndefined();
    await server.says(
      /echoed 0 bytes to \S+, and closed: nothing came for 0\.2 s \(--idle-timeout\)\n/,
    );
  });

  test('one that never reads is given up after --write-timeout', async () => {
    await using server = serve('127.0.0.1', '0', '--write-timeout', '0.3');
    const port = await server.port();
    await stuckClient(port);
    await server.says(
      /lost \S+ after \d{6,} bytes: send: the client took nothing for 0\.3 s; --write-timeout/,
    );
    expect(String(await exchange('127.0.0.1', port, Buffer.from('next')))).toBe('next');
  });

  test('more than --max-connections wait until one is over', async () => {
    await using server = serve('127.0.0.1', '0', '--max-connections', '1');
    const port = await server.port();
    const first = await client(port);
    await server.says(/connected by/);
    const second = exchange('127.0.0.1', port, Buffer.from('second'));
    await server.says(/full: 1 connection; others wait until one is over \(--max-connections\)\n/);
    // While the first one is there, he alone is served.
    first.socket.write('first');
    await once(first.socket, 'data');
    expect(server.output.stdout.match(/connected by/g)).toHaveLength(1);
    first.socket.end();
    expect(String(await second)).toBe('second');
  });
});

describe('going down', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s closes who is silent, exit code 0',
    async (name) => {
      await using server = serve('127.0.0.1', '0');
      const silent = await client(await server.port());
      await server.says(/connected by/);
      server.signal(name);
      expect(await silent.closed).toBeUndefined();
      const { code, stdout, stderr } = await server.exited();
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(
        /stopping: closing 1 connection, Ctrl-C again .*\nechoed 0 bytes to \S+, and stopped\nstopped \(1 connection, 0 bytes echoed\)\n$/,
      );
    },
  );

  test('what has come by then goes back first', async () => {
    const path = join(folder(), 'it.sock');
    await using server = serve(`unix:${path}`);
    await server.says(/listening/);
    // Of a Unix socket, all that the kernel took is at the server's end.
    await using python = Program.run('python3', '-c', PYTHON_STUFFER, path);
    const [, stuffed] = await python.says(/stuffed (\d+)\n/);
    server.signal('SIGINT');
    await server.says(/stopping/);
    python.tell('read');
    expect((await python.exited()).stdout).toContain(`read ${stuffed}\n`);
    expect(await server.exited()).toMatchObject({ code: 0, stderr: '' });
    expect(server.output.stdout).toContain(`echoed ${stuffed} bytes to`);
  });

  test('one that sends on and on loses nothing of what was echoed, and holds nobody up', async () => {
    await using server = serve('127.0.0.1', '0');
    const { socket, chunks, closed } = await stuckClient(await server.port());
    await server.says(/connected by/);
    server.signal('SIGINT');
    await server.says(/stopping/);
    socket.resume();
    await server.exited();
    await closed; // it was still sending: a reset may come behind what was echoed
    const [, echoed = ''] =
      /echoed (\d+) bytes to \S+, and stopped/.exec(server.output.stdout) ?? [];
    expect(Buffer.concat(chunks)).toHaveLength(Number(echoed));
  });

  test('a second Ctrl-C does not wait for one that never reads', async () => {
    await using server = serve('127.0.0.1', '0');
    await stuckClient(await server.port());
    await server.says(/connected by/);
    server.signal('SIGINT');
    await server.says(/stopping/);
    // Again and again, as people do: what comes right behind the first one is taken for the same.
    const again = setInterval(() => server.signal('SIGINT'), 20);
    expect(await server.exited()).toMatchObject({ code: 130 });
    clearInterval(again);
  });

  test('nor over a Unix socket, whose file is gone all the same', async () => {
    const path = join(folder(), 'it.sock');
    await using server = serve(`unix:${path}`);
    await server.says(/listening/);
    await using python = Program.run('python3', '-c', PYTHON_STUFFER, path);
    await python.says(/stuffed/); // both directions are full now
    server.signal('SIGINT');
    await server.says(/stopping/);
    const again = setInterval(() => server.signal('SIGINT'), 20);
    expect(await server.exited()).toMatchObject({ code: 130 });
    clearInterval(again);
    expect(existsSync(path)).toBe(false);
  });

  test('two signals at once, as npm passes them on, are one', async () => {
    await using server = serve('127.0.0.1', '0');
    const { socket } = await stuckClient(await server.port());
    await server.says(/connected by/);
    // Two of one kind might be one to the kernel already.
    server.signal('SIGINT');
    server.signal('SIGTERM');
    await server.says(/stopping/);
    socket.resume();
    expect(await server.exited()).toMatchObject({ code: 0, stderr: '' });
  });

  test('whoever reads its lines goes away: it goes down as gently, without a complaint', async () => {
    const path = join(folder(), 'it.sock');
    const command = `"${process.execPath}" packages/cli/bin/wireline.js echo-server unix:${path} | head -n 1`;
    await using shell = Program.run('sh', '-c', command);
    await shell.says(/listening/);
    const visitor = connect(path).on('error', () => {});
    onTestFinished(() => void visitor.destroy());
    expect(await shell.exited()).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(path)).toBe(false);
  });

  test('a full disk ends it gently, and is named', async () => {
    const command = `"${process.execPath}" packages/cli/bin/wireline.js echo-server 127.0.0.1 0 > /dev/full`;
    await using shell = Program.run('sh', '-c', command);
    const outcome = await shell.exited();
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toMatch(/^wireline: write output: ENOSPC.*\n$/);
  });
});

describe('usage', () => {
  test.each([
    [[], "missing required argument 'host'"],
    [['127.0.0.1'], "missing required argument 'port'"],
    [['8000'], 'looks like a port'],
    [['127.0.0.1', 'http'], 'expected a port'],
    [['127.0.0.1', '0', 'more'], 'too many arguments'],
    [['unix:/x', '80'], 'a Unix socket has none'],
    [['127.0.0.1', '0', '--idle-timeout', '0'], 'expected seconds'],
    [['127.0.0.1', '0', '--write-timeout', '1e9'], 'expected seconds'],
    [['127.0.0.1', '0', '--max-connections', '0'], 'expected a whole number'],
    [['127.0.0.1', '0', '--loudly'], 'unknown option'],
  ])('%j exits with 2 and says what is wrong', async (args, words) => {
    const outcome = await run(...args);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toContain(words);
    expect(outcome.stderr).not.toMatch(/\n\s+at /);
  });

  test('--help has examples', async () => {
    const { code, stdout } = await run('--help');
    expect(code).toBe(0);
    expect(stdout).toContain('$ wireline echo-server 127.0.0.1 8000\n');
  });
});
