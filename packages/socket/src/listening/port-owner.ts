/**
 * Who has a port: for the message of an error, so that nobody has to look for the process by hand.
 *
 * proc(5) is read: `/proc/net/tcp` and `tcp6` (or `udp` and `udp6`) tell which sockets have the port and the
 * number (inode) of each, and one of the links in `/proc/PID/fd` leads to `socket:[inode]`. The file
 * `/proc/PID/comm` has the name of the process.
 *
 * - Nothing here throws. Without /proc, or when nothing is found, the answer is `undefined`.
 * - It reads synchronously while everything else waits, so it is for errors only, and bounded: it stops looking
 *   after 100 ms, and reads the first MiB of a table. A machine may have a million connections, but the kernel
 *   lists the sockets that listen first.
 * - Of other users' processes only root sees the descriptors: the port is known to be in use then, its owner
 *   is not.
 *
 * What is imperfect: a TCP socket that is bound, but neither listens nor is connected, is in no table. Whether a
 * socket at `::` takes IPv4 too is not in the table either; here it does.
 */
import {
  closeSync,
  opendirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
} from 'node:fs';
import type { IpAddress } from '../address/address.ts';
import { parseIpv4, parseIpv6 } from '../address/ip.ts';

/** A process that has a port. */
export interface PortOwner {
  /** Its number; this process's own is possible too. */
  readonly pid: number;
  /** Its name, `node`: at most 15 characters, and printable. */
  readonly command: string;
}

/**
 * What a port is used for, the most telling use first: a socket listens there (or, for datagrams, is bound
 * there); one has a connection from there; or only connections that nobody has a descriptor of any more are left.
 */
export type PortState = 'listening' | 'connected' | 'closing';

/** How a port is used, and by whom, if that can be seen. */
export interface PortUse {
  readonly state: PortState;
  readonly owner: PortOwner | undefined;
}

/** Options of {@link findPortOwner} and {@link findPortUse}. */
export interface PortOwnerOptions {
  /** Ports of TCP and UDP have nothing to do with each other; `stream` unless told. */
  readonly type?: 'stream' | 'dgram';
  /** Where proc(5) is: `/proc` unless told. */
  readonly proc?: string;
  /** Milliseconds that pass: `performance.now` unless told. */
  readonly now?: () => number;
}

/**
 * 100 ms: nobody minds them before an error message, and they are enough for some 10,000 descriptors. A machine
 * with more may leave the owner unknown.
 */
const MAX_MS = 100;

/** 1 MiB: some 7,000 sockets, 150 bytes each, and about 25 ms. */
const MAX_TABLE_BYTES = 2 ** 20;

/** The tables of each type, with those of IPv4 first. */
const TABLES = { stream: ['tcp', 'tcp6'], dgram: ['udp', 'udp6'] } as const;

/**
 * The process that listens at the port of `address`, or is bound to it. An address with the same port counts
 * when it is the same, or one of the two means all interfaces.
 *
 * @example
 * ```ts
 * findPortOwner({ family: 'inet', host: '127.0.0.1', port: 65432 }); // { pid: 1234, command: 'python3' }
 * ```
 */
export function findPortOwner(
  address: IpAddress,
  options: PortOwnerOptions = {},
): PortOwner | undefined {
  return findPortUse(address, options)?.owner;
}

/** As {@link findPortOwner}, and what the port is used for, which can be seen even where the owner cannot. */
export function findPortUse(
  address: IpAddress,
  options: PortOwnerOptions = {},
): PortUse | undefined {
  const { type = 'stream', proc = '/proc', now = () => performance.now() } = options;
  const deadline = now() + MAX_MS;
  const isLate = (): boolean => now() >= deadline;
  try {
    const wanted = tableAddress(address);
    const rows = TABLES[type].flatMap((table) => readRows(`${proc}/net/${table}`, isLate));
    const found = rows.filter(
      ({ local, port }) =>
        port === address.port && (covers(local, wanted) || covers(wanted, local)),
    );
    for (const state of STATES) {
      const using = found.filter((row) => stateOf(row, type) === state);
      if (using.length === 0) continue;
      const owner =
        state === 'closing' ? undefined : ownerOf(likeliest(using, wanted), { proc, isLate });
      return { state, owner };
    }
  } catch {
    // What is not found is only missing in a message: the error itself is what matters.
  }
  return undefined;
}

/** Sockets of the same family as `wanted`, if there are any: whether those of the other are in the way is a guess. */
function likeliest(rows: readonly Row[], wanted: string): readonly Row[] {
  const sure = rows.filter(({ local }) => local.startsWith(MAPPED) === wanted.startsWith(MAPPED));
  return sure.length > 0 ? sure : rows;
}

// ------------------------------------------------------------------------------------------ tables

/** One socket of a table. */
interface Row {
  /** The local address, in the form of {@link tableAddress}. */
  readonly local: string;
  readonly port: number;
  /** `enum` of the kernel's `net/tcp_states.h`, two hexadecimal digits. */
  readonly state: string;
  /** 0 when no descriptor leads to the socket. */
  readonly inode: string;
}

