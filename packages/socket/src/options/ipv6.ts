/**
 * Options of IPv6 sockets: level IPPROTO_IPV6.
 *
 * Numbers from the kernel's `linux/in6.h`. IPV6_JOIN_GROUP and IPV6_LEAVE_GROUP are the names of RFC 3493;
 * the kernel calls them IPV6_ADD_MEMBERSHIP and IPV6_DROP_MEMBERSHIP. Left out: what only raw sockets
 * have, what only shows in control messages (IPV6_RECVPKTINFO and its like), extension headers, and
 * groups with chosen senders (MCAST_JOIN_SOURCE_GROUP).
 */
import { IPPROTO_IPV6 } from '../libc/constants.ts';
import type { OptionGroup } from './option-entry.ts';

/** The options of level IPPROTO_IPV6. */
export const IPV6_OPTIONS = {
  IPV6_UNICAST_HOPS: {
    level: IPPROTO_IPV6,
    number: 16,
    kind: 'integer',
    access: 'read-write',
    unit: 'hops',
    manual: 'ipv6(7)',
    summary: 'How many routers a packet may pass: 0 to 255; -1 for the default of the route.',
    caution: 'Reading never gives -1 but the number in use.',
  },
  IPV6_MULTICAST_IF: {
    level: IPPROTO_IPV6,
    number: 17,
    kind: 'integer',
    access: 'read-write',
    unit: 'interface index',
    manual: 'ipv6(7)',
    summary: "The interface that multicast is sent from; 0 for the routing table's choice.",
    caution: 'Only datagram sockets can set it.',
  },
  IPV6_MULTICAST_HOPS: {
    level: IPPROTO_IPV6,
    number: 18,
    kind: 'integer',
    access: 'read-write',
    unit: 'hops',
    manual: 'ipv6(7)',
    summary: 'How many routers multicast may pass: 1, the default, keeps it in this network.',
    caution: 'Only datagram sockets can set it.',
  },
  IPV6_MULTICAST_LOOP: {
    level: IPPROTO_IPV6,
    number: 19,
    kind: 'boolean',
    access: 'read-write',
    manual: 'ipv6(7)',
    summary: 'Whether this machine receives its own multicast; it does unless told.',
  },
  IPV6_JOIN_GROUP: {
    level: IPPROTO_IPV6,
    number: 20,
    kind: 'ipv6-membership',
    access: 'write',
    manual: 'ipv6(7)',
    summary: 'Joins a multicast group; ipv6(7) calls it IPV6_ADD_MEMBERSHIP.',
  },
  IPV6_LEAVE_GROUP: {
    level: IPPROTO_IPV6,
    number: 21,
    kind: 'ipv6-membership',
    access: 'write',
    manual: 'ipv6(7)',
    summary: 'Leaves a multicast group; ipv6(7) calls it IPV6_DROP_MEMBERSHIP.',
  },
  IPV6_MTU_DISCOVER: {
    level: IPPROTO_IPV6,
    number: 23,
    kind: 'mtu-discovery',
    access: 'read-write',
    manual: 'ipv6(7)',
    summary: 'What to do about the MTU of the path, as IP_MTU_DISCOVER says.',
  },
  IPV6_MTU: {
    level: IPPROTO_IPV6,
    number: 24,
    kind: 'integer',
    access: 'read-write',
    unit: 'bytes',
    manual: 'ipv6(7)',
    summary:
      'Read, the MTU of the path as far as it is known; set, the size to fragment to, at least 1280.',
    caution: 'Only a connected socket reads it: ENOTCONN otherwise.',
  },
  IPV6_RECVERR: {
    level: IPPROTO_IPV6,
    number: 25,
    kind: 'boolean',
    access: 'read-write',
    manual: 'ipv6(7)',
    summary: 'Reports errors that come back over ICMP, to datagram sockets without a peer too.',
    caution: 'On TCP it reports errors too that may pass by themselves.',
  },
  IPV6_V6ONLY: {
    level: IPPROTO_IPV6,
    number: 26,
    kind: 'boolean',
    access: 'read-write',
    manual: 'ipv6(7)',
    summary: 'Keeps the socket from talking to IPv4 hosts too.',
    caution: 'Set it before bind: EINVAL afterwards.',
  },
  IPV6_MULTICAST_ALL: {
    level: IPPROTO_IPV6,
    number: 29,
    kind: 'boolean',
    access: 'read-write',
    manual: 'linux/in6.h',
    summary:
      'Whether the socket hears groups too that other sockets of this machine have joined; it does unless told.',
    since: '4.20',
  },
  IPV6_FLOWINFO_SEND: {
    level: IPPROTO_IPV6,
    number: 33,
    kind: 'boolean',
    access: 'read-write',
    manual: 'linux/in6.h',
    summary: "Sends with the flow label and traffic class that the address's flowinfo has.",
  },
  IPV6_DONTFRAG: {
    level: IPPROTO_IPV6,
    number: 62,
    kind: 'boolean',
    access: 'read-write',
    manual: 'RFC 3542',
    summary: 'Never fragments datagrams: one that is too long fails with EMSGSIZE.',
  },
  IPV6_TCLASS: {
    level: IPPROTO_IPV6,
    number: 67,
    kind: 'integer',
    access: 'read-write',
    manual: 'RFC 3542',
    summary:
      'The traffic class of packets sent, with the DSCP in its upper six bits: 0 to 255; -1 for the default.',
    caution: 'TCP keeps the lower two bits, the ECN ones, for itself.',
  },
  IPV6_AUTOFLOWLABEL: {
    level: IPPROTO_IPV6,
    number: 70,
    kind: 'boolean',
    access: 'read-write',
    manual: 'networking/ip-sysctl',
    summary: 'Gives each connection a flow label of its own, by which routers spread the load.',
  },
  IPV6_ADDR_PREFERENCES: {
    level: IPPROTO_IPV6,
    number: 72,
    kind: 'integer',
    access: 'read-write',
    manual: 'RFC 5014',
    summary:
      'Which of its own addresses the socket prefers: 1 a temporary one, 2 a public one, 0x100 whichever the system prefers.',
    caution: 'Reading adds 0x400, the default for the addresses of machines that travel.',
  },
  IPV6_MINHOPCOUNT: {
    level: IPPROTO_IPV6,
    number: 73,
    kind: 'integer',
    access: 'read-write',
    unit: 'hops',
    manual: 'linux/in6.h',
    summary:
      'Drops packets of a connection that come with a smaller hop limit: 255 lets only neighbours through.',
  },
  IPV6_TRANSPARENT: {
    level: IPPROTO_IPV6,
    number: 75,
    kind: 'boolean',
    access: 'read-write',
    manual: 'linux/in6.h',
    summary:
      "Binds to foreign addresses and takes other hosts' connections, for transparent proxies.",
    caution: 'To set it needs CAP_NET_ADMIN or CAP_NET_RAW.',
  },
  IPV6_UNICAST_IF: {
    level: IPPROTO_IPV6,
    number: 76,
    kind: 'network-integer',
    access: 'read-write',
    unit: 'interface index',
    manual: 'linux/in6.h',
    summary: 'The interface that packets leave by where the routing table has a choice; 0 for any.',
  },
  IPV6_FREEBIND: {
    level: IPPROTO_IPV6,
    number: 78,
    kind: 'boolean',
    access: 'read-write',
    manual: 'linux/in6.h',
    summary: 'Binds to an address that no interface has yet.',
  },
} as const satisfies OptionGroup;
