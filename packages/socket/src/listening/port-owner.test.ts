import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { IpAddress, IpFamily } from '../address/address.ts';
import { findPortOwner, findPortUse } from './port-owner.ts';

const HAS_IPV6 = readFileSync('/proc/net/if_inet6', 'utf8').includes('lo');

function at(host: string, port: number): IpAddress {
  const family: IpFamily = host.includes(':') ? 'inet6' : 'inet';
  return family === 'inet'
    ? { family, host, port }
    : { family, host, port, flowinfo: 0, scopeId: 0 };
}

/** A process of Python's that runs `program`, which prints a port when its socket is as it should be, and `hold`s. */
async function holder(program: string): Promise<{ pid: number; port: number }> {
  const prelude = 'import os, socket as s, sys\n';
  const hold = '\nprint(os.getpid(), port, flush=True)\nsys.stdin.read()';
  const child = spawn('python3', ['-c', prelude + program + hold], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    child.stdin.end();
    if (child.exitCode === null) await once(child, 'exit');
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const [pid = 0, port = 0] = line.split(' ').map(Number);
    return { pid, port };
  }
  throw new Error('python3 said nothing');
}

/** Time stands still: however much there is on this machine, the search is not given up. */
const UNHURRIED = { now: () => 0 };

/**
 * This machine's proc(5) with the sockets at `port` alone. Connections are behind all that listen in the table, and
 * other tests leave more of them, closing, than the search reads.
 */
function excerpt(port: number): { proc: string; now: () => number } {
  const proc = mkdtempSync(join(tmpdir(), 'wireline-proc-'));
  onTestFinished(() => rmSync(proc, { recursive: true }));
  mkdirSync(join(proc, 'net'));
  const hasPort = new RegExp(
    `^ *\\d+: [\\dA-F]+:${port.toString(16).toUpperCase().padStart(4, '0')} `,
  );
  for (const table of ['tcp', 'tcp6', 'udp', 'udp6']) {
    if (!existsSync(join('/proc/net', table))) continue;
    const [titles = '', ...rows] = readFileSync(join('/proc/net', table), 'utf8').split('\n');
    const lines = [titles, ...rows.filter((row) => hasPort.test(row)), ''];
    writeFileSync(join(proc, 'net', table), lines.join('\n'));
  }
  for (const pid of readdirSync('/proc')) {
    if (/^\d+$/.test(pid)) symlinkSync(join('/proc', pid), join(proc, pid));
  }
  return { proc, ...UNHURRIED };
}

describe('processes of this machine', () => {
  test('this process itself', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    expect(findPortUse(at('127.0.0.1', address.port), UNHURRIED)).toEqual({
      state: 'listening',
      owner: { pid: process.pid, command: readFileSync('/proc/self/comm', 'utf8').trim() },
    });
  });

  test('another process that listens', async () => {
    const { pid, port } = await holder(
      "x = s.create_server(('127.0.0.1', 0)); port = x.getsockname()[1]",
    );
    const command = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
    expect(command).toMatch(/^python/);
    expect(findPortUse(at('127.0.0.1', port), UNHURRIED)).toEqual({
      state: 'listening',
      owner: { pid, command },
    });
    expect(findPortOwner(at('0.0.0.0', port), UNHURRIED), 'all interfaces include its own').toEqual(
      {
        pid,
        command,
      },
    );
    expect(findPortOwner(at('', port), UNHURRIED), 'an empty host means the same').toEqual({
      pid,
      command,
    });
    expect(findPortOwner(at('127.0.0.2', port), UNHURRIED), 'another address').toBeUndefined();
    expect(findPortOwner(at('127.0.0.1', port), { type: 'dgram', ...UNHURRIED })).toBeUndefined();
  });

  test.skipIf(!HAS_IPV6)('a socket of IPv6 that takes IPv4 too', async () => {
    const { pid, port } = await holder(
      "x = s.create_server(('', 0), family=s.AF_INET6, dualstack_ipv6=True); port = x.getsockname()[1]",
    );
    for (const host of ['127.0.0.1', '', '::1', '::ffff:127.0.0.1']) {
      expect(findPortUse(at(host, port), UNHURRIED), host).toMatchObject({
        state: 'listening',
        owner: { pid },
      });
    }
  });

  test('a socket of datagrams', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    onTestFinished(() => void socket.close());
    await once(socket, 'listening');
    const address = at('127.0.0.1', socket.address().port);
    expect(findPortUse(address, { type: 'dgram', ...UNHURRIED })).toMatchObject({
      state: 'listening',
      owner: { pid: process.pid },
    });
    // A connection of another test may have the same number.
    expect(findPortOwner(address, UNHURRIED)?.pid).not.toBe(process.pid);
  });

  test('a server that is gone and whose connections are not', async () => {
    const { pid, port } = await holder(`
x = s.create_server(('127.0.0.1', 0)); port = x.getsockname()[1]
y = s.create_connection(x.getsockname()); z, _ = x.accept(); x.close()`);
    expect(findPortUse(at('127.0.0.1', port), excerpt(port))).toMatchObject({
      state: 'connected',
      owner: { pid },
    });
  });

  test('connections that are closing have no owner', async () => {
    const { port } = await holder(`
x = s.create_server(('127.0.0.1', 0)); port = x.getsockname()[1]
y = s.create_connection(x.getsockname()); z, _ = x.accept()
z.close(); y.recv(1); y.close(); x.close()`);
    expect(findPortUse(at('127.0.0.1', port), excerpt(port))).toEqual({
      state: 'closing',
      owner: undefined,
    });
    expect(findPortOwner(at('127.0.0.1', port), excerpt(port))).toBeUndefined();
  });
});

