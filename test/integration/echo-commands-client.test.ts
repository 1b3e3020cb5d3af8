/**
 * `wireline echo-client` as it is built, with servers that are not ours, and with `echo-server`.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freePort, HAS_IPV6, listen } from '../examples/example.ts';
import { Program, type Outcome } from '../support/program.ts';

const WIRELINE = `"${process.execPath}" packages/cli/bin/wireline.js`;

/** Starts the client against a port here. */
function start(port: number, ...args: readonly string[]): Program {
  return Program.wireline('echo-client', '127.0.0.1', String(port), ...args);
}

/** Runs it to its end; what `input` is, it reads. */
async function run(port: number, args: readonly string[], input?: string): Promise<Outcome> {
  await using client = start(port, ...args);
  if (input !== undefined) client.process.stdin?.end(input);
  return await client.exited();
}

/** Runs a shell's command. */
async function shell(command: string): Promise<Outcome> {
  await using program = Program.run('sh', '-c', command);
  return await program.exited();
}

/** Echoes, and half-closes behind the client. */
const echo = (socket: Socket): void => void socket.pipe(socket);

/** Answers the first chunk with `answer`, and ends. */
function answering(answer: string | Uint8Array): (socket: Socket) => void {
  return (socket) => socket.once('data', () => socket.end(answer));
}

/** A folder that goes with the test. */
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'wireline-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

/** Echoes to one client, on TCP or at a path, until it has sent its last. */
const PYTHON_SERVER = `
import socket, sys
if len(sys.argv) > 1:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    listener.listen()
else:
    listener = socket.create_server(('127.0.0.1', 0))
print('listening on', '%s:%d' % listener.getsockname() if len(sys.argv) == 1 else sys.argv[1], flush=True)
peer, _ = listener.accept()
count = 0
while True:
    data = peer.recv(1000)
    if not data:
        break
    count += len(data)
    peer.sendall(data)
print('got', count, flush=True)
`;

