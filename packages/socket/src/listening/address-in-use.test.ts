import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { addressInUse } from './address-in-use.ts';
import type { Address } from '../address/address.ts';
import { AddressInUseError, SystemError } from '../errors.ts';

const ADDRESS: Address = { family: 'inet', host: '127.0.0.1', port: 8080 };

/** proc(5) with one socket at {@link ADDRESS}, and one process which has that socket, unless none is seen. */
function procWith(socket: { table: string; state: string; inode: number; owner?: number }): string {
  const proc = mkdtempSync(join(tmpdir(), 'wireline-proc-'));
  onTestFinished(() => rmSync(proc, { recursive: true }));
  const { table, state, inode, owner } = socket;
  mkdirSync(join(proc, 'net'));
  writeFileSync(
    join(proc, 'net', table),
    `titles\n 0: 0100007F:1F90 00000000:0000 ${state} 0:0 0:0 0 0 0 ${inode} 1\n`,
  );
  if (owner !== undefined) {
    mkdirSync(join(proc, String(owner), 'fd'), { recursive: true });
    writeFileSync(join(proc, String(owner), 'comm'), 'nginx\n');
    symlinkSync(`socket:[${inode}]`, join(proc, String(owner), 'fd', '3'));
  }
  return proc;
}

const REUSE =
  'a server that sets SO_REUSEADDR before bind, as createServer does, can start again beside its old connections';

test.each([
  [
    'a process that listens',
    { table: 'tcp', state: '0A', inode: 7, owner: 1234 },
    'nginx (pid 1234) listens there; stop it or choose another port',
  ],
  [
    'this process listens',
    { table: 'tcp', state: '0A', inode: 7, owner: process.pid },
    `this process (pid ${process.pid}) listens there; close that socket or choose another port`,
  ],
  [
    'a process that may not be seen',
    { table: 'tcp', state: '0A', inode: 7 },
    'a process that cannot be seen from here listens there; `sudo ss -tanp` shows which',
  ],
  [
    'connections of a process',
    { table: 'tcp', state: '01', inode: 7, owner: 1234 },
    `nginx (pid 1234) has a connection from there; stop it or choose another port; ${REUSE}`,
  ],
  [
    'connections that are closing',
    { table: 'tcp', state: '06', inode: 0 },
    `connections of an earlier server are still closing (TIME_WAIT), for a minute at most; ${REUSE}`,
  ],
  [
    'nothing that can be seen',
    { table: 'udp', state: '07', inode: 7, owner: 1234 },
    'another socket has it; `ss -ltnp` shows which process',
  ],
])('%s', (_, socket, what) => {
  const error = addressInUse('bind', ADDRESS, { proc: procWith(socket) });
  expect(error.message).toBe(`bind 127.0.0.1:8080: the address is in use: ${what} (EADDRINUSE)`);
});

test.each([
  [
    'a process that is bound',
    { table: 'udp', state: '07', inode: 7, owner: 1234 },
    'nginx (pid 1234) is bound there; stop it or choose another port',
  ],
  [
    'a process that may not be seen',
    { table: 'udp', state: '07', inode: 7 },
    'a process that cannot be seen from here is bound there; `sudo ss -uanp` shows which',
  ],
  [
    'nothing that can be seen',
    { table: 'tcp', state: '0A', inode: 7, owner: 1234 },
    'another socket has it; `ss -uanp` shows which process',
  ],
])('datagrams: %s', (_, socket, what) => {
  const error = addressInUse('bind', ADDRESS, { proc: procWith(socket), type: 'dgram' });
  expect(error.message).toBe(`bind 127.0.0.1:8080: the address is in use: ${what} (EADDRINUSE)`);
});

test('listen without anything to be seen', () => {
  expect(addressInUse('listen', ADDRESS, { proc: '/nowhere' }).message).toBe(
    'listen 127.0.0.1:8080: the address is in use: another socket listens there; `ss -ltnp` shows which process (EADDRINUSE)',
  );
});

test('any port would have done, and none is free', () => {
  expect(addressInUse('bind', { ...ADDRESS, port: 0 }).message).toBe(
    'bind 127.0.0.1:0: no local port is free; see /proc/sys/net/ipv4/ip_local_port_range (EADDRINUSE)',
  );
});

test('it is an AddressInUseError like any other, of this machine too', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const { port } = address;
  // Time stands still: however much there is on this machine, the search is not given up.
  const error = addressInUse('bind', { family: 'inet', host: '', port }, { now: () => 0 });
  expect(error).toBeInstanceOf(AddressInUseError);
  expect(error).toBeInstanceOf(SystemError);
  expect(error).toMatchObject({
    code: 'EADDRINUSE',
    errno: 98,
    syscall: 'bind',
    address: `0.0.0.0:${port}`,
    message: `bind 0.0.0.0:${port}: the address is in use: this process (pid ${process.pid}) listens there; close that socket or choose another port (EADDRINUSE)`,
  });
});
