/**
 * The table of socket options, and the types that follow from it.
 *
 * An option is added by one entry in the file of its level; its value's type, and whether it can be set
 * and read, follow.
 */
import { IP_OPTIONS } from './ip.ts';
import { IPV6_OPTIONS } from './ipv6.ts';
import { SOCKET_LEVEL_OPTIONS } from './socket-level.ts';
import { TCP_OPTIONS } from './tcp.ts';
import { UDP_OPTIONS } from './udp.ts';
import type { ValueOfKind } from './value-kinds.ts';

/** The options known by name: those of sockets, then of IPv4, IPv6, TCP and UDP. */
export const OPTIONS = {
  ...SOCKET_LEVEL_OPTIONS,
  ...IP_OPTIONS,
  ...IPV6_OPTIONS,
  ...TCP_OPTIONS,
  ...UDP_OPTIONS,
} as const;

/** The name of an option of {@link OPTIONS}. */
export type OptionName = keyof typeof OPTIONS;

type NameWithAccess<Access> = {
  [Name in OptionName]: (typeof OPTIONS)[Name]['access'] extends Access ? Name : never;
}[OptionName];

/** The name of an option that can be set. */
export type SettableOptionName = NameWithAccess<'read-write' | 'write'>;

/** The name of an option that can be read. */
export type GettableOptionName = NameWithAccess<'read-write' | 'read'>;

/** The TypeScript type of an option's value. */
export type OptionValue<Name extends OptionName> = ValueOfKind<(typeof OPTIONS)[Name]['kind']>;
