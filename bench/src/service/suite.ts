/** `npm run bench`, or `npm run bench -- service`: one look-up, answered by Wireline and its peers. */
import { CONNECT, FIFTY, FIFTY_BY_16, idle, ONE } from '../suite/scenario.ts';
import type { Suite } from '../suite/suite.ts';
import { CONTESTANTS, SUBJECTS } from './contestants.ts';
import { WIRELINE } from './exchanges/wireline.ts';
import { TARGETS } from './targets.ts';

/** The suite `service`. */
export const SERVICE: Suite = {
  name: 'service',
  summary: 'one look-up, of Wireline and of other protocols',
  title: 'Results of the benchmark',
  command: 'npm run bench',
  unit: 'request',
  subjects: SUBJECTS,
  contestants: CONTESTANTS,
  scenarios: [ONE, FIFTY, FIFTY_BY_16, CONNECT, idle({ watchesCpu: false })],
  targets: TARGETS,
  exchange: WIRELINE,
  // Long against ticks and the opening of connections, and all in all a quarter of an hour on a quiet machine.
  seconds: 2,
  resultsFile: 'bench/RESULTS.md',
  chart: { file: 'bench/chart.svg', scenarios: [FIFTY, FIFTY_BY_16] },
};
