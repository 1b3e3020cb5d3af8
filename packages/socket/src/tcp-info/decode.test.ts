import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, expectTypeOf, onTestFinished, test } from 'vitest';
import type { Libc } from '../libc/libc.ts';
import { openLibc } from '../libc/library.ts';
import { decodeTcpInfo, tcpInfo } from './decode.ts';
import type { TcpInfo } from './facts.ts';
import { TCP_INFO_FIELDS, TCP_INFO_LEAST, TCP_INFO_ROOM, type TcpInfoField } from './fields.ts';

const run = promisify(execFile);

const FIELDS = Object.entries<TcpInfoField>(TCP_INFO_FIELDS);
const SIZES = { u8: 1, u16: 2, u32: 4, u64: 8 } as const;
/** How many bytes the fields that are known here take. */
const KNOWN = Math.max(...FIELDS.map(([, { offset, type }]) => offset + SIZES[type]));

/** A `struct tcp_info` of `length` bytes in which only the bytes from `offset` on are not 0. */
function bytesWith(offset: number, values: readonly number[], length = TCP_INFO_LEAST): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(values, offset);
  return bytes;
}

describe('values', () => {
  test.each<[keyof TcpInfo, number, readonly number[], unknown]>([
    ['state', 0, [1], 'ESTABLISHED'],
    ['state', 0, [10], 'LISTEN'],
    ['state', 0, [12], 'NEW_SYN_RECV'],
    ['state', 0, [99], 'UNKNOWN'],
    ['caState', 1, [0], 'Open'],
    ['caState', 1, [4], 'Loss'],
    ['caState', 1, [5], 'UNKNOWN'],
    ['options', 5, [0], []],
    ['options', 5, [0b0000_0111], ['timestamps', 'sack', 'wscale']],
    ['options', 5, [0b1111_1000], ['ecn', 'ecn_seen', 'syn_data', 'usec_ts', 'tfo_child']],
    ['sndWscale', 6, [0xa7], 7],
    ['rcvWscale', 6, [0xa7], 10],
    ['deliveryRateAppLimited', 7, [0b1111_1110], false],
    ['deliveryRateAppLimited', 7, [0b0000_0001], true],
    ['fastopenClientFail', 7, [0b1111_1001], 'unspec'],
    ['fastopenClientFail', 7, [0b0000_0100], 'data_not_acked'],
    ['rtoMs', 8, [1, 2, 3, 4], 0x0403_0201 / 1000],
    ['lastDataSentMs', 44, [1, 2, 3, 4], 0x0403_0201],
    ['rttMs', 68, [231, 3, 0, 0], 0.999],
    ['sndSsthresh', 76, [255, 255, 255, 0x7f], Infinity],
    ['sndSsthresh', 76, [7, 0, 0, 0], 7],
    ['pacingRate', 104, [255, 255, 255, 255, 255, 255, 255, 255], Infinity],
    ['maxPacingRate', 112, [255, 255, 255, 255], 0xffff_ffff],
    ['bytesReceived', 128, [0, 0, 0, 0, 0, 0, 1], 2 ** 48],
    ['minRttMs', 148, [255, 255, 255, 255], undefined],
    ['minRttMs', 148, [254, 255, 255, 255], 4_294_967.294],
    ['busyTimeMs', 168, [0, 0, 0, 0, 1], 4_294_967.296],
    ['deliveredCe', 196, [255, 255, 255, 255], 0xffff_ffff],
  ])('%s at %i, %o: %o', (name, offset, values, expected) => {
    expect(decodeTcpInfo(bytesWith(offset, values))[name]).toEqual(expected);
  });

  test.each<[keyof TcpInfo, number, readonly number[], unknown]>([
    ['totalRto', 240, [1, 2, 3, 4], 0x0201],
    ['totalRtoRecoveries', 240, [1, 2, 3, 4], 0x0403],
    ['totalRtoTimeMs', 244, [1, 2, 3, 4], 0x0403_0201],
    ['receivedCeBytes', 272, [1, 2, 3, 4], 0x0403_0201],
  ])('%s at %i, %o: %o', (name, offset, values, expected) => {
    expect(decodeTcpInfo(bytesWith(offset, values, KNOWN))[name]).toEqual(expected);
  });

  test('bytes in the middle of a buffer', () => {
    const buffer = new Uint8Array(TCP_INFO_LEAST + 10).fill(255);
    buffer.set(bytesWith(68, [1, 0, 0, 0]), 5);
    const info = decodeTcpInfo(buffer.subarray(5, 5 + TCP_INFO_LEAST));
    expect(info).toMatchObject({ rttMs: 0.001, rttVarMs: 0, deliveredCe: 0 });
  });
});

