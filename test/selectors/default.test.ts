/**
 * Which selector a program gets, and the program of the documentation with each, in a process of its own.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { UnsupportedPlatformError } from '@wireline/socket';
import { DefaultSelector, UnsupportedSelector } from '@wireline/socket/selectors';
import { transformWithOxc } from 'vite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Program } from '../support/program.ts';

const VARIABLE = 'WIRELINE_SELECTOR';

/** At the same time. */
const CLIENTS = 20;

/** More than the server takes, or gives back, at once. */
const MESSAGE = Buffer.alloc(300_000, 'Wireline ');

describe('which one it is', () => {
  beforeEach(() => vi.stubEnv(VARIABLE, undefined));
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.unstubAllGlobals();
  });

  test('epoll, unless told', () => {
    using selector = new DefaultSelector();
    expect(selector.kind).toBe('epoll');
    vi.stubEnv(VARIABLE, '');
    using second = new DefaultSelector();
    expect(second.kind).toBe('epoll');
  });

  test.each(['epoll', 'poll'])('%s, when the environment says so', (kind) => {
    vi.stubEnv(VARIABLE, kind);
    using selector = new DefaultSelector();
    expect(selector.kind).toBe(kind);
  });

  test('none, when the environment says so', () => {
    vi.stubEnv(VARIABLE, 'unsupported');
    expect(() => new DefaultSelector()).toThrow(UnsupportedPlatformError);
    expect(() => new DefaultSelector()).toThrow(
      /unsupported here, because .* unset WIRELINE_SELECTOR/,
    );
  });

  test.each(['Epoll', 'kqueue', ' poll', 'toString'])(
    '%s is an error that names the three',
    (word) => {
      vi.stubEnv(VARIABLE, word);
      expect(() => new DefaultSelector()).toThrow(RangeError);
      expect(() => new DefaultSelector()).toThrow(
        `'${word}'; set it to one of epoll, poll, unsupported`,
      );
    },
  );

  test.each([
    ['darwin', 'arm64'],
    ['win32', 'x64'],
    ['linux', 'ia32'],
  ])('on %s %s none, and the error says what to use', (platform, arch) => {
    vi.stubGlobal(
      'process',
      Object.create(process, { platform: { value: platform }, arch: { value: arch } }),
    );
    for (const make of [() => new DefaultSelector(), () => new UnsupportedSelector()]) {
      expect(make).toThrow(UnsupportedPlatformError);
      expect(make).toThrow(`make a selector on ${platform} ${arch}: unsupported here: only Linux`);
      expect(make).toThrow('use node:net');
    }
  });
});

describe('the program of the documentation', () => {
  /** Starts it with the environment variable. */
  async function start(kind: string): Promise<Program> {
    vi.stubEnv(VARIABLE, kind);
    try {
      return Program.run(process.execPath, '--input-type=module', '--eval', await example());
    } finally {
      vi.unstubAllEnvs();
    }
  }

  test.each(['epoll', 'poll'])('with %s it serves many connections', async (kind) => {
    await using server = await start(kind);
    const port = await server.port();
    const echoes = Array.from({ length: CLIENTS }, () => echoOf(port));
    const reset = connect(port, '127.0.0.1');
    await once(reset, 'connect');
    reset.write('and gone', () => reset.resetAndDestroy());
    for (const echo of await Promise.all(echoes)) expect(echo.equals(MESSAGE)).toBe(true);
    await server.says(/(?:closing .*\n[^]*){20}/); // one for each client
    server.signal('SIGINT');
    expect(await server.exited()).toMatchObject({ signal: 'SIGINT', stderr: '' });
  });

  test.each([
    ['unsupported', 'UnsupportedPlatformError: make a selector on '],
    ['select', "RangeError: make a selector: WIRELINE_SELECTOR is 'select'; set it to one of "],
  ])('with %s it says why not', async (kind, words) => {
    await using server = await start(kind);
    const { code, stderr } = await server.exited();
    expect(code).toBe(1);
    expect(stderr).toContain(words);
  });
});

/** The example at the head of the entry point, as JavaScript. */
async function example(): Promise<string> {
  const url = new URL('../../packages/socket/src/selectors/index.ts', import.meta.url);
  const [, indented = ''] = /\* ```ts\n([^]*?)\* ```/.exec(readFileSync(url, 'utf8')) ?? [];
  const { code } = await transformWithOxc(indented.replace(/^ \* ?/gm, ''), 'example.ts');
  return code;
}

/** What comes back of a message. */
async function echoOf(port: number): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  let length = 0;
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= MESSAGE.length) socket.end();
  });
  socket.write(MESSAGE);
  await once(socket, 'close');
  return Buffer.concat(chunks);
}
