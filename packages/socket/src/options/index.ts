/**
 * Socket options by their own names, with typed values.
 *
 * {@link OPTIONS} is the table: for each option its level and number, how its value looks, whether it can
 * be set and read, its unit, and what to know about it. `setsockopt` and `getsockopt` of a socket take
 * the names; the types of names and values follow from the table.
 *
 * @example
 * ```ts
 * socket.setsockopt('TCP_KEEPIDLE', 60);
 * socket.setsockopt('IP_ADD_MEMBERSHIP', { group: '239.1.2.3' });
 * socket.getsockopt('TCP_CONGESTION'); // 'cubic'
 * OPTIONS.TCP_KEEPIDLE.unit; // 'seconds'
 * ```
 */
export { decodeOption, encodeOption, optionRoom } from './option-codec.ts';
export {
  OPTION_LEVELS,
  type OptionEntry,
  type OptionGroup,
  type OptionUnit,
} from './option-entry.ts';
export {
  OPTIONS,
  type GettableOptionName,
  type OptionName,
  type OptionValue,
  type SettableOptionName,
} from './option-table.ts';
export type {
  Ipv4Membership,
  Ipv4SourceMembership,
  Ipv6Membership,
  PeerCredentials,
  PortRange,
  SocketMemory,
} from './structure-kinds.ts';
export type { OptionKind } from './value-kinds.ts';
