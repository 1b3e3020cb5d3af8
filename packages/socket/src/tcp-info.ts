/**
 * TCP_INFO: what the kernel knows about a TCP connection, decoded.
 *
 * The kernel's `struct tcp_info` has grown at its end for twenty years and still does: how much of it came
 * is told by the length. What every Linux since 4.18 has (the oldest that Node 20 runs on) is always
 * there, what is newer is `undefined` where the kernel is older, and what is newer than this file is
 * ignored. Offsets, types and names are in {@link TCP_INFO_FIELDS}, from `include/uapi/linux/tcp.h`;
 * what is measured how, from `tcp_get_info` in `net/ipv4/tcp.c`.
 *
 * Durations, whose names end in `Ms`, are milliseconds, with fractions where the kernel counts microseconds.
 * No limit is Infinity.
 *
 * Left out: `tcpi_fackets`, always 0 since Linux 4.15; `tcpi_last_ack_sent`, which no kernel ever filled in; and
 * the last word of Linux 6.18, whose bits Linux 7.0 has moved.
 */
import { IPPROTO_TCP } from './libc/constants.ts';
import type { Libc } from './libc/libc.ts';
import { mustCall } from './libc/syscall.ts';

/** The states of a connection, by the kernel's names. From `include/net/tcp_states.h`. */
const STATES = [
  'UNKNOWN',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
  'NEW_SYN_RECV',
] as const;

/** The states of congestion control, by the kernel's names: `enum tcp_ca_state`. */
const CA_STATES = ['Open', 'Disorder', 'CWR', 'Recovery', 'Loss'] as const;

/** What was agreed on, from the lowest bit of `tcpi_options` on: TCPI_OPT_. */
const OPTION_BITS = [
  'timestamps',
  'sack',
  'wscale',
  'ecn',
  'ecn_seen',
  'syn_data',
  'usec_ts',
  'tfo_child',
] as const;

/** Why fast open failed: `enum tcp_fastopen_client_fail`. */
const FASTOPEN_FAILURES = [
  'unspec',
  'cookie_unavailable',
  'data_not_acked',
  'syn_retransmitted',
] as const;

/** The state of a connection; `CLOSE` is no connection, `UNKNOWN` one that only newer kernels have. */
export type TcpState = (typeof STATES)[number];

/** The state of a connection's congestion control; see {@link TcpInfo.caState}. */
export type TcpCaState = (typeof CA_STATES)[number] | 'UNKNOWN';

/** What both ends of a connection agreed on; see {@link TcpInfo.options}. */
export type TcpInfoOption = (typeof OPTION_BITS)[number];

/** Why fast open failed; see {@link TcpInfo.fastopenClientFail}. */
export type FastopenClientFail = (typeof FASTOPEN_FAILURES)[number];