describe('text', () => {
  test.each([
    [['Hello, world'], 'received Hello, world\n'],
    [['Hello,', 'world'], 'received Hello, world\n'],
    [['crème \u{1F430}'], 'received crème \u{1F430}\n'],
    [['two\nlines\n'], 'received two\nreceived lines\n'],
    [['--', '-x'], 'received -x\n'],
    [['Hello', '--json'], '{"event":"received","bytes":5,"text":"Hello"}\n'],
    [['Hello\n', '--raw'], 'Hello\n'],
    [[''], ''],
  ])('%j comes back', async (words, stdout) => {
    await using server = await listen(echo);
    expect(await run(server.port, words)).toMatchObject({ code: 0, stdout, stderr: '' });
  });

  test('an end without as many bytes: how many of how many, exit code 1', async () => {
    await using server = await listen(answering('Hel'));
    const { code, stdout, stderr } = await run(server.port, ['Hello, world']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'received Hel\n' });
    expect(stderr).toMatch(
      /^wireline: receive from 127\.0\.0\.1:\d+: the server closed, 3 of 12 bytes came back; .*\n$/,
    );
  });

  test('longer than all buffers on the way: sent and received at the same time', async () => {
    // Those of Unix sockets are small, and do not grow.
    const place = `unix:@wireline-${process.pid}-long`;
    await using server = Program.wireline('echo-server', place);
    await server.says(/listening/);
    const words = Array.from({ length: 15 }, () => 'x'.repeat(100_000));
    await using client = Program.wireline('echo-client', place, '--raw', ...words);
    const { code, stdout } = await client.exited();
    expect(code).toBe(0);
    expect(stdout === words.join(' ')).toBe(true);
  });

  test('bytes that are no text are shown as numbers, in JSON as base64', async () => {
    await using server = Program.wireline('echo-server', '127.0.0.1', '0', '--reverse');
    const port = await server.port();
    expect((await run(port, ['crème'])).stdout).toBe('received em\\xa8\\xc3rc\n');
    expect((await run(port, ['crème', '--json'])).stdout).toBe(
      '{"event":"received","bytes":6,"base64":"ZW2ow3Jj"}\n',
    );
  });

  test.each([[[]], [['--json']]])(
    'control characters do not reach the terminal, with %j',
    async (options) => {
      await using server = await listen(answering('\u001b[2J\u009b\u0007\u202e'));
      const { stdout } = await run(server.port, ['xxxxxxxxxxx', ...options]);
      // oxlint-disable-next-line no-control-regex -- they are what is looked for
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
      expect(stdout).toMatch(/\\x1b\[2J|\\u001b\[2J/);
    },
  );
});

describe('standard input', () => {
  test('is sent as it comes, and what comes back is printed at each line end', async () => {
    await using server = await listen(echo);
    await using client = start(server.port);
    client.tell('first');
    await client.says(/^received first\n$/);
    client.process.stdin?.write('sec');
    client.tell('ond');
    await client.says(/^received first\nreceived second\n$/);
    client.process.stdin?.end('and a piece');
    expect(await client.exited()).toMatchObject({
      code: 0,
      stdout: 'received first\nreceived second\nreceived and a piece\n',
      stderr: '',
    });
  });

  test('its end is told to the server, which may have more to say', async () => {
    await using server = await listen((socket) => {
      let count = 0;
      socket.on('data', (chunk) => (count += chunk.length));
      socket.on('end', () => socket.end(`you sent ${count}\n`));
    });
    expect(await run(server.port, [], 'four')).toMatchObject({
      code: 0,
      stdout: 'received you sent 4\n',
    });
  });

  test('nothing in, nothing out', async () => {
    await using server = await listen(echo);
    expect(await run(server.port, [], '')).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  test.each([
    ['closes early', answering('ab'), 'the server closed, 2 of 4 bytes came back'],
    [
      'resets',
      (socket: Socket): void => void socket.once('data', () => socket.resetAndDestroy()),
      'reset: the peer closed',
    ],
  ])('a server that %s, exit code 1', async (_name, serve, told) => {
    await using server = await listen(serve);
    const { code, stderr } = await run(server.port, [], 'abcd');
    expect(code).toBe(1);
    expect(stderr).toContain(told);
    expect(stderr).toMatch(/^wireline: receive from 127\.0\.0\.1:\d+: .*\n$/);
  });

  test('a server that closes while there is more to type ends it', async () => {
    await using server = await listen((socket) => socket.on('data', () => socket.end('typed\n')));
    await using client = start(server.port);
    client.tell('typed'); // and standard input stays open
    const { code, stdout, stderr } = await client.exited();
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'received typed\n' });
    expect(stderr).toContain('the server closed before the end of the input, 6 of 6 bytes');
  });

  test('that cannot be read is told', async () => {
    await using server = await listen(echo);
    const { code, stderr } = await shell(
      `${WIRELINE} echo-client 127.0.0.1 ${server.port} < /proc/self/mem`,
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/^wireline: EIO.*\n$/);
  });

  test('a line of more than 64 KiB comes in pieces, cut between characters', async () => {
    await using server = await listen(echo);
    const { code, stdout } = await run(server.port, [], `x${'\u{1F430}'.repeat(40_000)}`);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    const pieces = lines.map((line) => line.replace('received ', ''));
    expect(pieces.join('') === `x${'\u{1F430}'.repeat(40_000)}`).toBe(true);
  });

  test('--raw: every byte of a file, both ways at the same time', async () => {
    const file = join(folder(), 'bytes');
    writeFileSync(file, randomBytes(8 * 2 ** 20));
    await using server = Program.wireline('echo-server', '127.0.0.1', '0');
    const client = `${WIRELINE} echo-client 127.0.0.1 ${await server.port()} --raw`;
    expect(await shell(`${client} < ${file} | cmp - ${file} && echo same`)).toMatchObject({
      code: 0,
      stdout: 'same\n',
      stderr: '',
    });
    await server.says(/echoed 8388608 bytes/);
  });

  test('--raw: who does not take the output has the server wait; --timeout is not about that', async () => {
    let sent = 0;
    await using server = await listen((socket) => {
      socket.on('data', (chunk) => {
        sent += chunk.length;
        if (!socket.write(chunk)) socket.pause();
      });
      socket.on('drain', () => socket.resume());
      socket.on('end', () => socket.end());
    });
    const client = `${WIRELINE} echo-client 127.0.0.1 ${server.port} --raw --timeout 0.5`;
    const stalled = `exec 3<&0; head -c 100000000 /dev/zero | ${client} | (read go <&3; wc -c)`;
    const connected = once(server.server, 'connection');
    await using program = Program.run('sh', '-c', stalled);
    await connected;
    // Another client waits for three times as long, and fails; this one goes on.
    await using silent = await listen((socket) => socket.resume());
    expect(await run(silent.port, ['x', '--timeout', '1.5'])).toMatchObject({ code: 1 });
    expect(sent).toBeLessThan(60_000_000); // what the buffers on the way may hold, many times over
    program.tell('go');
    const { code, stdout, stderr } = await program.exited();
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '100000000\n', stderr: '' });
  });
});

