/**
 * The built command, as a person runs it: what it prints, exits with, and does on Ctrl-C.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonMessage } from '@wireline/message';
import { describe, expect, test } from 'vitest';
import { Program, type Outcome } from '../support/program.ts';
import { bytesOf, RawPeer } from '../support/raw-peer.ts';

async function run(...args: readonly string[]): Promise<Outcome> {
  await using program = Program.wireline(...args);
  return await program.exited();
}

/** Whether this machine has IPv6 at all: without it there is nothing to listen at. */
const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ family }) => family === 'IPv6'),
);

describe('request', () => {
  test.each([
    [['search', 'morpheus'], 'Follow the white rabbit. \u{1F430}\n', 0],
    [['search', '\u{1F436}'], '\u{1F43E} Playing ball! \u{1F3D0}\n', 0],
    [['search', 'ring'], 'In the caves beneath the Misty Mountains. \u{1F48D}\n', 0],
    [['search', 'nobody'], "No match for 'nobody'.\n", 0],
    [['binary', '\u{1F603}'], 'First 10 bytes of request: binary\u{1F603}\n', 0],
    [['dance', 'now', '--type', 'json'], "Error: invalid action 'dance'.\n", 1],
    [['search', 'ring', '--type', 'binary'], 'First 10 bytes of request: searchring\n', 0],
  ])('%j prints the result alone', async (words, stdout, code) => {
    await using server = Program.wireline('serve', '127.0.0.1', '0');
    const port = String(await server.port());
    expect(await run('request', '127.0.0.1', port, ...words)).toMatchObject({
      code,
      stdout,
      stderr: '',
    });
  });

  test('--verbose shows the exchange on standard error, --json the whole answer', async () => {
    await using server = Program.wireline('serve', '127.0.0.1', '0');
    const port = String(await server.port());
    const outcome = await run('request', '127.0.0.1', port, 'search', 'ring', '-v', '--json');
    expect(outcome.stderr).toMatch(/request to .*:\d+: \{"action":"search","value":"ring"\}/);
    expect(outcome.stderr).toMatch(/answer after \d+\.\d ms: text\/json, utf-8/);
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      header: { contentType: 'text/json' },
      value: { result: expect.stringContaining('Misty') },
    });
  });

  test('a text that would control the terminal is shown, not obeyed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wireline-'));
    const entries = join(folder, 'entries.json');
    writeFileSync(entries, JSON.stringify({ evil: '\u001b[2Jgone\n\u0007', __proto__: 'x' }));
    await using server = Program.wireline('serve', '127.0.0.1', '0', '--entries', entries);
    const port = String(await server.port());
    const { stdout } = await run('request', '127.0.0.1', port, 'search', 'evil');
    expect(stdout).toBe('\\x1b[2Jgone\n\\x07\n');
    rmSync(folder, { recursive: true });
  });

  test.each([
    ['in the header', header('text/\u001b]0;json'), []],
    ['in a header that is none', Buffer.from('\0\x08{"a": \u001b}', 'latin1'), []],
    ['in an answer without a result', message('{"evil": "\u009b2J"}'), []],
    ['in an answer as JSON', message('{"result": "\u009b2J"}'), ['--json']],
    [
      'in an error answer',
      message('{"result": "\u009b2J", "error": {"code": "x", "message": "y"}}'),
      [],
    ],
  ])('control characters %s do not reach the terminal', async (_name, bytes, options) => {
    const server = createServer((socket) => socket.on('data', () => socket.end(bytes)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo; // it listens on TCP
    const args = ['request', '127.0.0.1', String(port), 'search', 'x', '-v', ...options];
    const { stdout, stderr } = await run(...args);
    // oxlint-disable-next-line no-control-regex -- they are what is looked for
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    expect(stdout + stderr).toMatch(/\\x1b|\\x9b|\\u009b|\\u001b/);
    server.close();
  });

  test('nothing listens: one line that says what to check, exit code 1', async () => {
    const outcome = await run('request', '127.0.0.1', '1', 'search', 'x');
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toBe(
      'wireline: connect 127.0.0.1:1: refused: nothing listens there; check host and port, and that the server runs (ECONNREFUSED)\n',
    );
  });

  test('a server that never answers: says so after --timeout', async () => {
    await using silent = Program.run('python3', '-c', SILENT_SERVER);
    const port = String(await silent.port());
    const outcome = await run('request', '127.0.0.1', port, 'search', 'x', '--timeout', '0.2');
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toContain('still waiting for the answer after 200 ms');
    expect(outcome.stderr).toContain('--timeout');
  });

  test('Ctrl-C while waiting exits with 130', async () => {
    await using silent = Program.run('python3', '-c', SILENT_SERVER);
    const port = String(await silent.port());
    await using client = Program.wireline('request', '127.0.0.1', port, 'search', 'x');
    await silent.says(/accepted/);
    client.signal('SIGINT');
    expect(await client.exited()).toMatchObject({ code: 130, stdout: '', stderr: '' });
  });

  test('an old server that closes after one answer', async () => {
    await using server = Program.python('server.py', '--port', '0');
    const port = String(await server.port());
    expect(await run('request', '127.0.0.1', port, 'search', 'ring')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Misty'),
      stderr: '',
    });
  });
});

