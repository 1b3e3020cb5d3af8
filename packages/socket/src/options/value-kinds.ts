/**
 * The kinds of option values by name, as the tables of options use them.
 */
import {
  BOOLEAN,
  INTEGER,
  MTU_DISCOVERY,
  NETWORK_INTEGER,
  RATE,
  SOCKET_FAMILY,
  SOCKET_TYPE,
  UNSIGNED,
  UNSIGNED_64,
} from './number-kinds.ts';
import {
  BYTES,
  CREDENTIALS,
  IPV4,
  IPV4_MEMBERSHIP,
  IPV4_SOURCE,
  IPV6_MEMBERSHIP,
  LINGER,
  MEMORY,
  PORT_RANGE,
  TEXT,
} from './structure-kinds.ts';
import type { ValueKind, ValueOf } from './value-kind.ts';

/** Every kind of value, by the name that {@link OptionEntry.kind} has. */
export const VALUE_KINDS = {
  boolean: BOOLEAN,
  integer: INTEGER,
  unsigned: UNSIGNED,
  'network-integer': NETWORK_INTEGER,
  'unsigned-64': UNSIGNED_64,
  rate: RATE,
  'mtu-discovery': MTU_DISCOVERY,
  'socket-type': SOCKET_TYPE,
  'socket-family': SOCKET_FAMILY,
  linger: LINGER,
  text: TEXT,
  bytes: BYTES,
  credentials: CREDENTIALS,
  memory: MEMORY,
  'port-range': PORT_RANGE,
  ipv4: IPV4,
  'ipv4-membership': IPV4_MEMBERSHIP,
  'ipv4-source': IPV4_SOURCE,
  'ipv6-membership': IPV6_MEMBERSHIP,
} as const satisfies Record<string, ValueKind<unknown>>;

/** The name of a kind of option value. */
export type OptionKind = keyof typeof VALUE_KINDS;

/** The TypeScript type of the values of a kind. */
export type ValueOfKind<Kind extends OptionKind> = ValueOf<(typeof VALUE_KINDS)[Kind]>;