describe('who it talks to', () => {
  test('Python, which counts', async () => {
    await using server = Program.run('python3', '-c', PYTHON_SERVER);
    const port = await server.port();
    expect(await run(port, [], 'one\ntwo\n')).toMatchObject({
      code: 0,
      stdout: 'received one\nreceived two\n',
    });
    expect((await server.exited()).stdout).toMatch(/got 8\n$/);
  });

  test('a Unix socket of Python, and one of our own', async () => {
    const path = join(folder(), 'it.sock');
    await using python = Program.run('python3', '-c', PYTHON_SERVER, path);
    await python.says(/listening/);
    await using own = Program.wireline('echo-server', `unix:@wireline-${process.pid}`);
    await own.says(/listening/);
    for (const place of [`unix:${path}`, `unix:@wireline-${process.pid}`]) {
      await using client = Program.wireline('echo-client', place, '80', 'words');
      expect(await client.exited()).toMatchObject({ code: 0, stdout: 'received 80 words\n' });
    }
  });

  test('a name with several addresses, of which one answers', async () => {
    await using server = await listen(echo);
    await using client = Program.wireline('echo-client', 'localhost', String(server.port), 'Hi');
    expect(await client.exited()).toMatchObject({ code: 0, stdout: 'received Hi\n' });
  });

  test.runIf(HAS_IPV6)('IPv6, with brackets and without', async () => {
    await using server = await listen(echo, '::1');
    for (const host of ['::1', '[::1]']) {
      await using client = Program.wireline('echo-client', host, String(server.port), 'six');
      expect(await client.exited()).toMatchObject({ code: 0, stdout: 'received six\n' });
    }
  });
});

