/** `npm run bench`, or `npm run bench -- service`: one search of the protocol, answered by Wireline and its peers. */
import { CONNECT, FIFTY, FIFTY_BY_16, idle, ONE } from '../suite/scenario.ts';
import type { Suite } from '../suite/suite.ts';
import { CONTESTANTS, SUBJECT } from './contestants.ts';
import { checkExchange, REQUEST } from './exchange.ts';
import { TARGETS } from './targets.ts';

/** The suite `service`. */
export const SERVICE: Suite = {
  name: 'service',
  summary: 'one search of the protocol',
  title: 'Results of the benchmark',
  command: 'npm run bench',
  unit: 'request',
  subjects: [SUBJECT],
  contestants: CONTESTANTS,
  scenarios: [ONE, FIFTY, FIFTY_BY_16, CONNECT, idle({ watchesCpu: false })],
  targets: TARGETS,
  exchange: { request: REQUEST, check: checkExchange },
  // Long against ticks and the opening of connections, and all in all eight minutes on a quiet machine.
  seconds: 3,
  resultsFile: 'bench/RESULTS.md',
};