/** What the kernel knows about a connection. Segments are what TCP sends at once; counts begin at its birth. */
export interface TcpInfo {
  /** The state of the connection. */
  readonly state: TcpState;
  /** Congestion control: all is well (Open), duplicate acknowledgements came (Disorder), slowing down (CWR), sending lost segments again (Recovery), after a time-out (Loss). */
  readonly caState: TcpCaState;
  /** Time-outs in a row of the oldest unacknowledged segment. */
  readonly retransmits: number;
  /** Unanswered probes of a peer that is silent, or whose window is shut. */
  readonly probes: number;
  /** How many times the retransmission time-out was doubled. */
  readonly backoff: number;
  /** What both ends agreed on: timestamps, selective acknowledgements, window scaling, congestion marks, and whether fast open was used. */
  readonly options: readonly TcpInfoOption[];
  /** The power of two by which the window that the peer announces is scaled. */
  readonly sndWscale: number;
  /** The power of two by which the window that this end announces is scaled. */
  readonly rcvWscale: number;
  /** Whether `deliveryRate` was held down by an application that had nothing to send. */
  readonly deliveryRateAppLimited: boolean;
  /** Why fast open failed on the connecting side; `unspec` too when nothing failed, and before Linux 5.5. */
  readonly fastopenClientFail: FastopenClientFail;
  /** The retransmission time-out now. */
  readonly rtoMs: number;
  /** How long an acknowledgement is put off at present. */
  readonly atoMs: number;
  /** The largest segment to send. In bytes. */
  readonly sndMss: number;
  /** The segments that the peer sends, as far as their size can be told. In bytes. */
  readonly rcvMss: number;
  /** Segments sent and not yet acknowledged; of a listening socket, connections that wait to be accepted. */
  readonly unacked: number;
  /** Segments that the peer has, but not those before them; of a listening socket, the size of the backlog. */
  readonly sacked: number;
  /** Segments taken for lost. */
  readonly lost: number;
  /** Segments sent again and not yet acknowledged. */
  readonly retrans: number;
  /** Since something was sent last. */
  readonly lastDataSentMs: number;
  /** Since something was received last. */
  readonly lastDataRecvMs: number;
  /** Since something was acknowledged last. */
  readonly lastAckRecvMs: number;
  /** The largest packet that the path lets through, as far as is known. In bytes. */
  readonly pmtu: number;
  /** How far the receive window may grow for now. In bytes. */
  readonly rcvSsthresh: number;
  /** The round-trip time, smoothed; 0 before the first measurement. */
  readonly rttMs: number;
  /** How much the round-trip time varies. */
  readonly rttVarMs: number;
  /** Where slow start ends; Infinity until a loss has shown where. In segments. */
  readonly sndSsthresh: number;
  /** The congestion window: how many segments may be under way. In segments. */
  readonly sndCwnd: number;
  /** The largest segment that this end has announced. In bytes. */
  readonly advmss: number;
  /** How far out of order segments arrive at the peer without counting as lost. In segments. */
  readonly reordering: number;
  /** The round-trip time as the receiving side estimates it; 0 before it could. */
  readonly rcvRttMs: number;
  /** How much the application reads in a round trip, which the receive buffer is sized by. In bytes. */
  readonly rcvSpace: number;
  /** Segments sent again since the connection began. */
  readonly totalRetrans: number;
  /** The rate at which segments are let go now; Infinity where it is not limited. In bytes per second. */
  readonly pacingRate: number;
  /** The highest rate at which segments are let go, SO_MAX_PACING_RATE; Infinity where it is not limited. In bytes per second. */
  readonly maxPacingRate: number;
  /** What the peer has acknowledged; the SYN counts as one. In bytes. */
  readonly bytesAcked: number;
  /** What was received in order; the FIN counts as one. In bytes. */
  readonly bytesReceived: number;
  /** Segments sent, those without data too. */
  readonly segsOut: number;
  /** Segments received, those without data too. */
  readonly segsIn: number;
  /** What the application has sent and the kernel not yet. In bytes. */
  readonly notsentBytes: number;
  /** The shortest round-trip time of the last minutes; `undefined` before the first measurement. */
  readonly minRttMs: number | undefined;
  /** Segments with data received. */
  readonly dataSegsIn: number;
  /** Segments with data sent, those sent again too. */
  readonly dataSegsOut: number;
  /** The rate at which data reached the peer lately. In bytes per second. */
  readonly deliveryRate: number;
  /** How long there was something under way, or to be sent. */
  readonly busyTimeMs: number;
  /** How long of that time the peer's receive window held the sending up. */
  readonly rwndLimitedMs: number;
  /** How long of that time the send buffer of this end held the sending up. */
  readonly sndbufLimitedMs: number;
  /** Segments with data that reached the peer. */
  readonly delivered: number;
  /** Segments of them that came back with a mark of congestion. */
  readonly deliveredCe: number;
  /** What was sent, including what was sent again. In bytes. */
  readonly bytesSent: number | undefined;
  /** What was sent again. In bytes. */
  readonly bytesRetrans: number | undefined;
  /** Segments that the peer says it got twice. */
  readonly dsackDups: number | undefined;
  /** How many times segments were seen to arrive out of order at the peer. */
  readonly reordSeen: number | undefined;
  /** Segments that arrived out of order here. */
  readonly rcvOoopack: number | undefined;
  /** The window that the peer announces, scaled. In bytes. */
  readonly sndWnd: number | undefined;
  /** The window that this end announces, scaled. In bytes. */
  readonly rcvWnd: number | undefined;
  /** How many times another path was tried. */
  readonly rehash: number | undefined;
  /** Retransmission time-outs since the connection began. */
  readonly totalRto: number | undefined;
  /** How many times the connection had to recover from one. */
  readonly totalRtoRecoveries: number | undefined;
  /** How long that took in all. */
  readonly totalRtoTimeMs: number | undefined;
  /** Segments received with a mark of congestion. */
  readonly receivedCe: number | undefined;
  /** What reached the peer marked ECT(1), by accurate ECN. In bytes. */
  readonly deliveredE1Bytes: number | undefined;
  /** What reached the peer marked ECT(0), by accurate ECN. In bytes. */
  readonly deliveredE0Bytes: number | undefined;
  /** What reached the peer with a mark of congestion, by accurate ECN. In bytes. */
  readonly deliveredCeBytes: number | undefined;
  /** What was received marked ECT(1). In bytes. */
  readonly receivedE1Bytes: number | undefined;
  /** What was received marked ECT(0). In bytes. */
  readonly receivedE0Bytes: number | undefined;
  /** What was received with a mark of congestion. In bytes. */
  readonly receivedCeBytes: number | undefined;
}