describe('trouble is one line, exit code 1', () => {
  test('nobody listens there, in more lines with --debug', async () => {
    const port = await freePort();
    expect(await run(port, ['Hi'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `wireline: connect 127.0.0.1:${port}: refused: nothing listens there; check host and port, and that the server runs (ECONNREFUSED)\n`,
    });
    expect((await run(port, ['Hi', '--debug'])).stderr).toMatch(/\n\s+at /);
  });

  test('a host that is none', async () => {
    await using client = Program.wireline('echo-client', 'no such host', '80', 'Hi');
    const { code, stderr } = await client.exited();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^wireline: resolve no such host: .*\n$/);
  });

  test.each([
    ['text', ['four'], '0 of 4 bytes'],
    ['standard input', [], '0 of 5 bytes'],
  ])('a server that never answers, after --timeout: %s', async (_name, words, told) => {
    await using server = await listen((socket) => socket.resume());
    await using client = start(server.port, ...words, '--timeout', '0.5');
    client.tell('word'); // and standard input stays open
    const { code, stdout, stderr } = await client.exited();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^wireline: wait for \S+: nothing came for 0\.5 s, .* came back; --timeout waits longer\n$/,
    );
    expect(stderr).toContain(told);
  });

  test('a server that never reads, after --timeout', async () => {
    await using server = await listen((socket) => socket.pause());
    const command = `head -c 100000000 /dev/zero | ${WIRELINE} echo-client 127.0.0.1 ${server.port} --timeout 0.5`;
    const { code, stderr } = await shell(command);
    expect(code).toBe(1);
    expect(stderr).toMatch(/nothing came for 0\.5 s, 0 of \d+ bytes came back/);
  });

  test('a server that has everything and does not close, after --timeout', async () => {
    await using server = await listen((socket) =>
      socket.on('data', (chunk) => socket.write(chunk)),
    );
    const { code, stdout, stderr } = await run(server.port, ['--timeout', '0.5'], 'four\n');
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'received four\n' });
    expect(stderr).toContain('nothing came for 0.5 s, 5 of 5 bytes came back');
  });

  test('a person may think longer than --timeout: nothing is owed', async () => {
    await using server = await listen(echo);
    await using client = start(server.port, '--timeout', '0.5');
    client.tell('first');
    await client.says(/received first\n/);
    // Another client waits for three times as long, and fails; this one goes on.
    await using silent = await listen((socket) => socket.resume());
    expect(await run(silent.port, ['x', '--timeout', '1.5'])).toMatchObject({ code: 1 });
    client.process.stdin?.end('second');
    expect(await client.exited()).toMatchObject({
      code: 0,
      stdout: 'received first\nreceived second\n',
    });
  });

  test('a process that was stopped receives first what came meanwhile', async () => {
    await using server = await listen((socket) => {
      socket.once('data', () => {
        client.signal('SIGSTOP');
        socket.end('four');
      });
    });
    const answered = once(server.server, 'connection');
    await using client = start(server.port, 'four', '--timeout', '1');
    await answered;
    // Another client waits for longer, and fails; this one has not been running.
    await using silent = await listen((socket) => socket.resume());
    expect(await run(silent.port, ['x', '--timeout', '1.5'])).toMatchObject({ code: 1 });
    client.signal('SIGCONT');
    expect(await client.exited()).toMatchObject({ code: 0, stdout: 'received four\n' });
  });
});

describe('its end', () => {
  test('Ctrl-C exits with 130', async () => {
    await using server = await listen((socket) => socket.resume());
    const connected = once(server.server, 'connection');
    await using client = start(server.port, 'Hi');
    await connected;
    client.signal('SIGINT');
    expect(await client.exited()).toMatchObject({ code: 130, stdout: '', stderr: '' });
  });

  test('whoever reads its lines goes away: it ends without a complaint', async () => {
    await using server = await listen(echo);
    const client = `${WIRELINE} echo-client 127.0.0.1 ${server.port}`;
    expect(await shell(`yes | ${client} | head -n 1`)).toMatchObject({
      code: 0,
      stdout: 'received y\n',
      stderr: '',
    });
  });

  test('a full disk is named, exit code 1', async () => {
    await using server = await listen(echo);
    const client = `${WIRELINE} echo-client 127.0.0.1 ${server.port} Hi`;
    const { code, stderr } = await shell(`${client} > /dev/full`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^wireline: write output: ENOSPC.*\n$/);
  });
});

describe('usage', () => {
  test.each([
    [[], "missing required argument 'host'"],
    [['127.0.0.1'], "missing required argument 'port'"],
    [['127.0.0.1', '0', 'Hi'], '1 to 65535'],
    [['127.0.0.1', 'Hello'], 'expected a port'],
    [['unix:', 'Hi'], 'expected unix:/path'],
    [['127.0.0.1', '80', '--raw', '--json'], 'cannot be used with'],
    [['127.0.0.1', '80', '--timeout', 'long'], 'expected seconds'],
    [['127.0.0.1', '80', '-x'], 'unknown option'],
  ])('%j exits with 2 and says what is wrong', async (args, words) => {
    await using client = Program.wireline('echo-client', ...args);
    const outcome = await client.exited();
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toContain(words);
    expect(outcome.stderr).not.toMatch(/\n\s+at /);
  });

  test('--help has examples', async () => {
    await using client = Program.wireline('echo-client', '--help');
    const { code, stdout } = await client.exited();
    expect(code).toBe(0);
    expect(stdout).toContain('$ wireline echo-client 127.0.0.1 8000 Hello, world\n');
  });
});
