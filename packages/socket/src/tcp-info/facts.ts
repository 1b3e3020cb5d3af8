/**
 * What TCP_INFO tells, in our words: each fact with its meaning, and the names that the kernel has numbers for.
 */

/** The states of a connection, by the kernel's names. From `include/net/tcp_states.h`. */
export const STATES = [
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
export const CA_STATES = ['Open', 'Disorder', 'CWR', 'Recovery', 'Loss'] as const;

/** What was agreed on, from the lowest bit of `tcpi_options` on: TCPI_OPT_. */
export const OPTION_BITS = [
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
export const FASTOPEN_FAILURES = [
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
