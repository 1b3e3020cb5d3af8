import { linkSync, lstatSync, mkdtempSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { UnixAddress } from '../address/address.ts';
import { SocketDescriptor } from '../descriptor/socket-descriptor.ts';
import { BoundFile } from './bound-file.ts';

const home = process.cwd();
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wireline-'));
});

afterEach(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

/** A socket that is bound to `path`. */
function bind(path: string): { readonly socket: SocketDescriptor<'unix'>; address: UnixAddress } {
  const socket = new SocketDescriptor({ family: 'unix' });
  const address: UnixAddress = { family: 'unix', path };
  socket.bind(address);
  return { socket, address };
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

test('is removed, and only once: what stands there later is not its own, whatever its inode', () => {
  const path = join(folder, 'it.sock');
  const { socket, address } = bind(path);
  linkSync(path, join(folder, 'kept')); // so that the inode's number is not given away
  const file = BoundFile.of(address);
  file?.remove();
  expect(isThere(path)).toBe(false);
  renameSync(join(folder, 'kept'), path);
  file?.remove();
  expect(isThere(path)).toBe(true);
  socket.close();
});

test('somebody else’s file in its place stays', () => {
  const path = join(folder, 'it.sock');
  const first = bind(path);
  const file = BoundFile.of(first.address);
  unlinkSync(path);
  const second = bind(path);
  file?.remove();
  expect(isThere(path)).toBe(true);
  first.socket.close();
  second.socket.close();
});

test('that is gone, with its folder or alone, is no trouble', () => {
  const path = join(folder, 'it.sock');
  const { socket, address } = bind(path);
  const file = BoundFile.of(address);
  unlinkSync(path);
  file?.remove();
  expect(BoundFile.of({ family: 'unix', path: join(folder, 'none', 'it.sock') })?.remove()).toBe(
    undefined,
  );
  socket.close();
});

test('of a relative path is found again from another folder', () => {
  process.chdir(folder);
  const { socket, address } = bind('it.sock');
  const file = BoundFile.of(address);
  process.chdir(home);
  file?.remove();
  expect(isThere(join(folder, 'it.sock'))).toBe(false);
  socket.close();
});

test('there is none for abstract names, for no name, and for hosts', () => {
  expect(BoundFile.of({ family: 'unix', path: '\0name' })).toBeUndefined();
  expect(BoundFile.of({ family: 'unix', path: '' })).toBeUndefined();
  expect(BoundFile.of({ family: 'inet', host: '127.0.0.1', port: 1 })).toBeUndefined();
});