describe('serve', () => {
  test('says what happens, a line each; --quiet does not', async () => {
    await using loud = Program.wireline('serve', '127.0.0.1', '0');
    await using quiet = Program.wireline('serve', '127.0.0.1', '0', '--quiet');
    for (const server of [loud, quiet]) {
      await run('request', '127.0.0.1', String(await server.port()), 'search', 'ring');
    }
    await loud.says(/#1 closed after 1 request\n/);
    expect(loud.output.stdout).toMatch(
      /^listening on 127\.0\.0\.1:\d+ \(3 entries\)\n#1 opened from 127\.0\.0\.1:\d+\n#1 \{"action":"search","value":"ring"\} -> \{"result":"In the caves .*\n#1 closed after 1 request\n$/,
    );
    expect(quiet.output.stdout).toMatch(/^listening on .*\n$/);
  });

  test('--json prints one object per line', async () => {
    await using server = Program.wireline('serve', '127.0.0.1', '0', '--json');
    const [, port = ''] = await server.says(/"address":"127\.0\.0\.1:(\d+)"/);
    await run('request', '127.0.0.1', port, 'search', 'ring');
    await server.says(/"event":"closed"/);
    const lines = server.output.stdout.trimEnd().split('\n');
    const events = lines.map((line) => (JSON.parse(line) as { event: string }).event);
    expect(events).toEqual(['listening', 'opened', 'answered', 'closed']);
  });

  test.each([
    [
      'rubbish',
      Buffer.from('hello, is anybody there?\n'),
      /bad input: read a header of 26725 bytes/,
    ],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), /looks like HTTP/],
    ['TLS', Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1]), /looks like TLS/],
  ])('%s is logged with what came, and the server goes on', async (_name, bytes, words) => {
    await using server = Program.wireline('serve', '127.0.0.1', '0');
    const port = await server.port();
    const peer = await RawPeer.connect(port);
    peer.send(bytes);
    await peer.json();
    await peer.ended;
    await server.says(words);
    await server.says(/offset 0, field .*, bytes [0-9a-f ]+/);
    expect(await run('request', '127.0.0.1', String(port), 'search', 'ring')).toMatchObject({
      code: 0,
    });
  });

  test('a client killed in mid-message is reported as cut', async () => {
    await using server = Program.wireline('serve', '127.0.0.1', '0');
    const peer = await RawPeer.connect(await server.port());
    peer.send(bytesOf(jsonMessage({ action: 'search', value: 'x' })).subarray(0, 60));
    peer.socket.end();
    const [line] = await server.says(/#1 closed after 0 requests: .*\n/);
    expect(line).toMatch(/the stream ended \d+ bytes short of \d+\n$/);
  });

  test('a limit that is reached is told with its option, also with --quiet, and counted', async () => {
    await using server = Program.wireline('serve', '127.0.0.1', '0', '-q', '--idle-timeout', '0.1');
    const peer = await RawPeer.connect(await server.port());
    await peer.ended;
    await server.says(
      /^#1 limit reached: wait for a request: .*\[limit idleMs=100 \(--idle-timeout\)\]\n/m,
    );
    peer.socket.end();
    server.signal('SIGINT');
    const { code, stdout } = await server.exited();
    expect(code).toBe(0);
    expect(stdout).toMatch(/stopped \(1 connection, 0 requests; limits reached: idleMs 1\)\n$/);
  });

  test('what bounds memory and connections can be set; --json tells limits and counters', async () => {
    await using server = Program.wireline(
      'serve',
      '127.0.0.1',
      '0',
      '--json',
      '--max-memory=64KiB',
      '--max-connections-per-address=1',
      '--max-content=300KiB',
    );
    const [, port = ''] = await server.says(/"address":"127\.0\.0\.1:(\d+)"/);
    const peer = await RawPeer.connect(Number(port), { allowHalfOpen: true });
    const request = bytesOf(jsonMessage({ action: 'x', value: 'y'.repeat(200_000) }));
    peer.send(request.subarray(0, 100_000));
    expect(await peer.json()).toMatchObject({ error: { code: 'overloaded' } });
    const second = await RawPeer.connect(Number(port));
    expect(await second.json()).toMatchObject({ error: { code: 'overloaded' } });
    await second.ended;
    peer.socket.end();
    await server.says(/"event":"closed"/);
    const third = await RawPeer.connect(Number(port));
    third.send(bytesOf(jsonMessage({ action: 'x', value: 'y'.repeat(300 * 1024) })));
    expect(await third.json()).toMatchObject({ error: { code: 'content-too-large' } });
    third.socket.end();
    server.signal('SIGINT');
    const { stdout } = await server.exited();
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines.filter((line) => 'limit' in line)).toMatchObject([
      { event: 'limit-reached', connection: 1, limit: { option: 'maxMemory', value: 65_536 } },
      { event: 'limit-reached', limit: { option: 'maxConnectionsPerAddress', value: 1 } },
      { event: 'bad-input', limit: { option: 'maxContentLength', value: 300 * 1024 } },
    ]);
    expect(lines.at(-1)).toMatchObject({
      event: 'stopped',
      counters: {
        connections: 2,
        refused: 1,
        limits: { maxMemory: 1, maxConnectionsPerAddress: 1, maxContentLength: 1, idleMs: 0 },
      },
    });
  });

  test.each([
    ['--max-memory', 'lots'],
    ['--max-memory', '0'],
    ['--max-connections', '0'],
    ['--max-connections', '1.5'],
    ['--idle-timeout', '-1'],
  ])('%s %s is wrong usage', async (option, value) => {
    const outcome = await run('serve', '127.0.0.1', '0', `${option}=${value}`);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toMatch(/expected/);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('%s ends it with exit code 0', async (signal) => {
    await using server = Program.wireline('serve', '127.0.0.1', '0');
    const peer = await RawPeer.connect(await server.port());
    await server.says(/#1 opened/);
    server.signal(signal);
    await peer.ended;
    const outcome = await server.exited();
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toMatch(
      /stopping: closing 1 connection, Ctrl-C.*\n(#1 .*\n)*stopped \(1 connection, 0 requests\)\n$/,
    );
  });

  test('a second Ctrl-C does not wait for a peer that does not close', async () => {
    await using server = Program.wireline('serve', '127.0.0.1', '0');
    const peer = await RawPeer.connect(await server.port(), { allowHalfOpen: true });
    peer.ended.catch(() => {});
    await server.says(/#1 opened/);
    server.signal('SIGINT');
    await server.says(/stopping/);
    // Again and again, as people do: what comes right behind the first one is taken for the same.
    const again = setInterval(() => server.signal('SIGINT'), 20);
    expect(await server.exited()).toMatchObject({ code: 130 });
    clearInterval(again);
    peer.close();
  });

  test('a Ctrl-C that comes twice, as npm passes it on, is one: the last answer still arrives', async () => {
    await using server = Program.wireline('serve', '127.0.0.1', '0');
    const peer = await RawPeer.connect(await server.port());
    await server.says(/#1 opened/);
    server.signal('SIGINT');
    server.signal('SIGINT');
    await peer.ended;
    expect(await server.exited()).toMatchObject({ code: 0, stderr: '' });
  });

  test('all interfaces: a warning that the server can be reached from outside', async () => {
    await using server = Program.wireline('serve', '', '0');
    await server.says(/listening on 0\.0\.0\.0:\d+/);
    server.signal('SIGINT');
    const { stderr } = await server.exited();
    expect(stderr).toMatch(/^warning: 0\.0\.0\.0:\d+ can be reached from other machines\n$/);
  });

  test('a port that is taken, entries that are none', async () => {
    await using server = Program.wireline('serve', '127.0.0.1', '0');
    const port = String(await server.port());
    const taken = await run('serve', '127.0.0.1', port);
    expect(taken).toMatchObject({ code: 1, stdout: '' });
    expect(taken.stderr).toMatch(/^wireline: bind 127\.0\.0\.1:\d+: the address is in use: .*\n$/);
    expect(taken.stderr).toContain(`or take another port, such as ${Number(port) + 1}`);
    const missing = await run('serve', '127.0.0.1', '0', '--entries', 'no-such-file.json');
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toMatch(/^wireline: read entries from no-such-file\.json: .*\n$/);
  });

  test.runIf(hasIpv6)('IPv6, with brackets as it is printed and without', async () => {
    await using server = Program.wireline('serve', '[::1]', '0');
    const [, port = ''] = await server.says(/listening on \[::1\]:(\d+)/);
    for (const host of ['::1', '[::1]']) {
      expect(await run('request', host, port, 'search', 'ring')).toMatchObject({ code: 0 });
    }
  });

  test('a disk that is full ends it gently, and is named', async () => {
    const command = `"${process.execPath}" packages/cli/bin/wireline.js serve 127.0.0.1 0 > /dev/full`;
    await using shell = Program.run('sh', '-c', command);
    const outcome = await shell.exited();
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toMatch(/^wireline: write output: ENOSPC.*\n$/);
  });

  test('whoever reads its lines goes away: the server ends without a complaint', async () => {
    const command = `"${process.execPath}" packages/cli/bin/wireline.js serve 127.0.0.1 0 | head -n 1`;
    await using shell = Program.run('sh', '-c', command);
    const port = await shell.port();
    const peer = await RawPeer.connect(port);
    peer.ended.catch(() => {});
    expect(await shell.exited()).toMatchObject({ code: 0, stderr: '' });
    peer.close();
  });
});

describe('usage', () => {
  test.each([
    [['serve', '127.0.0.1', 'http'], 'expected a port'],
    [['serve', '127.0.0.1', '65536'], 'expected a port'],
    [['serve', '8000'], 'looks like a port'],
    [['request', '127.0.0.1', '0', 'a', 'b'], '1 to 65535'],
    [['request', '127.0.0.1', '1', 'a', 'b', '--timeout', '1e99'], 'at most 86400'],
    [['serve', '--byteorder', 'middle'], 'little, big'],
    [['request', '127.0.0.1'], 'port'],
    [['request', '127.0.0.1', '1', 'a'], "missing required argument 'value'"],
    [['request', '127.0.0.1', '1', 'a', 'b', 'c'], 'too many arguments'],
    [['request', 'unix:/nowhere', '80', 'a', 'b'], 'a Unix socket has none'],
    [['serve', 'unix:/nowhere', '80'], 'a Unix socket has none'],
    [['serve', 'unix:'], 'expected unix:/path'],
    [['request', '127.0.0.1', '1', 'a', 'b', '--timeout', '0'], 'seconds'],
    [['dance'], 'unknown command'],
    [['serve', '--loudly'], 'unknown option'],
  ])('%j exits with 2 and says what is wrong', async (args, words) => {
    const outcome = await run(...args);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toContain(words);
    expect(outcome.stderr).toContain('--help');
    expect(outcome.stderr).not.toMatch(/\n\s+at /);
  });

  test('--help and --version', async () => {
    const help = await run('--help');
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('serve');
    expect(await run('request', '--help')).toMatchObject({ code: 0, stderr: '' });
    expect(await run('--version')).toMatchObject({ code: 0, stdout: '0.1.0\n' });
  });

  test('without arguments: the help, exit code 2', async () => {
    expect(await run()).toMatchObject({ code: 2, stdout: '' });
  });

  test('--debug shows where an error comes from', async () => {
    const { stderr } = await run('request', '127.0.0.1', '1', 'a', 'b', '--debug');
    expect(stderr).toMatch(/\n\s+at /);
  });
});

/** A message with this content. */
function message(content: string, contentType = 'text/json'): Uint8Array {
  const body = Buffer.from(content);
  const head = Buffer.from(
    JSON.stringify({
      byteorder: 'little',
      'content-type': contentType,
      'content-encoding': 'utf-8',
      'content-length': body.length,
    }),
  );
  return Buffer.concat([Uint8Array.of(head.length >> 8, head.length & 0xff), head, body]);
}

/** A message whose header says this of its content. */
function header(contentType: string): Uint8Array {
  return message('bytes', contentType);
}

/** Accepts and never answers. */
const SILENT_SERVER = `
import socket
listener = socket.create_server(('127.0.0.1', 0))
print('listening on 127.0.0.1:%d' % listener.getsockname()[1], flush=True)
peer, _ = listener.accept()
print('accepted', flush=True)
while peer.recv(1000):
    pass
`;
