/**
 * One line in the tables of socket options, and the levels that options live at.
 */
import { IPPROTO_IPV6, IPPROTO_TCP, SOL_SOCKET } from '../libc/constants.ts';
import type { OptionKind } from './value-kinds.ts';

/** The levels, by the names of the header files. Numbers from `asm-generic/socket.h` and `linux/in.h`. */
export const OPTION_LEVELS = {
  SOL_SOCKET,
  IPPROTO_IP: 0,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPPROTO_UDP: 17,
} as const;

/** The units of option values that have one. */
export type OptionUnit =
  | 'bytes'
  | 'bytes per second'
  | 'seconds'
  | 'milliseconds'
  | 'microseconds'
  | 'packets'
  | 'hops'
  | 'connections'
  | 'probes'
  | 'retransmissions'
  | 'interface index';

/** What is known about an option. */
export interface OptionEntry {
  readonly level: number;
  readonly number: number;
  /** How the value looks, in C and in TypeScript. */
  readonly kind: OptionKind;
  /** Whether it can be set, read, or both. */
  readonly access: 'read-write' | 'read' | 'write';
  readonly unit?: OptionUnit;
  /** Where it is explained: a man page, a page of the kernel's documentation, an RFC, or a header file. */
  readonly manual: string;
  /** What it does, in one sentence. */
  readonly summary: string;
  /** What surprises about it. */
  readonly caution?: string;
  /** The first Linux that has it, where 4.18, the oldest that Node 20 runs on, has not. */
  readonly since?: string;
}

/** The options of one level. */
export type OptionGroup = Readonly<Record<string, OptionEntry>>;