/** Where a field of {@link TcpInfo} stands in `struct tcp_info`, and what it counts. */
export interface TcpInfoField {
  /** The kernel's name. */
  readonly source: `tcpi_${string}`;
  /** The byte that it begins at. */
  readonly offset: number;
  readonly type: 'u8' | 'u16' | 'u32' | 'u64';
  /** The bits of a bit field: where it begins, from the lowest one, and how many. */
  readonly bits?: readonly [start: number, count: number];
  /** The unit of our value. */
  readonly unit?: 'milliseconds' | 'bytes' | 'segments' | 'bytes per second';
  /** What the kernel's number is divided by: 1000 for microseconds. 1 unless told. */
  readonly divisor?: number;
  /** The kernel's number that means something else than its size. */
  readonly special?: { readonly number: number; readonly means: number | undefined };
  /** What our value is, where it is no number. */
  readonly means?: 'state' | 'ca-state' | 'options' | 'fastopen-failure' | 'boolean';
  /** The first Linux that has it, where 4.18 has not. */
  readonly since?: string;
}

/** Microseconds to milliseconds. */
const MICROSECONDS = { unit: 'milliseconds', divisor: 1000 } as const;
const MILLISECONDS = { unit: 'milliseconds' } as const;
const BYTES = { unit: 'bytes' } as const;
const SEGMENTS = { unit: 'segments' } as const;
/** No limit is ~0 of 64 bits; the nearest Number is one more. */
const RATE = {
  unit: 'bytes per second',
  special: { number: 2 ** 64, means: Infinity },
} as const;

