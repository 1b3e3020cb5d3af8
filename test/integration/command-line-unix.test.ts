/**
 * The built command over Unix sockets, as a person runs it, and Python at the other end.
 */
import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Program, type Outcome } from '../support/program.ts';

let folder = '';
let path = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wireline-'));
  path = join(folder, 'it.sock');
});

afterEach(() => rmSync(folder, { recursive: true }));

async function run(...args: readonly string[]): Promise<Outcome> {
  await using program = Program.wireline(...args);
  return await program.exited();
}

/** The superuser may read and write everywhere, unless the capability is taken away. */
async function runUnprivileged(...args: readonly string[]): Promise<Outcome> {
  const command = [process.execPath, 'packages/cli/bin/wireline.js', ...args];
  const drop = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override'] : [];
  const [program = '', ...rest] = [...drop, ...command];
  await using running = Program.run(program, ...rest);
  return await running.exited();
}

/** A server that says where it listens. */
async function serve(...args: readonly string[]): Promise<Program> {
  const server = Program.wireline('serve', ...args);
  await server.says(/listening/);
  return server;
}

async function askFromPython(...args: readonly string[]): Promise<Outcome> {
  await using client = Program.run('python3', '-c', PYTHON_CLIENT, ...args);
  return await client.exited();
}

const RING = 'In the caves beneath the Misty Mountains. \u{1F48D}\n';

describe('serve and request', () => {
  test('at a path: one line for each thing, and the file goes with the server', async () => {
    await using server = await serve(`unix:${path}`);
    expect(lstatSync(path).isSocket()).toBe(true);
    expect(await run('request', `unix:${path}`, 'search', 'ring')).toMatchObject({
      code: 0,
      stdout: RING,
      stderr: '',
    });
    await server.says(/closed/);
    server.signal('SIGINT');
    const outcome = await server.exited();
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout.split('\n')).toEqual([
      `listening on unix:${path} (3 entries)`,
      '#1 opened from unix:(unnamed)',
      expect.stringMatching(/^#1 \{"action":"search","value":"ring"\} -> /),
      '#1 closed after 1 request',
      'stopping',
      'stopped (1 connection, 1 request)',
      '',
    ]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a second Ctrl-C removes the file, too', async () => {
    await using server = await serve(`unix:${path}`);
    await using peer = Program.run('python3', '-c', PYTHON_IDLER, path);
    await server.says(/#1 opened/);
    server.signal('SIGINT');
    await server.says(/stopping/);
    // What comes right behind the first one is taken for the same.
    const again = setInterval(() => server.signal('SIGINT'), 20);
    expect(await server.exited()).toMatchObject({ code: 130 });
    clearInterval(again);
    expect(readdirSync(folder)).toEqual([]);
    peer.signal('SIGKILL');
  });

  test('--json and --verbose say where', async () => {
    await using server = await serve(`unix:${path}`, '--json');
    const { stderr, stdout } = await run(
      'request',
      `unix:${path}`,
      'search',
      'ring',
      '-v',
      '--json',
    );
    expect(stderr).toContain(`request to unix:${path}: {"action":"search","value":"ring"}\n`);
    expect(JSON.parse(stdout)).toMatchObject({ value: { result: RING.trim() } });
    await server.says(/"event":"closed"/);
    const lines = server.output.stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { event: 'listening', address: `unix:${path}`, entries: 3 },
      { event: 'opened', connection: 1, remote: 'unix:(unnamed)' },
      { event: 'answered', connection: 1 },
      { event: 'closed', connection: 1 },
    ]);
  });

  test('at an abstract name there is no file', async () => {
    const name = `unix:@wireline-${process.pid}`;
    await using server = await serve(name);
    expect(server.output.stdout).toContain(`listening on ${name} `);
    expect(await run('request', name, 'search', 'ring')).toMatchObject({ code: 0, stdout: RING });
    expect(await askFromPython(`\\0${name.slice('unix:@'.length)}`)).toMatchObject({
      code: 0,
      stdout: RING,
    });
  });

  test('the hints can be typed as they stand', async () => {
    const spaced = join(folder, "it's a.sock");
    await using server = await serve(`unix:${spaced}`, '--hints');
    const [, command = ''] = await server.complains(/npx wireline (request .* search morpheus)\n/);
    const typed = `"${process.execPath}" packages/cli/bin/wireline.js ${command}`;
    await using shell = Program.run('sh', '-c', typed);
    expect(await shell.exited()).toMatchObject({
      code: 0,
      stdout: 'Follow the white rabbit. \u{1F430}\n',
    });
  });
});

