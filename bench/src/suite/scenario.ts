/** The scenarios: what the load client does to each contestant of a suite. */

/** Requests as fast as they are answered. */
export interface LoadScenario {
  readonly kind: 'load';
  /** For the command line. */
  readonly name: string;
  readonly title: string;
  readonly mode: 'keep-alive' | 'connect';
  readonly connections: number;
  /** Requests in flight on each connection. */
  readonly depth: number;
}

/** Connections that do nothing any more. */
export interface IdleScenario {
  readonly kind: 'idle';
  readonly name: string;
  readonly title: string;
  readonly connections: number;
  /** Whether the CPU time that the server uses meanwhile is measured too, for as long as a load is. */
  readonly watchesCpu: boolean;
}

/** One of the two. */
export type Scenario = LoadScenario | IdleScenario;

/** One connection, one request in flight. */
export const ONE = load('1', '1 connection', { mode: 'keep-alive', connections: 1, depth: 1 });

/** 50 connections, one request in flight on each. */
export const FIFTY = load('50', '50 connections', {
  mode: 'keep-alive',
  connections: 50,
  depth: 1,
});

/** 50 connections, 16 requests in flight on each. */
export const FIFTY_BY_16 = load('50x16', '50 × 16 in flight', {
  mode: 'keep-alive',
  connections: 50,
  depth: 16,
});

/** A connection per request, 50 at once. */
export const CONNECT = load('connect', 'connection per request', {
  mode: 'connect',
  connections: 50,
  depth: 1,
});

/** The load of a warm-up before memory is measured: ordinary traffic, and few connections. */
export const ORDINARY_LOAD: LoadScenario = load('warm-up', 'warm-up', FIFTY);

/** 10,000 connections are half of the 20,000 descriptors that a process may be held to. */
export function idle(options: Pick<IdleScenario, 'watchesCpu'>): IdleScenario {
  return { kind: 'idle', name: 'idle', title: '10,000 idle', connections: 10_000, ...options };
}

function load(
  name: string,
  title: string,
  { mode, connections, depth }: Pick<LoadScenario, 'mode' | 'connections' | 'depth'>,
): LoadScenario {
  return { kind: 'load', name, title, mode, connections, depth };
}
