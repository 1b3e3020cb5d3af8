/**
 * Options of UDP sockets: level IPPROTO_UDP.
 *
 * Numbers from the kernel's `linux/udp.h`. Left out: UDP_ENCAP, which is for tunnels of the kernel's own.
 */
import { OPTION_LEVELS, type OptionGroup } from './option-entry.ts';

const { IPPROTO_UDP } = OPTION_LEVELS;

/** The options of level IPPROTO_UDP. */
export const UDP_OPTIONS = {
  UDP_CORK: {
    level: IPPROTO_UDP,
    number: 1,
    kind: 'boolean',
    access: 'read-write',
    manual: 'udp(7)',
    summary: 'Gathers everything sent into one datagram, which leaves when it is cleared.',
  },
  UDP_NO_CHECK6_TX: {
    level: IPPROTO_UDP,
    number: 101,
    kind: 'boolean',
    access: 'read-write',
    manual: 'linux/udp.h',
    summary: 'Sends datagrams of IPv6 without a checksum.',
  },
  UDP_NO_CHECK6_RX: {
    level: IPPROTO_UDP,
    number: 102,
    kind: 'boolean',
    access: 'read-write',
    manual: 'linux/udp.h',
    summary: 'Takes datagrams of IPv6 that have no checksum.',
  },
  UDP_SEGMENT: {
    level: IPPROTO_UDP,
    number: 103,
    kind: 'integer',
    access: 'read-write',
    unit: 'bytes',
    manual: 'udp(7)',
    summary: 'Cuts what one send gives into datagrams of this size; 0 for not at all.',
  },
  UDP_GRO: {
    level: IPPROTO_UDP,
    number: 104,
    kind: 'boolean',
    access: 'read-write',
    manual: 'udp(7)',
    summary: 'Lets one receive give several datagrams of the same size at once.',
    caution: 'Where one ends is told in a control message only, which recv does not see.',
    since: '5.0',
  },
} as const satisfies OptionGroup;
