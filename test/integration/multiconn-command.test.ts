/**
 * `wireline multiconn-client` as it is built, with servers that are not ours, and with `echo-server`.
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { freePort, HAS_IPV6, listen } from '../examples/example.ts';
import { Program, type Outcome } from '../support/program.ts';

const WIRELINE = `"${process.execPath}" packages/cli/bin/wireline.js`;

/** Starts the client against a port here. */
function start(port: number, ...args: readonly string[]): Program {
  return Program.wireline('multiconn-client', '127.0.0.1', String(port), ...args);
}

async function run(port: number, ...args: readonly string[]): Promise<Outcome> {
  await using client = start(port, ...args);
  return await client.exited();
}

/** Runs a shell's command. */
async function shell(command: string): Promise<Outcome> {
  await using program = Program.run('sh', '-c', command);
  return await program.exited();
}

/** The objects that were printed, a line each. */
function objects({ stdout }: Outcome): object[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
}

/** Echoes, and half-closes behind the client. */
const echo = (socket: Socket): void => void socket.pipe(socket);

/** A text with the seconds of its summary left out. */
function timeless(text: string): string {
  return text.replaceAll(/in \d+\.\d\d s/g, 'in TIME');
}

/** Echoes to as many as come, each in a thread. */
const PYTHON_SERVER = `
import socketserver
class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(1000):
            self.request.sendall(data)
class Server(socketserver.ThreadingTCPServer):
    request_queue_size = 100
with Server(('127.0.0.1', 0), Echo) as server:
    print('listening on 127.0.0.1:%d' % server.server_address[1], flush=True)
    server.serve_forever()
`;

/** Runs a command in a terminal, presses Ctrl-C when it has shown what the first argument says, and tells how it ended. */
const IN_TERMINAL = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
output = b''
pressed = False
while True:
    try:
        output += os.read(terminal, 4096)
    except OSError:
        break
    if not pressed and sys.argv[1].encode() in output:
        pressed = True
        os.write(terminal, b'\\x03')
sys.stdout.buffer.write(output)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