/** A copy of proc(5) in a folder of its own. */
interface FakeProc {
  /** Each table's lines below the titles. */
  readonly tables?: Readonly<Record<string, readonly string[]>>;
  /** The inodes and the name of each process. */
  readonly processes?: Readonly<Record<number, { inodes: readonly number[]; comm?: string }>>;
}

const TITLES = '  sl  local_address rem_address   st ...';

function fakeProc({ tables = {}, processes = {} }: FakeProc): string {
  const proc = mkdtempSync(join(tmpdir(), 'wireline-proc-'));
  onTestFinished(() => rmSync(proc, { recursive: true }));
  mkdirSync(join(proc, 'net'));
  for (const [name, rows] of Object.entries(tables)) {
    const lines = [TITLES, ...rows];
    writeFileSync(join(proc, 'net', name), `${lines.join('\n')}\n`);
  }
  for (const [pid, { inodes, comm }] of Object.entries(processes)) {
    mkdirSync(join(proc, pid, 'fd'), { recursive: true });
    if (comm !== undefined) writeFileSync(join(proc, pid, 'comm'), comm);
    symlinkSync('/dev/null', join(proc, pid, 'fd', '0'));
    for (const [index, inode] of inodes.entries()) {
      symlinkSync(`socket:[${inode}]`, join(proc, pid, 'fd', String(index + 3)));
    }
  }
  return proc;
}

/** A line of a table, as the kernel prints it. */
function row(local: string, state: string, inode: number): string {
  const remote = local.length > 20 ? `${'0'.repeat(32)}:0000` : '00000000:0000';
  return `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 100 0 0 10 0`;
}

const PORT = 0x1f90; // 8080
const ANY = '00000000:1F90';
const LOCALHOST = '0100007F:1F90';
const OTHER = '010200C0:1F90'; // 192.0.2.1
const ANY6 = `${'0'.repeat(32)}:1F90`;
const LOCALHOST6 = `${'0'.repeat(24)}01000000:1F90`;
const DOCUMENT6 = 'B80D0120000000000000000001000000:1F90'; // 2001:db8::1
const MAPPED = '0000000000000000FFFF00000100007F:1F90';

describe('which addresses are in the way of which', () => {
  const V4 = [ANY, LOCALHOST, OTHER];
  const V6 = [ANY6, LOCALHOST6, DOCUMENT6, MAPPED];
  test.each<[string, string[]]>([
    ['0.0.0.0', [ANY, LOCALHOST, OTHER, ANY6, MAPPED]],
    ['127.0.0.1', [ANY, LOCALHOST, ANY6, MAPPED]],
    ['192.0.2.1', [ANY, OTHER, ANY6]],
    ['198.51.100.1', [ANY, ANY6]],
    ['::', [ANY, LOCALHOST, OTHER, ANY6, LOCALHOST6, DOCUMENT6, MAPPED]],
    ['::1', [ANY6, LOCALHOST6]],
    ['2001:db8::1', [ANY6, DOCUMENT6]],
    ['::ffff:127.0.0.1', [ANY, LOCALHOST, ANY6, MAPPED]],
  ])('%s', (host, inTheWay) => {
    const found = [...V4, ...V6].filter((local) => {
      const table = V4.includes(local) ? 'tcp' : 'tcp6';
      const proc = fakeProc({ tables: { [table]: [row(local, '0A', 7)] } });
      expect(findPortUse(at(host, PORT + 1), { proc }), 'another port').toBeUndefined();
      return findPortUse(at(host, PORT), { proc }) !== undefined;
    });
    expect(found).toEqual(inTheWay);
  });
});