describe('lengths', () => {
  const full = Uint8Array.from({ length: KNOWN }, (_, at) => 1 + (at % 200));
  const whole = decodeTcpInfo(full);

  test('cut anywhere: what is there is as before, what is not is undefined, never half of it', () => {
    for (let length = TCP_INFO_LEAST; length <= KNOWN; length++) {
      const info = decodeTcpInfo(full.subarray(0, length));
      const expected = FIELDS.map(([name, { offset, type }]) => {
        const value = whole[name as keyof TcpInfo]; // names of the table
        return [name, offset + SIZES[type] <= length ? value : undefined];
      });
      expect(info, `${length} bytes`).toEqual(Object.fromEntries(expected));
    }
  });

  test('shorter than every kernel’s: refused', () => {
    for (let length = 0; length < TCP_INFO_LEAST; length++) {
      expect(() => decodeTcpInfo(full.subarray(0, length))).toThrow(RangeError);
    }
    expect(() => decodeTcpInfo(new Uint8Array(192))).toThrow(
      'decode TCP_INFO: 192 bytes; every kernel since Linux 4.18 gives at least 200',
    );
  });

  test('longer, from a kernel to come: what is not known is ignored', () => {
    const longer = new Uint8Array(TCP_INFO_ROOM).fill(255);
    longer.set(full);
    expect(decodeTcpInfo(longer)).toEqual(whole);
  });

  test('the least has every field that has no `since`, and nothing of the others', () => {
    const { length } = full.subarray(0, TCP_INFO_LEAST);
    for (const [name, { offset, type, since }] of FIELDS) {
      expect(offset + SIZES[type] <= length, name).toBe(since === undefined);
    }
  });
});

test('fields that are always there have no undefined in their type, the others have', () => {
  expectTypeOf<TcpInfo['rttMs']>().toEqualTypeOf<number>();
  expectTypeOf<TcpInfo['deliveredCe']>().toEqualTypeOf<number>();
  expectTypeOf<TcpInfo['bytesSent']>().toEqualTypeOf<number | undefined>();
  type MayBeMissing = {
    [Name in keyof TcpInfo]: undefined extends TcpInfo[Name] ? Name : never;
  }[keyof TcpInfo];
  type Newer = {
    [Name in keyof TcpInfo]: (typeof TCP_INFO_FIELDS)[Name] extends { since: string }
      ? Name
      : never;
  }[keyof TcpInfo];
  expectTypeOf<MayBeMissing>().toEqualTypeOf<Newer | 'minRttMs'>();
});

/** The descriptor of a socket of Node's. */
function fdOf(owner: Socket | Server): number {
  // Node has it at `_handle.fd`, which its types do not tell.
  return (owner as unknown as { _handle: { fd: number } })._handle.fd;
}

const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;

/** A socket that does nothing, closed when its test is over. */
function unconnected(type: number): number {
  const libc = openLibc();
  const fd = libc.socket(AF_INET, type, 0);
  onTestFinished(() => void libc.close(fd));
  return fd;
}

/** A connection of Node's over 127.0.0.1, and the server. */
async function connection(): Promise<{ server: Server; near: Socket; far: Socket }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listen: no port');
  const near = connect(address.port, '127.0.0.1');
  const [[far]] = (await Promise.all([once(server, 'connection'), once(near, 'connect')])) as [
    [Socket], // what a server tells of a connection
    unknown,
  ];
  onTestFinished(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  return { server, near, far };
}

describe('of a real connection', () => {
  test('both ends count what went over', async () => {
    const { near, far } = await connection();
    near.write(Buffer.alloc(5000));
    let received = 0;
    while (received < 5000) {
      const [chunk] = (await once(far, 'data')) as [Buffer]; // no encoding is set
      received += chunk.length;
    }
    far.write('x');
    await once(near, 'data');

    const sender = tcpInfo(openLibc(), fdOf(near));
    expect(sender).toMatchObject({
      state: 'ESTABLISHED',
      caState: 'Open',
      bytesAcked: 5001, // and the SYN
      bytesReceived: 1,
      notsentBytes: 0,
      unacked: 0,
      totalRetrans: 0,
      maxPacingRate: Infinity,
    });
    expect(sender.sndMss).toBeGreaterThan(500);
    expect(sender.rttMs).toBeGreaterThan(0);
    expect(sender.rttMs).toBeLessThan(1000);
    expect(sender.minRttMs).toBeGreaterThan(0);
    expect(sender.rtoMs).toBeGreaterThan(sender.rttMs);
    expect(sender.bytesSent ?? 5000).toBe(5000);
    expect(tcpInfo(openLibc(), fdOf(far))).toMatchObject({
      bytesReceived: 5000,
      state: 'ESTABLISHED',
    });
  });

  test('a listening socket tells its backlog', async () => {
    const { server } = await connection();
    expect(tcpInfo(openLibc(), fdOf(server))).toMatchObject({ state: 'LISTEN', unacked: 0 });
    expect(tcpInfo(openLibc(), fdOf(server)).sacked).toBeGreaterThan(0);
  });

  test('a socket that is not connected is in CLOSE, and has measured nothing', () => {
    expect(tcpInfo(openLibc(), unconnected(SOCK_STREAM))).toMatchObject({
      state: 'CLOSE',
      rttMs: 0,
      minRttMs: undefined,
      sndSsthresh: Infinity,
      bytesAcked: 0,
    });
  });

  test('an older kernel gives less: only what it wrote is read', () => {
    const older: Libc = {
      ...openLibc(),
      getsockopt(_fd, _level, _name, value, length) {
        value.fill(1);
        length[0] = TCP_INFO_LEAST;
        return 0;
      },
    };
    const info = tcpInfo(older, 5);
    expect(info.deliveredCe).toBe(0x0101_0101);
    expect(info.bytesSent).toBeUndefined();
  });

  test('a socket of UDP has none', () => {
    expect(() => tcpInfo(openLibc(), unconnected(SOCK_DGRAM))).toThrow(
      expect.objectContaining({ code: 'EOPNOTSUPP', syscall: 'getsockopt', address: 'TCP_INFO' }),
    );
  });
});