describe('Python over AF_UNIX', () => {
  test('its client is answered, byte by byte as it sends', async () => {
    await using server = await serve(`unix:${path}`);
    expect(await askFromPython(path)).toEqual({ code: 0, signal: null, stdout: RING, stderr: '' });
    await server.says(/#1 closed after 1 request\n/);
  });

  test('a client that has given itself a name is called by it, and cannot move the cursor', async () => {
    await using server = await serve(`unix:${path}`);
    const own = join(folder, 'cli\u001b[2J\u202eent');
    expect(await askFromPython(path, own)).toMatchObject({ code: 0 });
    await server.says(/opened/);
    expect(server.output.stdout).toContain(
      `#1 opened from unix:${folder}/cli\\u001b[2J\\u202eent\n`,
    );
  });

  test('its server, which closes behind its answer, is asked', async () => {
    await using server = Program.run('python3', '-c', PYTHON_SERVER, path);
    await server.says(/listening/);
    expect(await run('request', `unix:${path}`, 'search', 'anything')).toMatchObject({
      code: 0,
      stdout: 'from Python\n',
      stderr: '',
    });
  });
});

describe('a file that stands there', () => {
  test('belongs to a server that runs: the second one is refused, and the first goes on', async () => {
    await using first = await serve(`unix:${path}`);
    const second = await run('serve', `unix:${path}`);
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toMatch(
      /^wireline: bind unix:\S+: the path is in use: a socket has it; .*choose another path \(EADDRINUSE\)\n$/,
    );
    expect(await run('request', `unix:${path}`, 'search', 'ring')).toMatchObject({ code: 0 });
    first.signal('SIGINT');
    expect(await first.exited()).toMatchObject({ code: 0 });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('was left behind by a server that was killed: the next one takes it over', async () => {
    await using first = await serve(`unix:${path}`);
    first.signal('SIGKILL');
    await first.exited();
    expect(lstatSync(path).isSocket()).toBe(true);
    const refused = await run('request', `unix:${path}`, 'search', 'ring');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(`wireline: connect unix:${path}: refused`);
    await using second = await serve(`unix:${path}`);
    expect(await run('request', `unix:${path}`, 'search', 'ring')).toMatchObject({ code: 0 });
    second.signal('SIGTERM');
    expect(await second.exited()).toMatchObject({ code: 0 });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('trouble with the path is one line, exit code 1', () => {
  test('a folder in which this user may not write', async () => {
    chmodSync(folder, 0o500);
    const outcome = await runUnprivileged('serve', `unix:${path}`);
    chmodSync(folder, 0o700);
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toMatch(
      /^wireline: bind unix:\S+\/it\.sock: permission denied: .* \(EACCES\)\n$/,
    );
  });

  test('a server that this user may not connect to', async () => {
    await using server = await serve(`unix:${path}`);
    chmodSync(path, 0o400);
    const outcome = await runUnprivileged('request', `unix:${path}`, 'search', 'ring');
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toMatch(
      /^wireline: connect unix:\S+\/it\.sock: permission denied: .* \(EACCES\)\n$/,
    );
    expect(server.output.stdout).toMatch(/^listening .*\n$/);
  });

  test('a server that is not there, a folder that is not, a path that is too long', async () => {
    const nobody = await run('request', `unix:${path}`, 'search', 'ring');
    expect(nobody).toMatchObject({ code: 1, stdout: '' });
    expect(nobody.stderr).toMatch(/^wireline: connect unix:\S+\/it\.sock: .* \(ENOENT\)\n$/);
    const nowhere = await run('serve', `unix:${folder}/none/it.sock`);
    expect(nowhere).toMatchObject({ code: 1, stdout: '' });
    expect(nowhere.stderr).toMatch(/^wireline: bind unix:\S+\/none\/it\.sock: .* \(ENOENT\)\n$/);
    const long = await run('serve', `unix:${folder}/${'x'.repeat(100)}`);
    expect(long).toMatchObject({ code: 1, stdout: '' });
    expect(long.stderr).toMatch(/^wireline: use the path unix:\S+: it has \d+ bytes .*\n$/);
  });
});

/** Connects and does nothing. */
const PYTHON_IDLER = `
import socket, sys, time
peer = socket.socket(socket.AF_UNIX)
peer.connect(sys.argv[1])
time.sleep(60)
`;

/** Asks for the ring, byte by byte, from a name of its own if it gets one. */
const PYTHON_CLIENT = `
import socket, sys
sys.path.insert(0, 'interop/python')
import wire
sys.stdout.reconfigure(encoding='utf-8')
peer = socket.socket(socket.AF_UNIX)
if len(sys.argv) > 2:
    peer.bind(sys.argv[2])
peer.connect(sys.argv[1].replace('\\\\0', '\\0'))
question = {'action': 'search', 'value': 'ring'}
for byte in wire.pack_text(question, wire.byte_order('native'), 'utf-8', False):
    peer.sendall(bytes([byte]))
reader = wire.Reader()
answer = None
while answer is None:
    answer = reader.feed(peer.recv(65536))
print(answer.json()['result'])
`;

/** Answers one request and closes, as the guide's server does. */
const PYTHON_SERVER = `
import socket, sys
sys.path.insert(0, 'interop/python')
import wire
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
print('listening', flush=True)
peer, _ = listener.accept()
reader = wire.Reader()
while reader.feed(peer.recv(65536)) is None:
    pass
peer.sendall(wire.pack_text({'result': 'from Python'}, wire.byte_order('native'), 'utf-8', False))
peer.close()
`;
