/** What a socket is made of, beside its family: type and protocol, by name and by number. See socket(2). */
import {
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from '../libc/constants.ts';

/**
 * What a socket carries: a stream of bytes (TCP), datagrams (UDP), records in order over a connection (Unix), or
 * packets with their headers, as only root may.
 */
export type SocketType = 'stream' | 'dgram' | 'seqpacket' | 'raw';

/** A protocol, where family and type leave a choice: by name, or by its number in protocols(5). */
export type Protocol = 'icmp' | 'icmpv6' | number;

/** The numbers of the types. */
export const SOCKET_TYPES = {
  stream: SOCK_STREAM,
  dgram: SOCK_DGRAM,
  seqpacket: SOCK_SEQPACKET,
  raw: SOCK_RAW,
} as const;

/** The numbers of the protocols that have a name. */
export const PROTOCOLS = { icmp: IPPROTO_ICMP, icmpv6: IPPROTO_ICMPV6 } as const;

/** Whether receiving nothing is the end: of what has a connection. An empty datagram is one like any other. */
export function endsWithNothing(type: SocketType): boolean {
  return type === 'stream' || type === 'seqpacket';
}