/** The fields of {@link TcpInfo} in the order of `struct tcp_info`, `include/uapi/linux/tcp.h`. */
export const TCP_INFO_FIELDS = {
  state: { source: 'tcpi_state', offset: 0, type: 'u8', means: 'state' },
  caState: { source: 'tcpi_ca_state', offset: 1, type: 'u8', means: 'ca-state' },
  retransmits: { source: 'tcpi_retransmits', offset: 2, type: 'u8' },
  probes: { source: 'tcpi_probes', offset: 3, type: 'u8' },
  backoff: { source: 'tcpi_backoff', offset: 4, type: 'u8' },
  options: { source: 'tcpi_options', offset: 5, type: 'u8', means: 'options' },
  sndWscale: { source: 'tcpi_snd_wscale', offset: 6, type: 'u8', bits: [0, 4] },
  rcvWscale: { source: 'tcpi_rcv_wscale', offset: 6, type: 'u8', bits: [4, 4] },
  deliveryRateAppLimited: {
    source: 'tcpi_delivery_rate_app_limited',
    offset: 7,
    type: 'u8',
    bits: [0, 1],
    means: 'boolean',
  },
  fastopenClientFail: {
    source: 'tcpi_fastopen_client_fail',
    offset: 7,
    type: 'u8',
    bits: [1, 2],
    means: 'fastopen-failure',
  },
  rtoMs: { source: 'tcpi_rto', offset: 8, type: 'u32', ...MICROSECONDS },
  atoMs: { source: 'tcpi_ato', offset: 12, type: 'u32', ...MICROSECONDS },
  sndMss: { source: 'tcpi_snd_mss', offset: 16, type: 'u32', ...BYTES },
  rcvMss: { source: 'tcpi_rcv_mss', offset: 20, type: 'u32', ...BYTES },
  unacked: { source: 'tcpi_unacked', offset: 24, type: 'u32', ...SEGMENTS },
  sacked: { source: 'tcpi_sacked', offset: 28, type: 'u32', ...SEGMENTS },
  lost: { source: 'tcpi_lost', offset: 32, type: 'u32', ...SEGMENTS },
  retrans: { source: 'tcpi_retrans', offset: 36, type: 'u32', ...SEGMENTS },
  lastDataSentMs: { source: 'tcpi_last_data_sent', offset: 44, type: 'u32', ...MILLISECONDS },
  lastDataRecvMs: { source: 'tcpi_last_data_recv', offset: 52, type: 'u32', ...MILLISECONDS },
  lastAckRecvMs: { source: 'tcpi_last_ack_recv', offset: 56, type: 'u32', ...MILLISECONDS },
  pmtu: { source: 'tcpi_pmtu', offset: 60, type: 'u32', ...BYTES },
  rcvSsthresh: { source: 'tcpi_rcv_ssthresh', offset: 64, type: 'u32', ...BYTES },
  rttMs: { source: 'tcpi_rtt', offset: 68, type: 'u32', ...MICROSECONDS },
  rttVarMs: { source: 'tcpi_rttvar', offset: 72, type: 'u32', ...MICROSECONDS },
  sndSsthresh: {
    source: 'tcpi_snd_ssthresh',
    offset: 76,
    type: 'u32',
    ...SEGMENTS,
    // TCP_INFINITE_SSTHRESH in include/net/tcp.h.
    special: { number: 0x7fff_ffff, means: Infinity },
  },
  sndCwnd: { source: 'tcpi_snd_cwnd', offset: 80, type: 'u32', ...SEGMENTS },
  advmss: { source: 'tcpi_advmss', offset: 84, type: 'u32', ...BYTES },
  reordering: { source: 'tcpi_reordering', offset: 88, type: 'u32', ...SEGMENTS },
  rcvRttMs: { source: 'tcpi_rcv_rtt', offset: 92, type: 'u32', ...MICROSECONDS },
  rcvSpace: { source: 'tcpi_rcv_space', offset: 96, type: 'u32', ...BYTES },
  totalRetrans: { source: 'tcpi_total_retrans', offset: 100, type: 'u32', ...SEGMENTS },
  pacingRate: { source: 'tcpi_pacing_rate', offset: 104, type: 'u64', ...RATE },
  maxPacingRate: { source: 'tcpi_max_pacing_rate', offset: 112, type: 'u64', ...RATE },
  bytesAcked: { source: 'tcpi_bytes_acked', offset: 120, type: 'u64', ...BYTES },
  bytesReceived: { source: 'tcpi_bytes_received', offset: 128, type: 'u64', ...BYTES },
  segsOut: { source: 'tcpi_segs_out', offset: 136, type: 'u32', ...SEGMENTS },
  segsIn: { source: 'tcpi_segs_in', offset: 140, type: 'u32', ...SEGMENTS },
  notsentBytes: { source: 'tcpi_notsent_bytes', offset: 144, type: 'u32', ...BYTES },
  minRttMs: {
    source: 'tcpi_min_rtt',
    offset: 148,
    type: 'u32',
    ...MICROSECONDS,
    // ~0 is the minimum of no measurement.
    special: { number: 0xffff_ffff, means: undefined },
  },
  dataSegsIn: { source: 'tcpi_data_segs_in', offset: 152, type: 'u32', ...SEGMENTS },
  dataSegsOut: { source: 'tcpi_data_segs_out', offset: 156, type: 'u32', ...SEGMENTS },
  deliveryRate: { source: 'tcpi_delivery_rate', offset: 160, type: 'u64', ...RATE },
  busyTimeMs: { source: 'tcpi_busy_time', offset: 168, type: 'u64', ...MICROSECONDS },
  rwndLimitedMs: { source: 'tcpi_rwnd_limited', offset: 176, type: 'u64', ...MICROSECONDS },
  sndbufLimitedMs: { source: 'tcpi_sndbuf_limited', offset: 184, type: 'u64', ...MICROSECONDS },
  delivered: { source: 'tcpi_delivered', offset: 192, type: 'u32', ...SEGMENTS },
  deliveredCe: { source: 'tcpi_delivered_ce', offset: 196, type: 'u32', ...SEGMENTS },
  bytesSent: { source: 'tcpi_bytes_sent', offset: 200, type: 'u64', ...BYTES, since: '4.19' },
  bytesRetrans: { source: 'tcpi_bytes_retrans', offset: 208, type: 'u64', ...BYTES, since: '4.19' },
  dsackDups: { source: 'tcpi_dsack_dups', offset: 216, type: 'u32', ...SEGMENTS, since: '4.19' },
  reordSeen: { source: 'tcpi_reord_seen', offset: 220, type: 'u32', since: '4.19' },
  rcvOoopack: { source: 'tcpi_rcv_ooopack', offset: 224, type: 'u32', ...SEGMENTS, since: '5.4' },
  sndWnd: { source: 'tcpi_snd_wnd', offset: 228, type: 'u32', ...BYTES, since: '5.4' },
  rcvWnd: { source: 'tcpi_rcv_wnd', offset: 232, type: 'u32', ...BYTES, since: '6.2' },
  rehash: { source: 'tcpi_rehash', offset: 236, type: 'u32', since: '6.2' },
  totalRto: { source: 'tcpi_total_rto', offset: 240, type: 'u16', since: '6.7' },
  totalRtoRecoveries: {
    source: 'tcpi_total_rto_recoveries',
    offset: 242,
    type: 'u16',
    since: '6.7',
  },
  totalRtoTimeMs: {
    source: 'tcpi_total_rto_time',
    offset: 244,
    type: 'u32',
    ...MILLISECONDS,
    since: '6.7',
  },
  receivedCe: { source: 'tcpi_received_ce', offset: 248, type: 'u32', ...SEGMENTS, since: '6.18' },
  deliveredE1Bytes: {
    source: 'tcpi_delivered_e1_bytes',
    offset: 252,
    type: 'u32',
    ...BYTES,
    since: '6.18',
  },
  deliveredE0Bytes: {
    source: 'tcpi_delivered_e0_bytes',
    offset: 256,
    type: 'u32',
    ...BYTES,
    since: '6.18',
  },
  deliveredCeBytes: {
    source: 'tcpi_delivered_ce_bytes',
    offset: 260,
    type: 'u32',
    ...BYTES,
    since: '6.18',
  },
  receivedE1Bytes: {
    source: 'tcpi_received_e1_bytes',
    offset: 264,
    type: 'u32',
    ...BYTES,
    since: '6.18',
  },
  receivedE0Bytes: {
    source: 'tcpi_received_e0_bytes',
    offset: 268,
    type: 'u32',
    ...BYTES,
    since: '6.18',
  },
  receivedCeBytes: {
    source: 'tcpi_received_ce_bytes',
    offset: 272,
    type: 'u32',
    ...BYTES,
    since: '6.18',
  },
} as const satisfies Readonly<Record<keyof TcpInfo, TcpInfoField>>;