describe('which use counts', () => {
  const processes = {
    10: { inodes: [70], comm: 'first\n' },
    11: { inodes: [71], comm: 'second\n' },
  };

  test.each<[string, string[], object | undefined]>([
    ['nothing', [], undefined],
    [
      'who listens, before who is connected and what is closing',
      [row(LOCALHOST, '06', 0), row(LOCALHOST, '01', 71), row(ANY, '0A', 70)],
      { state: 'listening', owner: { pid: 10, command: 'first' } },
    ],
    [
      'who is connected, before what is closing',
      [row(LOCALHOST, '06', 0), row(LOCALHOST, '08', 71)],
      { state: 'connected', owner: { pid: 11, command: 'second' } },
    ],
    ['FIN_WAIT1', [row(LOCALHOST, '04', 0)], { state: 'closing', owner: undefined }],
    ['TIME_WAIT', [row(LOCALHOST, '06', 0)], { state: 'closing', owner: undefined }],
    ['what waits to be accepted is nobody', [row(LOCALHOST, '03', 0)], undefined],
    [
      'a socket of which no process may be seen',
      [row(LOCALHOST, '0A', 99)],
      { state: 'listening', owner: undefined },
    ],
    [
      'one of several that share the port: the youngest',
      [row(LOCALHOST, '0A', 70), row(LOCALHOST, '0A', 71)],
      { state: 'listening', owner: { pid: 11, command: 'second' } },
    ],
  ])('%s', (_, tcp, expected) => {
    const proc = fakeProc({ tables: { tcp }, processes });
    expect(findPortUse(at('127.0.0.1', PORT), { proc })).toEqual(expected);
  });

  test('the other family only when there is none of the same', () => {
    const other = row(ANY6, '0A', 71);
    const both = fakeProc({ tables: { tcp: [row(ANY, '0A', 70)], tcp6: [other] }, processes });
    expect(findPortOwner(at('127.0.0.1', PORT), { proc: both })?.pid).toBe(10);
    expect(findPortOwner(at('::', PORT), { proc: both })?.pid).toBe(11);
    const one = fakeProc({ tables: { tcp: [], tcp6: [other] }, processes });
    expect(findPortOwner(at('127.0.0.1', PORT), { proc: one })?.pid).toBe(11);
  });

  test('every datagram socket that is bound, connected or not', () => {
    for (const state of ['07', '01']) {
      const proc = fakeProc({ tables: { udp: [row(LOCALHOST, state, 70)] }, processes });
      expect(findPortUse(at('127.0.0.1', PORT), { proc, type: 'dgram' })).toEqual({
        state: 'listening',
        owner: { pid: 10, command: 'first' },
      });
    }
  });
});

describe('whatever /proc has in store', () => {
  const tables = { tcp: [row(LOCALHOST, '0A', 70)] };
  const address = at('127.0.0.1', PORT);

  test('none at all', () => {
    expect(findPortUse(address, { proc: '/nowhere' })).toBeUndefined();
  });

  test('an address that is none', () => {
    expect(findPortUse(at('localhost', PORT), { proc: fakeProc({ tables }) })).toBeUndefined();
  });

  test('a name that a terminal would obey', () => {
    const comm = '\u001b[31mred\r\n\u009b\u202ex\u2028\n';
    const proc = fakeProc({ tables, processes: { 10: { inodes: [70], comm } } });
    expect(findPortOwner(address, { proc })?.command).toBe('?[31mred????x?');
  });

  test('a process that ends meanwhile', () => {
    const proc = fakeProc({ tables, processes: { 10: { inodes: [70] } } });
    mkdirSync(join(proc, '11')); // without fd: as unreadable as another user's
    writeFileSync(join(proc, '12'), 'no folder');
    expect(findPortOwner(address, { proc })).toEqual({ pid: 10, command: 'a process' });
  });

  test('a table beyond the first MiB is not read, and a line cut there is not believed', () => {
    const length = 2 ** 20;
    const last = row(LOCALHOST, '0A', 70_123);
    const beginning = last.slice(0, last.indexOf('70123') + 2);
    const filler = 'x'.repeat(length - TITLES.length - beginning.length - 2);
    const proc = fakeProc({
      tables: { tcp: [filler, last] },
      processes: { 10: { inodes: [70], comm: 'wrong' } },
    });
    expect(readFileSync(join(proc, 'net/tcp'), 'latin1').slice(0, length)).toMatch(/ 70$/);
    expect(findPortUse(address, { proc })).toBeUndefined();
  });

  test('so many descriptors that the time is over', () => {
    const inodes = Array.from({ length: 200 }, (_, index) => 1000 + index);
    const processes = { 10: { inodes: [70], comm: 'late' }, 11: { inodes } };
    const proc = fakeProc({ tables, processes });
    let now = 0;
    const ticking = (): number => now++; // a millisecond for each look at the clock
    expect(findPortUse(address, { proc, now: ticking })).toEqual({
      state: 'listening',
      owner: undefined,
    });
    expect(now, 'and it stops looking').toBeLessThan(110);
    expect(findPortOwner(address, { proc, now: () => 0 })?.pid).toBe(10);
  });

  test('so many processes, or so slow a table, that the time is over', () => {
    const many = Array.from({ length: 300 }, (_, index) => [1000 + index, { inodes: [1] }]);
    const processes = { 10: { inodes: [70] }, ...Object.fromEntries(many) };
    const proc = fakeProc({ tables, processes });
    let now = 0;
    expect(findPortUse(address, { proc, now: () => now++ })?.owner).toBeUndefined();
    expect(now, 'and it stops looking').toBeLessThan(110);
    const looks = [0, 100];
    expect(findPortUse(address, { proc, now: () => looks.shift() ?? 100 })).toBeUndefined();
  });
});
