/**
 * Where the facts of TCP_INFO stand in the kernel's `struct tcp_info`, what they count, and since when.
 *
 * From `include/uapi/linux/tcp.h`. The structure only grows at its end.
 */
import type { TcpInfo } from './facts.ts';

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
