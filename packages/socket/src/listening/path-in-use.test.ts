import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { explainPath, pathUse } from './path-in-use.ts';
import { SocketDescriptor } from '../descriptor/socket-descriptor.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wl-'));
  return () => rmSync(folder, { recursive: true, force: true });
});

/** The file of a socket that is bound until the test is over, or not even that. */
function socketFile(name: string, { alive }: { readonly alive: boolean }): string {
  const path = join(folder, name);
  const socket = new SocketDescriptor({ family: 'unix', type: 'dgram' });
  socket.bind({ family: 'unix', path });
  if (alive) onTestFinished(() => socket.close());
  else socket.close();
  return path;
}

/** A table like `/proc/net/unix`, with a socket at each of these paths. */
function table(...paths: readonly string[]): string {
  const file = join(folder, 'table');
  const lines = paths.map(
    (path) => `0000000000000000: 00000002 00000000 00010000 0001 01 20155 ${path}`,
  );
  const nameless = '0000000000000000: 00000003 00000000 00000000 0001 03 20156';
  writeFileSync(
    file,
    ['Num       RefCount Protocol Flags    Type St Inode Path', nameless, ...lines, ''].join('\n'),
  );
  return file;
}

describe('what stands at a path', () => {
  test('a socket that is bound, whether it listens or not', () => {
    const path = socketFile('bound', { alive: true });
    expect(pathUse(path)).toBe('bound');
    expect(explainPath(path)).toMatch(/a socket has it; `ss -xap` shows which process/);
  });

  test('a file that a socket left behind', () => {
    const path = socketFile('dead', { alive: false });
    expect(pathUse(path)).toBe('left behind');
    expect(explainPath(path)).toMatch(/if it was left behind, remove it/);
  });

  test('a file, a folder, a link', () => {
    const link = join(folder, 'link');
    symlinkSync(socketFile('behind the link', { alive: true }), link);
    for (const path of [table(), folder, link]) {
      expect(pathUse(path)).toBe('other file');
      expect(explainPath(path)).toMatch(/a file stands there that is no socket/);
    }
  });

  test('nothing, or nothing that can be seen', () => {
    expect(pathUse(join(folder, 'nothing'))).toBe('unknown');
    expect(explainPath(join(folder, 'nothing'))).toBeUndefined();
    expect(pathUse(socketFile('unseen', { alive: true }), join(folder, 'no table'))).toBe(
      'unknown',
    );
  });

  test('an abstract name', () => {
    expect(explainPath('\0name')).toMatch(/^the name is in use: a socket has it/);
  });
});

describe('the table', () => {
  test.each(['plain', 'with spaces in it', ' at its ends ', 'ä'])('a name %j', (name) => {
    const path = socketFile(name, { alive: false });
    expect(pathUse(path, table('/elsewhere', path))).toBe('bound');
    expect(pathUse(path, table(`${path}x`, `/x${path}`, '@abstract'))).toBe('left behind');
    expect(pathUse(path, table())).toBe('left behind');
  });

  test('a relative path is that of the working directory', () => {
    const before = process.cwd();
    process.chdir(folder);
    onTestFinished(() => process.chdir(before));
    const path = socketFile('relative', { alive: false });
    expect(pathUse('relative', table(path))).toBe('bound');
    expect(pathUse('relative', table('relative'))).toBe('bound');
    expect(pathUse('relative', table('other'))).toBe('left behind');
  });
});
