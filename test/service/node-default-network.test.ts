/**
 * Which network a program gets that names none: tried on the build, in processes of their own, of which some have no
 * native sockets.
 */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Program, type Outcome } from '../support/program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const installed = join(root, 'node_modules');

/** What the service is made of. */
const PARTS = ['framing', 'message', 'socket', 'service'];

/** Asks a server for an answer, twice over, and says what carried it. */
const PROGRAM = `
import { jsonMessage } from '@wireline/message';
import { Client, ConnectError, Server } from '@wireline/service';

/** How many of Node's handles there are for servers; pipes are among the streams of a process, too. */
const ofNode = () => process.getActiveResourcesInfo().filter((kind) => /^(TCPServer|Pipe)Wrap$/.test(kind)).length;

const places = [{ host: '127.0.0.1', port: 0 }];
if (process.platform !== 'win32') places.push({ path: '' }); // pipes have other names
for (const place of places) {
  const server = new Server(() => jsonMessage({ text: 'hello' }));
  const before = ofNode();
  const address = await server.listen(place);
  const client = await Client.connect(address);
  const { value } = await client.request(jsonMessage({}));
  console.log(ofNode() > before ? 'node' : 'native', value.text);
  client.close();
  await server.close();
  const failure = await Client.connect(address).catch((error) => error);
  console.log(failure instanceof ConnectError, failure.failures[0].code);
}
`;

const SERVED_BY = (name: string): string =>
  `${name} hello\ntrue ECONNREFUSED\n${name} hello\ntrue ECONNREFUSED\n`;

let folder: string;
let script: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wireline-test-'));
  script = join(folder, 'program.mjs');
  writeFileSync(script, PROGRAM);
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync(installed)) {
    if (name.startsWith('.') || name === '@wireline' || name === 'koffi') continue;
    symlinkSync(join(installed, name), join(folder, 'node_modules', name));
  }
  for (const part of PARTS) {
    const home = join(folder, 'node_modules/@wireline', part);
    cpSync(join(root, 'packages', part, 'dist'), join(home, 'dist'), { recursive: true });
    cpSync(join(root, 'packages', part, 'package.json'), join(home, 'package.json'));
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the program where koffi is not installed, or is what \`koffi\` says. */
function run(settings: { env?: string; koffi?: string; args?: string[] }): Promise<Outcome> {
  const { env = '', koffi, args = [] } = settings;
  const home = join(folder, 'node_modules/koffi');
  rmSync(home, { recursive: true, force: true });
  if (koffi !== undefined) {
    mkdirSync(home);
    writeFileSync(join(home, 'index.js'), koffi);
  }
  const variable = `WIRELINE_TRANSPORT=${env}`;
  return Program.run('env', variable, process.execPath, ...args, script).exited();
}

describe('where koffi is not installed', () => {
  test('node:net takes over, and says so once', async () => {
    const { code, stdout, stderr } = await run({});
    expect(stdout).toBe(SERVED_BY('node'));
    expect(stderr.match(/Warning: .*/g)).toEqual([
      expect.stringMatching(
        /^Warning: load koffi, .* is not installed or does not fit.*; so node:net carries the connections: set WIRELINE_TRANSPORT=node if that is meant$/,
      ),
    ]);
    expect(stderr).toContain('[WIRELINE_NODE_TRANSPORT]');
    expect(code).toBe(0);
  });

  test('nothing is said where that is meant', async () => {
    const { stdout, stderr } = await run({ env: 'node' });
    expect(stdout).toBe(SERVED_BY('node'));
    expect(stderr).toBe('');
  });

  test('who insists on native sockets hears why there are none', async () => {
    const { code, stdout, stderr } = await run({ env: 'native' });
    expect(stdout).toBe('');
    expect(stderr).toContain('UnsupportedPlatformError: load koffi');
    expect(code).toBe(1);
  });
});

test('where koffi is broken, its first line is the reason', async () => {
  const koffi = `throw new Error('a symbol is missing\\nand so on');`;
  const { stdout, stderr } = await run({ koffi });
  expect(stdout).toBe(SERVED_BY('node'));
  expect(stderr.match(/Warning: .*/g)).toHaveLength(1);
});

test('where koffi loads and does not do what it should', async () => {
  const koffi = `exports.load = () => { throw new Error('no C library\\nand so on'); };`;
  const { stdout, stderr } = await run({ koffi });
  expect(stdout).toBe(SERVED_BY('node'));
  expect(stderr.match(/Warning: .*/g)).toEqual([
    'Warning: no C library; so node:net carries the connections: set WIRELINE_TRANSPORT=node if that is meant',
  ]);
});

test.each([
  ['darwin', 'node hello\ntrue ECONNREFUSED\nnode hello\ntrue ENOENT\n'],
  ['win32', 'node hello\ntrue ECONNREFUSED\n'],
])('on %s koffi is not even asked', async (platform, output) => {
  const pretend = `data:text/javascript,Object.defineProperty(process,'platform',{value:'${platform}'})`;
  const { stdout, stderr } = await run({ args: ['--import', pretend], koffi: 'process.exit(3)' });
  expect(stdout).toBe(output);
  expect(stderr).toMatch(new RegExp(`Warning: open a native socket on ${platform} .*: only Linux`));
});

test('where native sockets load they are taken, and nothing is said', async () => {
  const koffi = `module.exports = require(${JSON.stringify(join(installed, 'koffi'))});`;
  const { stdout, stderr } = await run({ koffi });
  expect({ stdout, stderr }).toEqual({ stdout: SERVED_BY('native'), stderr: '' });
});

test('a network that there is not', async () => {
  const { code, stdout, stderr } = await run({ env: 'epoll' });
  expect(stdout).toBe('');
  expect(stderr).toContain(
    'Error: choose a network: WIRELINE_TRANSPORT is "epoll"; set it to native or to node, or unset it',
  );
  expect(code).toBe(1);
});