describe('what it prints', () => {
  test('of one connection each step, and the summary', async () => {
    await using server = await listen(echo);
    const { code, stdout, stderr } = await run(server.port, '1', '--message', 'Hello');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(timeless(stdout)).toBe(
      `starting connection 1 to 127.0.0.1:${server.port}
sending 5 bytes over connection 1
received 5 bytes over connection 1
closing connection 1: 5 bytes came back
1 connection sent 5 bytes and received as many in TIME
`,
    );
  });

  test('of two connections with the default messages', async () => {
    await using server = await listen(echo);
    const { code, stdout } = await run(server.port, '2');
    expect(code).toBe(0);
    for (const id of [1, 2]) {
      expect(stdout).toContain(`sending 26 bytes over connection ${id}\n`);
      expect(stdout).toContain(`sending 23 bytes over connection ${id}\n`);
      expect(stdout).toContain(`closing connection ${id}: 49 bytes came back\n`);
    }
    expect(timeless(stdout)).toMatch(
      /\n2 connections sent 98 bytes and received as many in TIME\n$/,
    );
  });

  test.each([
    [['20'], 20],
    [['21'], 0],
    [['21', '--verbose'], 21],
    [['20', '--quiet'], 0],
  ])('%j has lines for so many connections: %i', async (args, lines) => {
    await using server = await listen(echo);
    const { code, stdout, stderr } = await run(server.port, ...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.match(/^starting/gm) ?? []).toHaveLength(lines);
    expect(stdout.match(/^closing/gm) ?? []).toHaveLength(lines);
    expect(stdout).toMatch(/^\d+ connections sent \d+ bytes and received as many/m);
  });

  test('--json prints one object per line', async () => {
    await using server = await listen(echo);
    const address = `127.0.0.1:${server.port}`;
    const outcome = await run(server.port, '1', '--json', '-m', 'one');
    expect(outcome.code).toBe(0);
    expect(objects(outcome)).toMatchObject([
      { event: 'starting', connection: 1, address },
      { event: 'sending', connection: 1, bytes: 3 },
      { event: 'received', connection: 1, bytes: 3 },
      { event: 'closing', connection: 1, bytes: 3 },
      {
        event: 'summary',
        connections: 1,
        done: 1,
        failed: 0,
        sent: 3,
        received: 3,
        seconds: expect.any(Number),
        interrupted: false,
        reasons: [],
      },
    ]);
  });

  test('how far it is, on a terminal alone; Ctrl-C tells what was done', async () => {
    await using server = await listen((socket) => socket.resume());
    const command = [process.execPath, 'packages/cli/bin/wireline.js', 'multiconn-client'];
    const args = ['127.0.0.1', String(server.port), '21'];
    await using terminal = Program.run(
      'python3',
      '-c',
      IN_TERMINAL,
      '21 of 21 connected, 0 done',
      ...command,
      ...args,
    );
    const { code, stdout } = await terminal.exited();
    expect(code).toBe(130);
    expect(stdout).toContain('\r\u001b[K21 of 21 connected, 0 done');
    expect(timeless(stdout)).toMatch(
      /\r\u001b\[K0 of 21 connections sent 1029 bytes and received 0 bytes in TIME; 21 not finished; interrupted\r\n$/,
    );
  });
});

describe('many', () => {
  test('2,000 connections at once to echo-server, which serves them all', async () => {
    await using server = Program.wireline('echo-server', '127.0.0.1', '0', '--quiet');
    const { code, stdout, stderr } = await run(await server.port(), '2000');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(timeless(stdout)).toBe(
      '2000 connections sent 98000 bytes and received as many in TIME\n',
    );
    server.signal('SIGINT');
    expect((await server.exited()).stdout).toMatch(
      /stopped \(2000 connections, 98000 bytes echoed\)\n$/,
    );
  });

  test('all stay open until the last one is done', async () => {
    let [open, most] = [0, 0];
    const waiting: Socket[] = [];
    await using server = await listen((socket) => {
      most = Math.max(most, ++open);
      socket.on('end', () => void socket.end(() => open--));
      // The first ones are answered, the last one has to wait until they are.
      if (open < 50) socket.on('data', (chunk) => socket.write(chunk));
      else waiting.push(socket);
    });
    await using client = start(server.port, '50', '--message', 'x', '--json');
    while (waiting.length === 0) await once(server.server, 'connection');
    expect(most).toBe(50);
    for (const socket of waiting) socket.write('x');
    expect(objects(await client.exited())).toMatchObject([{ done: 50 }]);
  });

  test('--connecting bounds how many wait for their first byte', async () => {
    const waiting: Socket[] = [];
    let isOpen = false;
    await using server = await listen((socket) => {
      socket.on('end', () => socket.end());
      if (isOpen) socket.write('x');
      else waiting.push(socket);
    });
    await using client = start(server.port, '60', '--connecting', '3', '-m', 'x');
    while (waiting.length < 3) await once(server.server, 'connection');
    // Another client comes, is served and goes: a fourth of this one would have come, too.
    await using other = await listen(echo);
    expect(await run(other.port, '60')).toMatchObject({ code: 0 });
    expect(waiting).toHaveLength(3);
    isOpen = true;
    for (const socket of waiting) socket.write('x');
    expect(await client.exited()).toMatchObject({ code: 0 });
  });

  test('... and not how many wait for their last', async () => {
    const waiting: Socket[] = [];
    await using server = await listen((socket) => {
      socket.on('end', () => socket.end());
      socket.write('x');
      waiting.push(socket);
      if (waiting.length === 5) for (const one of waiting) one.write('y');
    });
    const { code, stdout } = await run(server.port, '5', '--connecting', '2', '-m', 'xy');
    expect(code).toBe(0);
    expect(stdout).toContain('closing connection 5: 2 bytes came back\n');
  });

  test('messages longer than all buffers on the way', async () => {
    // Those of Unix sockets are small, and do not grow.
    const place = `unix:@wireline-${process.pid}-long`;
    await using server = Program.wireline('echo-server', place);
    await server.says(/listening/);
    const messages = Array.from({ length: 12 }, () => ['-m', 'x'.repeat(100_000)]).flat();
    await using client = Program.wireline('multiconn-client', place, '3', '-q', ...messages);
    const { code, stdout } = await client.exited();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^3 connections sent 3600000 bytes and received as many/);
  });

  test('more than the descriptors allow: told before anything starts', async () => {
    let connections = 0;
    await using server = await listen(() => connections++);
    const limited = `ulimit -n 200; ${WIRELINE} multiconn-client 127.0.0.1 ${server.port}`;
    const { code, stdout, stderr } = await shell(`${limited} 137`);
    expect({ code, stdout, connections }).toEqual({ code: 1, stdout: '', connections: 0 });
    expect(stderr).toBe(
      'wireline: open 137 connections: the limit of descriptors allows 136, 64 are kept back; ask for fewer, or raise it: ulimit -n 201\n',
    );
  });

  test('as many as they allow', async () => {
    await using server = await listen(echo);
    const limited = `ulimit -n 200; ${WIRELINE} multiconn-client 127.0.0.1 ${server.port}`;
    expect(await shell(`${limited} 136`)).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('who it talks to', () => {
  test('Python', async () => {
    await using server = Program.run('python3', '-c', PYTHON_SERVER);
    const { code, stdout } = await run(await server.port(), '30');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^30 connections sent 1470 bytes and received as many/);
  });

  test('a Unix socket, and a name', async () => {
    const path = `unix:@wireline-${process.pid}-many`;
    await using server = Program.wireline('echo-server', path, '--quiet');
    await server.says(/listening/);
    await using client = Program.wireline('multiconn-client', path, '100');
    expect(await client.exited()).toMatchObject({ code: 0, stderr: '' });
    await using peer = await listen(echo);
    await using named = Program.wireline('multiconn-client', 'localhost', String(peer.port), '3');
    expect(await named.exited()).toMatchObject({ code: 0, stderr: '' });
  });

  test.runIf(HAS_IPV6)('IPv6', async () => {
    await using server = await listen(echo, '::1');
    await using client = Program.wireline('multiconn-client', '::1', String(server.port), '3');
    const { code, stdout } = await client.exited();
    expect(code).toBe(0);
    expect(stdout).toContain(`to [::1]:${server.port}\n`);
  });
});

describe('failures are counted, exit code 1', () => {
  test('nobody listens there', async () => {
    const port = await freePort();
    const { code, stdout, stderr } = await run(port, '3', '--quiet');
    expect(code).toBe(1);
    expect(timeless(stdout)).toBe(
      '0 of 3 connections sent 0 bytes and received as many in TIME; 3 failed\n',
    );
    expect(stderr).toMatch(
      /^wireline: 3 connections failed: connect 127\.0\.0\.1:\d+: refused: .*\(ECONNREFUSED\)\n$/,
    );
  });

  test('after a hundred of them and none that went well, no more are started', async () => {
    const outcome = await run(await freePort(), '1000', '--json', '--connecting', '1');
    expect(outcome.code).toBe(1);
    expect(objects(outcome)).toMatchObject([{ event: 'summary', started: 100, failed: 100 }]);
  });

  test('other bytes than were sent', async () => {
    await using server = Program.wireline('echo-server', '127.0.0.1', '0', '--reverse');
    const { code, stdout, stderr } = await run(await server.port(), '2', '-m', 'abc');
    expect(code).toBe(1);
    expect(stdout).toMatch(/connection 2 failed: receive: other bytes came back/);
    expect(timeless(stdout)).toMatch(/0 of 2 connections sent 6 bytes .*; 2 failed\n$/);
    expect(stderr).toMatch(/^wireline: 2 connections failed: receive: other bytes came back.*\n$/);
  });

  test('one that resets, one that closes early, and one that is well', async () => {
    let count = 0;
    await using server = await listen((socket) => {
      const turn = ++count;
      socket.once('data', (chunk) => {
        if (turn === 1) socket.resetAndDestroy();
        else if (turn === 2) socket.end('ab');
        else socket.end(chunk);
      });
    });
    const outcome = await run(server.port, '3', '--json', '-m', 'abcd');
    expect(outcome.code).toBe(1);
    expect(objects(outcome).at(-1)).toMatchObject({
      done: 1,
      failed: 2,
      reasons: expect.arrayContaining([
        { connections: 1, message: expect.stringContaining('ECONNRESET') },
        { connections: 1, message: 'receive: the server closed after 2 of 4 bytes' },
      ]),
    });
  });

  test('one that never answers, after --timeout', async () => {
    await using server = await listen((socket) => socket.resume());
    const { code, stderr } = await run(server.port, '2', '--timeout', '0.5');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^wireline: 2 connections failed: recv: the server was silent for too long; --timeout.*\n$/,
    );
  });

  test('a host that is none', async () => {
    await using client = Program.wireline('multiconn-client', 'no such host', '80', '3');
    const { code, stdout, stderr } = await client.exited();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^wireline: resolve no such host: .*\n$/);
  });
});

describe('its end', () => {
  test('Ctrl-C exits with 130 and tells what was done', async () => {
    await using server = await listen((socket) => socket.resume());
    await using client = start(server.port, '2', '-m', 'x');
    await client.says(
      /sending 1 byte over connection 1\n(.*\n)*sending 1 byte over connection 2\n/,
    );
    client.signal('SIGINT');
    const { code, stdout, stderr } = await client.exited();
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    expect(timeless(stdout)).toMatch(
      /\n0 of 2 connections sent 2 bytes and received 0 bytes in TIME; 2 not finished; interrupted\n$/,
    );
  });

  test('whoever reads its lines goes away: it ends without a complaint', async () => {
    await using server = await listen(echo);
    const client = `${WIRELINE} multiconn-client 127.0.0.1 ${server.port} 500 --verbose`;
    expect(await shell(`${client} | head -n 1`)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^starting connection 1 .*\n$/),
      stderr: '',
    });
  });

  test('a full disk is named, exit code 1', async () => {
    await using server = await listen(echo);
    const client = `${WIRELINE} multiconn-client 127.0.0.1 ${server.port} 2 --quiet`;
    const { code, stderr } = await shell(`${client} > /dev/full`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^wireline: write output: ENOSPC.*\n$/);
  });
});