/** The room to ask for: more than any kernel has, Linux 6.18 has 280, so that none cuts its answer. */
export const TCP_INFO_ROOM = 512;

/** What Linux 4.18 gives: everything up to `tcpi_delivered_ce`. */
export const TCP_INFO_LEAST = 200;

/** The number of the option; from `linux/tcp.h`. */
const TCP_INFO = 11;

/** The size of a `u8`, `u16`, `u32` and `u64`. */
const SIZES = { u8: 1, u16: 2, u32: 4, u64: 8 } as const;

// The entries are read as what they have in common.
const FIELDS = Object.entries<TcpInfoField>(TCP_INFO_FIELDS);

/**
 * What is in the bytes that `getsockopt` gave for TCP_INFO, exactly as many as it said.
 *
 * @throws RangeError when there are fewer than every kernel gives, 200.
 */
export function decodeTcpInfo(bytes: Uint8Array): TcpInfo {
  if (bytes.length < TCP_INFO_LEAST) {
    throw new RangeError(
      `decode TCP_INFO: ${bytes.length} bytes; every kernel since Linux 4.18 gives at least ${TCP_INFO_LEAST}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const info: Record<string, TcpInfo[keyof TcpInfo]> = {};
  for (const [name, field] of FIELDS) info[name] = readField(view, field);
  // The table has every key of TcpInfo; what its entries mean is held against the types by the test.
  return info as unknown as TcpInfo;
}

/**
 * Reads TCP_INFO of a descriptor. See tcp(7).
 *
 * @throws SystemError EOPNOTSUPP or ENOPROTOOPT when it is no TCP socket.
 */
export function tcpInfo(libc: Libc, fd: number): TcpInfo {
  const bytes = new Uint8Array(TCP_INFO_ROOM);
  const length = Int32Array.of(TCP_INFO_ROOM);
  mustCall(
    libc,
    'getsockopt',
    () => libc.getsockopt(fd, IPPROTO_TCP, TCP_INFO, bytes, length),
    'TCP_INFO',
  );
  return decodeTcpInfo(bytes.subarray(0, length[0]));
}

function readField(view: DataView, field: TcpInfoField): TcpInfo[keyof TcpInfo] {
  const { offset, type, special, divisor = 1 } = field;
  if (offset + SIZES[type] > view.byteLength) return undefined;
  const number = readNumber(view, field);
  switch (field.means) {
    case 'state':
      return STATES[number] ?? 'UNKNOWN';
    case 'ca-state':
      return CA_STATES[number] ?? 'UNKNOWN';
    case 'options':
      return OPTION_BITS.filter((_name, bit) => ((number >> bit) & 1) === 1);
    case 'fastopen-failure':
      return FASTOPEN_FAILURES[number];
    case 'boolean':
      return number !== 0;
    default:
      return number === special?.number ? special.means : number / divisor;
  }
}

function readNumber(view: DataView, { offset, type, bits }: TcpInfoField): number {
  const whole = readWhole(view, offset, type);
  if (bits === undefined) return whole;
  const [start, count] = bits;
  return (whole >> start) & (2 ** count - 1);
}

function readWhole(view: DataView, offset: number, type: TcpInfoField['type']): number {
  switch (type) {
    case 'u8':
      return view.getUint8(offset);
    case 'u16':
      return view.getUint16(offset, true);
    case 'u32':
      return view.getUint32(offset, true);
    case 'u64':
      // As a Number: the bytes of a connection, were it fast and open for years, stay below 2^53.
      return Number(view.getBigUint64(offset, true));
  }
}
