/** The command line: what it is told, what it prints, and how it exits. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { errorAnswer } from '@wireline/message';
import { createSearchHandler, Directory } from '@wireline/search';
import { Server as GuideServer, type Handler } from '@wireline/service/server';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { main } from './main.ts';
import { ScriptedServer } from './testing/scripted-server.ts';
import { ROOT } from './workspace.ts';

// A machine that tests for others says so, and the library of colours then paints unless it is told not to.
vi.hoisted(() => (process.env['CI'] = 'true'));

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

/** Says `words` to whoever says something, and ends. */
async function startTalking(words: string): Promise<string> {
  const server = createServer((socket) => {
    socket.once('data', () => socket.end(words));
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => server.close());
  return String((server.address() as AddressInfo).port); // it listens on a port
}

/** A server that speaks the protocol and has an application of its own. */
async function startGuide(handler: Handler): Promise<string> {
  const server = new GuideServer(handler);
  const address = await server.listen({ host: '127.0.0.1', port: 0 });
  ends.push(() => void server.close());
  return String('port' in address ? address.port : 0);
}

/** How many sockets of this process listen. */
function listeners(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length;
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

test('a client that is no program leaves nothing behind that keeps the process alive', async () => {
  expect(await main(['--client', '/nonexistent/program'])).toBe(2);
  await new Promise((resolve) => setImmediate(resolve));
  expect(listeners()).toBe(0);
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
  [['127.0.0.1', '1', '--client', 'true'], 'try a client: 127.0.0.1 is for a server'],
  [['--pid', '2', '--client', 'true'], 'try a client: --pid is for a server'],
  [['--client', '/nonexistent/program'], 'is /nonexistent/program a program?'],
])('wrong usage: 2, and a line that helps: %j', async (args, words) => {
  expect(await main(args)).toBe(2);
  expect(complaints).toContain(words);
});

test('--help: 0', async () => {
  expect(await main(['--help'])).toBe(0);
  expect(output).toContain('--section <names>');
});

test('--help names files that are there', async () => {
  await main(['--help']);
  const paths = output.match(/\b[\w-]+(?:\/[\w-]+)+\.\w+/g) ?? [];
  expect(paths).toContain('interop/python/conversation_client.py');
  expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

describe('what does not speak the protocol: 1, and one sentence, without a check', () => {
  test('it says nothing', async () => {
    const { port } = (await startSilent()).address() as AddressInfo; // it listens on a port
    expect(await main(['127.0.0.1', String(port), '--timeout', '0.05'])).toBe(1);
    expect(complaints).toMatch(
      /^conformance: try 127\.0\.0\.1:\d+: no message of .*: nothing came within 50 ms; .*\n$/,
    );
    expect(output).toBe('');
  });

  test.each([
    ['HTTP/1.1 400 Bad Request\r\n\r\n', 'came what is no message'],
    ['', 'the peer ended the stream'],
  ])('it says %j', async (words, told) => {
    const port = await startTalking(words);
    expect(await main(['127.0.0.1', port])).toBe(1);
    expect(complaints).toContain(`no message of the protocol answers a search: ${told}`);
    expect(output).toBe('');
  });
});

describe('a server without the conformance application', () => {
  test('one line says so, what needs it is skipped, and the rest is tried', async () => {
    const port = await startGuide(createSearchHandler(Directory.builtIn()));
    const sections = 'message,errors,order,ids,parts,cancel,deadline,actions,goodbye';
    const code = await main(['127.0.0.1', port, '--section', sections]);
    expect(output).not.toContain('FAILED');
    expect(code).toBe(0);
    expect(output).toMatch(/^The server has not the actions of the section "Conformance" .*\n\n/);
    expect(output).toContain('  skipped order: a quick answer waits');
    expect(output).toContain('       the server has no action wait\n');
    expect(output).toContain('  ok order: 100 requests in one segment');
    expect(output).toMatch(/\n\d+ passed, 0 failed, \d+ skipped\n$/);
  });

  test('--json has the line, too', async () => {
    const port = await startGuide(createSearchHandler(Directory.builtIn()));
    expect(await main(['127.0.0.1', port, '--section', 'text', '--json'])).toBe(0);
    const report = JSON.parse(output) as { remarks: string[] };
    expect(report.remarks).toEqual([expect.stringContaining('"Conformance"')]);
  });

  test('nor the search: 1, and one sentence', async () => {
    const port = await startGuide(() => errorAnswer('action-invalid', 'there is none'));
    expect(await main(['127.0.0.1', port])).toBe(1);
    expect(complaints).toMatch(
      /it has no action search; .*"Conformance" of protocol\/README\.md\n$/,
    );
  });
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