describe('usage', () => {
  test.each([
    [[], "missing required argument 'host'"],
    [['127.0.0.1'], "missing required argument 'port'"],
    [['127.0.0.1', '80'], "missing required argument 'n'"],
    [['127.0.0.1', '80', '0'], "value '0' is invalid for argument 'n'. expected a whole number"],
    [['127.0.0.1', '80', 'many'], 'expected a whole number'],
    [['127.0.0.1', '80', '2', '3'], 'too many arguments'],
    [['unix:/x', '80', '2'], 'a Unix socket has none'],
    [['127.0.0.1', '0', '2'], '1 to 65535'],
    [['127.0.0.1', '80', '2', '-m', ''], 'expected text'],
    [['127.0.0.1', '80', '2', '--connecting', '0'], 'expected a whole number'],
    [['127.0.0.1', '80', '2', '--timeout', '0'], 'expected seconds'],
    [['127.0.0.1', '80', '2', '-q', '-v'], 'cannot be used with'],
  ])('%j exits with 2 and says what is wrong', async (args, words) => {
    await using client = Program.wireline('multiconn-client', ...args);
    const outcome = await client.exited();
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toContain(words);
    expect(outcome.stderr).not.toMatch(/\n\s+at /);
  });

  test('--help has examples', async () => {
    await using client = Program.wireline('multiconn-client', '--help');
    const { code, stdout } = await client.exited();
    expect(code).toBe(0);
    expect(stdout).toContain('$ wireline multiconn-client 127.0.0.1 8000 10000\n');
  });
});
