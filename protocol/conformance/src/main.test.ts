/** The command line: what it is told, what it prints, and how it exits. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { main } from './main.ts';
import { ScriptedServer } from './testing/scripted-server.ts';

let output = '';
let complaints = '';
const ends: (() => void)[] = [];

beforeEach(() => {
  output = '';
  complaints = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    complaints += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  for (const end of ends.splice(0)) end();
});

async function start(defect?: Parameters<typeof ScriptedServer.start>[0]): Promise<string> {
  const server = await ScriptedServer.start(defect);
  ends.push(() => server.destroy());
  return String(server.port);
}

/** Accepts connections and says nothing. */
async function startSilent(): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    ends.push(() => socket.destroy());
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => server.close());
  return server;
}

test('a server that is right: 0, and a line for each check, without colours', async () => {
  const port = await start();
  expect(await main(['127.0.0.1', port, '--section', 'order,actions'])).toBe(0);
  expect(output).toMatch(/^\nOne after the other\n {2}ok keep-alive/);
  expect(output).toMatch(/\nActions\n {2}ok search: morpheus\n/);
  expect(output).toMatch(/\n\d+ passed, 0 failed\n$/);
  expect(output).not.toContain('\u001b');
});

test('a server that is wrong: 1, with what was sent, what came and what was expected', async () => {
  const port = await start('another text');
  expect(await main(['127.0.0.1', port, '--section', 'actions'])).toBe(1);
  expect(output).toContain('  FAILED search: ring\n       expected: {"result": "In the caves');
  expect(output).toContain('       instead:  came another answer: {"result": "In the caves."}\n');
  expect(output).toMatch(/ {9}-> \\x00g\{"byteorder"/);
  expect(output).toContain('         <- {"result": "In the caves."}\n');
});

test('--json: one object, with everything', async () => {
  const port = await start('another text');
  expect(await main(['127.0.0.1', port, '--section', 'actions', '--json'])).toBe(1);
  const report = JSON.parse(output) as { failed: number; results: { outcome: string }[] };
  expect(report.failed).toBe(report.results.filter(({ outcome }) => outcome === 'failed').length);
  expect(report.results).toContainEqual(
    expect.objectContaining({
      section: 'actions',
      name: 'search: ring',
      outcome: 'failed',
      came: expect.any(String),
      transcript: expect.arrayContaining([expect.objectContaining({ kind: 'sent' })]),
    }),
  );
});

test('a client: the command is started with HOST PORT SCENARIO behind it', async () => {
  const program = `const [host, port, scenario] = process.argv.slice(1);
    if (host !== '127.0.0.1' || !/^\\d+$/.test(port) || scenario !== 'deadline') process.exit(1);
    process.exit(77);`;
  const command = [process.execPath, '-e', program, '--'];
  expect(await main(['--section', 'deadline', '--client', ...command])).toBe(0);
  expect(output).toContain('  skipped deadline: it is sent');
  expect(output).toContain('the client does not offer it');
});

test('a client that does nothing fails everything', async () => {
  const command = [process.execPath, '-e', 'console.error("no idea")'];
  expect(await main(['--section', 'deadline', '--client', ...command])).toBe(1);
  expect(output).toContain('the client exited with 0 and had printed nothing; no idea');
});

test('a client that never ends is ended', async () => {
  const command = [process.execPath, '-e', 'setInterval(() => {}, 1000)'];
  const args = ['--section', 'deadline', '--timeout', '0.5', '--client', ...command];
  expect(await main(args)).toBe(1);
  expect(output).toContain('nothing of the kind within 500 ms');
});

test.each([
  [['127.0.0.1'], 'no port'],
  [['127.0.0.1', '0'], 'expected a port'],
  [['127.0.0.1', '1', '--timeout', 'soon'], 'expected seconds'],
  [['127.0.0.1', '1', '--pid', '1'], 'expected the number of a process'],
  [['127.0.0.1', '1', '--section', 'idz'], "'idz' is none"],
  [['127.0.0.1', '1'], 'start the server first'],
  [['--nonsense'], '--help'],
  [['--client'], 'no command'],
  [['--client', '/nonexistent/program'], 'is /nonexistent/program a program?'],
])('wrong usage: 2, and a line that helps: %j', async (args, words) => {
  expect(await main(args)).toBe(2);
  expect(complaints).toContain(words);
});

test('--help: 0', async () => {
  expect(await main(['--help'])).toBe(0);
  expect(output).toContain('--section <names>');
});

test('a server that says nothing: each wait is bounded', async () => {
  const { port } = (await startSilent()).address() as AddressInfo; // it listens on a port
  const args = ['127.0.0.1', String(port), '--section', 'deadline', '--timeout', '0.05'];
  expect(await main(args)).toBe(1);
  expect(output).toContain('nothing came within 50 ms');
});

test('Ctrl-C: 130, with the report of what was finished', async () => {
  const server = await startSilent();
  const { port } = server.address() as AddressInfo; // it listens on a port
  const run = main(['127.0.0.1', String(port), '--timeout', '600']);
  // The first connection is a look whether anybody listens; the second is that of the first check.
  await once(server, 'connection');
  await once(server, 'connection');
  process.emit('SIGINT', 'SIGINT');
  expect(await run).toBe(130);
  expect(output).toContain('0 passed, 0 failed');
});
