/**
 * Options of IPv4 sockets: level IPPROTO_IP. Those that send apply to an IPv6 socket too while it talks
 * to IPv4 hosts.
 *
 * Numbers from the kernel's `linux/in.h`. Left out: what only raw sockets have (IP_HDRINCL, IP_NODEFRAG),
 * what only shows in control messages (IP_PKTINFO, IP_RECVTTL, IP_RECVTOS and their like), and what is
 * longer than a line can say (IP_OPTIONS, IP_MSFILTER).
 */
import { OPTION_LEVELS, type OptionGroup } from './option-entry.ts';

const { IPPROTO_IP } = OPTION_LEVELS;

/** The options of level IPPROTO_IP. */
export const IP_OPTIONS = {
  IP_TOS: {
    level: IPPROTO_IP,
    number: 1,
    kind: 'integer',
    access: 'read-write',
    manual: 'ip(7)',
    summary: 'The type-of-service byte of packets sent: the DSCP in its upper six bits.',
    caution:
      'TCP keeps the lower two bits, the ECN ones, for itself. Setting it changes SO_PRIORITY.',
  },
  IP_TTL: {
    level: IPPROTO_IP,
    number: 2,
    kind: 'integer',
    access: 'read-write',
    unit: 'hops',
    manual: 'ip(7)',
    summary: 'How many routers a packet may pass: 1 to 255; -1 for the default of the system.',
    caution: 'Reading never gives -1 but the number in use.',
  },
  IP_MTU_DISCOVER: {
    level: IPPROTO_IP,
    number: 10,
    kind: 'mtu-discovery',
    access: 'read-write',
    manual: 'ip(7)',
    summary:
      'What to do about the MTU of the path: fragment (dont), as the route says (want), never fragment (do), never and ignore what is known (probe), the MTU of the interface (interface, omit).',
  },
  IP_RECVERR: {
    level: IPPROTO_IP,
    number: 11,
    kind: 'boolean',
    access: 'read-write',
    manual: 'ip(7)',
    summary: 'Reports errors that come back over ICMP, to datagram sockets without a peer too.',
    caution: 'On TCP it reports errors too that may pass by themselves.',
  },
  IP_MTU: {
    level: IPPROTO_IP,
    number: 14,
    kind: 'integer',
    access: 'read',
    unit: 'bytes',
    manual: 'ip(7)',
    summary: 'The MTU of the path, as far as it is known.',
    caution: 'Only of a connected socket: ENOTCONN otherwise.',
  },
  IP_FREEBIND: {
    level: IPPROTO_IP,
    number: 15,
    kind: 'boolean',
    access: 'read-write',
    manual: 'ip(7)',
    summary: 'Binds to an address that no interface has yet.',
  },
  IP_TRANSPARENT: {
    level: IPPROTO_IP,
    number: 19,
    kind: 'boolean',
    access: 'read-write',
    manual: 'ip(7)',
    summary:
      "Binds to foreign addresses and takes other hosts' connections, for transparent proxies.",
    caution: 'To set it needs CAP_NET_ADMIN or CAP_NET_RAW.',
  },
  IP_MINTTL: {
    level: IPPROTO_IP,
    number: 21,
    kind: 'integer',
    access: 'read-write',
    unit: 'hops',
    manual: 'linux/in.h',
    summary:
      'Drops packets of a connection that come with a smaller TTL: 255 lets only neighbours through.',
  },
  IP_BIND_ADDRESS_NO_PORT: {
    level: IPPROTO_IP,
    number: 24,
    kind: 'boolean',
    access: 'read-write',
    manual: 'ip(7)',
    summary:
      'Lets bind with port 0 fix the address only, so that connect can share local ports between different peers.',
  },
  IP_MULTICAST_IF: {
    level: IPPROTO_IP,
    number: 32,
    kind: 'ipv4',
    access: 'read-write',
    manual: 'ip(7)',
    summary:
      "The interface that multicast is sent from, by its own address; '0.0.0.0' for the routing table's choice.",
    caution: 'Only of datagram sockets.',
  },
  IP_MULTICAST_TTL: {
    level: IPPROTO_IP,
    number: 33,
    kind: 'integer',
    access: 'read-write',
    unit: 'hops',
    manual: 'ip(7)',
    summary: 'How many routers multicast may pass: 1, the default, keeps it in this network.',
    caution: 'Only datagram sockets can set it.',
  },
  IP_MULTICAST_LOOP: {
    level: IPPROTO_IP,
    number: 34,
    kind: 'boolean',
    access: 'read-write',
    manual: 'ip(7)',
    summary: 'Whether this machine receives its own multicast; it does unless told.',
  },
  IP_ADD_MEMBERSHIP: {
    level: IPPROTO_IP,
    number: 35,
    kind: 'ipv4-membership',
    access: 'write',
    manual: 'ip(7)',
    summary: 'Joins a multicast group.',
    caution: 'At most net.ipv4.igmp_max_memberships of them, 20 unless changed.',
  },
  IP_DROP_MEMBERSHIP: {
    level: IPPROTO_IP,
    number: 36,
    kind: 'ipv4-membership',
    access: 'write',
    manual: 'ip(7)',
    summary: 'Leaves a multicast group; give the interface that was joined with.',
  },
  IP_UNBLOCK_SOURCE: {
    level: IPPROTO_IP,
    number: 37,
    kind: 'ipv4-source',
    access: 'write',
    manual: 'ip(7)',
    summary: 'Hears a sender again that IP_BLOCK_SOURCE had silenced.',
  },
  IP_BLOCK_SOURCE: {
    level: IPPROTO_IP,
    number: 38,
    kind: 'ipv4-source',
    access: 'write',
    manual: 'ip(7)',
    summary: 'Silences one sender to a multicast group that was joined.',
  },
  IP_ADD_SOURCE_MEMBERSHIP: {
    level: IPPROTO_IP,
    number: 39,
    kind: 'ipv4-source',
    access: 'write',
    manual: 'ip(7)',
    summary: 'Joins a multicast group to hear one sender only.',
  },
  IP_DROP_SOURCE_MEMBERSHIP: {
    level: IPPROTO_IP,
    number: 40,
    kind: 'ipv4-source',
    access: 'write',
    manual: 'ip(7)',
    summary: 'Leaves a multicast group that was joined for one sender.',
  },
  IP_MULTICAST_ALL: {
    level: IPPROTO_IP,
    number: 49,
    kind: 'boolean',
    access: 'read-write',
    manual: 'ip(7)',
    summary:
      'Whether the socket hears groups too that other sockets of this machine have joined; it does unless told.',
  },
  IP_UNICAST_IF: {
    level: IPPROTO_IP,
    number: 50,
    kind: 'network-integer',
    access: 'read-write',
    unit: 'interface index',
    manual: 'linux/in.h',
    summary: 'The interface that packets leave by where the routing table has a choice; 0 for any.',
  },
  IP_LOCAL_PORT_RANGE: {
    level: IPPROTO_IP,
    number: 51,
    kind: 'port-range',
    access: 'read-write',
    manual: 'ip(7)',
    summary:
      'The local ports to choose from when none is given, within net.ipv4.ip_local_port_range; 0 leaves an end as it is there.',
    since: '6.3',
  },
} as const satisfies OptionGroup;
