/** The scenarios: what the load client does to each contestant. */

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
}

/** One of the two. */
export type Scenario = LoadScenario | IdleScenario;

/**
 * All of them, in the order in which they run. 10,000 connections are half of the 20,000 descriptors that a
 * process may be held to.
 */
export const SCENARIOS: readonly Scenario[] = [
  load('1', '1 connection', { mode: 'keep-alive', connections: 1, depth: 1 }),
  load('50', '50 connections', { mode: 'keep-alive', connections: 50, depth: 1 }),
  load('50x16', '50 × 16 in flight', { mode: 'keep-alive', connections: 50, depth: 16 }),
  load('connect', 'connection per request', { mode: 'connect', connections: 50, depth: 1 }),
  { kind: 'idle', name: 'idle', title: '10,000 idle', connections: 10_000 },
];

/** The load of a warm-up before memory is measured: ordinary traffic, and few connections. */
export const ORDINARY_LOAD: LoadScenario = load('warm-up', 'warm-up', {
  mode: 'keep-alive',
  connections: 50,
  depth: 1,
});

function load(
  name: string,
  title: string,
  shape: Pick<LoadScenario, 'mode' | 'connections' | 'depth'>,
): LoadScenario {
  return { kind: 'load', name, title, ...shape };
}