const STATES: readonly PortState[] = ['listening', 'connected', 'closing'];

const TCP_LISTEN = '0A';
/** FIN_WAIT1, FIN_WAIT2, TIME_WAIT, LAST_ACK, CLOSING. */
const TCP_CLOSING: ReadonlySet<string> = new Set(['04', '05', '06', '09', '0B']);

/** What a socket does with its port; nothing of interest when it waits to be accepted. */
function stateOf({ state, inode }: Row, type: 'stream' | 'dgram'): PortState | undefined {
  if (type === 'dgram' || state === TCP_LISTEN) return 'listening';
  if (inode !== '0') return 'connected';
  return TCP_CLOSING.has(state) ? 'closing' : undefined;
}

/** The sockets in the first {@link MAX_TABLE_BYTES} of a table; none when this kernel does not have it. */
function readRows(path: string, isLate: () => boolean): Row[] {
  const rows: Row[] = [];
  // The first line has the titles of the columns; behind the last line end is nothing, or a line that is cut.
  for (const line of readBeginning(path, isLate).split('\n').slice(1, -1)) {
    // sl, local, remote, state, queues, timer, retransmissions, uid, time-out, inode, ...
    const [, local = '', , state = '', , , , , , inode = ''] = line.trim().split(/\s+/);
    const [address = '', port = ''] = local.split(':');
    rows.push({ local: canonical(address), port: Number.parseInt(port, 16), state, inode });
  }
  return rows;
}

function readBeginning(path: string, isLate: () => boolean): string {
  let fd;
  try {
    fd = openSync(path, 'r');
  } catch {
    return ''; // no IPv6, or no /proc
  }
  try {
    const bytes = Buffer.alloc(MAX_TABLE_BYTES);
    let length = 0;
    while (length < bytes.length && !isLate()) {
      const count = readSync(fd, bytes, length, bytes.length - length, null);
      if (count === 0) break;
      length += count;
    }
    return bytes.toString('latin1', 0, length);
  } finally {
    closeSync(fd);
  }
}

/** How tables write the IPv4 addresses that IPv6 has a form for: `::ffff:0.0.0.0/96`, with a hole of 8 digits. */
const MAPPED = '0000000000000000FFFF0000';
const ANY_IPV4 = `${MAPPED}00000000`;
const ANY_IPV6 = '0'.repeat(32);

/** An address as 32 hexadecimal digits, the way tables have it, IPv4 in its IPv6 form. */
function tableAddress({ family, host }: IpAddress): string {
  const bytes =
    family === 'inet'
      ? parseIpv4(host === '' ? '0.0.0.0' : host)
      : parseIpv6(host === '' ? '::' : host);
  // The kernel prints words of 4 bytes as numbers: x64 and arm64 have their last byte first.
  const words = Buffer.from(bytes).swap32();
  return canonical(words.toString('hex').toUpperCase());
}

function canonical(address: string): string {
  return address.length === 8 ? MAPPED + address : address;
}

/** Whether a socket at `local` takes what is meant for `other`. */
function covers(local: string, other: string): boolean {
  if (local === other || local === ANY_IPV6) return true;
  return local === ANY_IPV4 && other.startsWith(MAPPED);
}

// --------------------------------------------------------------------------------------- processes

interface Search {
  readonly proc: string;
  readonly isLate: () => boolean;
}

/** A process that has a descriptor of one of these sockets: this one, or else the youngest. */
function ownerOf(rows: readonly Row[], { proc, isLate }: Search): PortOwner | undefined {
  const targets = new Set(rows.map(({ inode }) => `socket:[${inode}]`));
  const others = readdirSync(proc)
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid)
    .sort((a, b) => b - a);
  for (const pid of [process.pid, ...others]) {
    if (isLate()) return undefined;
    if (hasDescriptor(`${proc}/${pid}/fd`, targets, isLate)) {
      return { pid, command: commandOf(`${proc}/${pid}/comm`) };
    }
  }
  return undefined;
}

/** Whether one of the links in `folder` leads to one of `targets`. No, when it may not be read. */
function hasDescriptor(
  folder: string,
  targets: ReadonlySet<string>,
  isLate: () => boolean,
): boolean {
  try {
    // Not all names at once: a process may have a million descriptors.
    const descriptors = opendirSync(folder);
    try {
      for (let entry = descriptors.readSync(); entry !== null; entry = descriptors.readSync()) {
        if (isLate()) return false;
        if (targets.has(linkOf(`${folder}/${entry.name}`))) return true;
      }
    } finally {
      descriptors.closeSync();
    }
  } catch {
    // Another user's process, or one that has ended meanwhile.
  }
  return false;
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // closed meanwhile
  }
}

function commandOf(path: string): string {
  try {
    return printable(readFileSync(path, 'utf8').replace(/\n$/, ''));
  } catch {
    return 'a process'; // it has ended meanwhile
  }
}

/** A process calls itself what it likes, and terminals obey control characters. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}
