/**
 * What a server has counted since it was made.
 */
import { LIMIT_NAMES, type LimitName } from '../limit-hit.ts';

/** Numbers that only grow. */
export interface ServerCounters {
  /** Connections that were accepted and served. */
  readonly connections: number;
  /** Connections that were accepted and turned away. */
  readonly refused: number;
  /** Requests that came, bad ones included. */
  readonly requests: number;
  /** Requests that broke the protocol. */
  readonly badInputs: number;
  /** How often each limit was reached. */
  readonly limits: Readonly<Record<LimitName, number>>;
}

/** The same, while they count. */
export interface RunningCounters extends ServerCounters {
  connections: number;
  refused: number;
  requests: number;
  badInputs: number;
  readonly limits: Record<LimitName, number>;
}

/** All at zero. */
export function createCounters(): RunningCounters {
  const zeros = LIMIT_NAMES.map((name) => [name, 0] as const);
  // Object.fromEntries forgets that every name has its entry.
  const limits = Object.fromEntries(zeros) as Record<LimitName, number>;
  return { connections: 0, refused: 0, requests: 0, badInputs: 0, limits };
}