/** Makes a connection, and unpacks its TCP_INFO with a format that was written down from the header file. */
const WITNESS = `
import json, socket, struct
listener = socket.create_server(('127.0.0.1', 0))
near = socket.create_connection(listener.getsockname())
far, _ = listener.accept()
near.sendall(b'x' * 1234)
far.recv(1234, socket.MSG_WAITALL)
far.sendall(b'y')
near.recv(1)
raw = near.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 512)
names = '''state ca_state retransmits probes backoff options wscales flags
rto ato snd_mss rcv_mss unacked sacked lost retrans fackets
last_data_sent last_ack_sent last_data_recv last_ack_recv
pmtu rcv_ssthresh rtt rttvar snd_ssthresh snd_cwnd advmss reordering rcv_rtt rcv_space total_retrans
pacing_rate max_pacing_rate bytes_acked bytes_received segs_out segs_in
notsent_bytes min_rtt data_segs_in data_segs_out delivery_rate busy_time rwnd_limited sndbuf_limited
delivered delivered_ce'''.split()
fields = dict(zip(names, struct.unpack('@8B24I4Q6I4Q2I', raw[:200])))
print(json.dumps({'raw': raw.hex(), 'fields': fields}))
`;

test('an independent witness, Python’s struct, reads the same bytes in the same way', async () => {
  const { stdout } = await run('python3', ['-c', WITNESS]);
  // What the script above prints.
  const { raw, fields } = JSON.parse(stdout) as { raw: string; fields: Record<string, number> };
  const info = decodeTcpInfo(Buffer.from(raw, 'hex'));
  expect(info.bytesAcked).toBe(1235);
  for (const [name, { source, since, bits, means, divisor = 1, special }] of FIELDS) {
    if (since !== undefined || bits !== undefined || means !== undefined) continue;
    const number = fields[source.replace('tcpi_', '')];
    if (number === undefined) throw new Error(`${source}: the witness has not told`);
    if (number === special?.number) continue;
    expect(info[name as keyof TcpInfo], name).toBe(number / divisor); // names of the table
  }
  expect(info).toMatchObject({
    state: 'ESTABLISHED',
    sndWscale: (fields['wscales'] ?? 0) & 15,
    rcvWscale: (fields['wscales'] ?? 0) >> 4,
    deliveryRateAppLimited: ((fields['flags'] ?? 0) & 1) === 1,
  });
  expect(fields['state']).toBe(1);
});

test('offsets and sizes are those of the header file', async ({ skip }) => {
  let header: string;
  try {
    header = await readFile('/usr/include/linux/tcp.h', 'utf8');
    await run('cc', ['--version']);
  } catch (error) {
    return skip(`no C compiler with the header files: ${String(error)}`);
  }
  // Bit fields have no offset; what is newer than the header has none here either.
  const known = FIELDS.filter(([, { bits, source }]) => !bits && header.includes(`\t${source};`));
  expect(known.length).toBeGreaterThan(30);
  const folder = await mkdtemp(join(tmpdir(), 'wireline-tcp-info-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const lines = known.map(
    ([, { source }]) =>
      `printf("%zu %zu\\n", offsetof(struct tcp_info, ${source}), sizeof ((struct tcp_info *)0)->${source});`,
  );
  const headers = ['stddef.h', 'stdio.h', 'linux/tcp.h'].map((name) => `#include <${name}>`);
  const [file, program] = [join(folder, 'ask.c'), join(folder, 'ask')];
  await writeFile(file, [...headers, 'int main(void) {', ...lines, '}'].join('\n'));
  await run('cc', ['-o', program, file]);
  const { stdout } = await run(program);
  const expected = known.map(([, { offset, type }]) => `${offset} ${SIZES[type]}`);
  expect(stdout.trim().split('\n')).toEqual(expected);
});
