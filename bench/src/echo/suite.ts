/** `npm run bench -- echo`: 64 bytes, sent back by bare sockets. */
import { FIFTY, FIFTY_BY_16, idle, ONE } from '../suite/scenario.ts';
import type { Suite } from '../suite/suite.ts';
import { CONTESTANTS, SUBJECTS } from './contestants.ts';
import { ECHOED } from './exchange.ts';
import { TARGETS } from './targets.ts';

/** The suite `echo`. */
export const ECHO: Suite = {
  name: 'echo',
  summary: '64 bytes sent back, without a protocol',
  title: 'Results of the benchmark: echo',
  command: 'npm run bench -- echo',
  unit: 'message',
  subjects: SUBJECTS,
  contestants: CONTESTANTS,
  scenarios: [ONE, FIFTY, FIFTY_BY_16, idle({ watchesCpu: true })],
  targets: TARGETS,
  exchange: ECHOED,
  // With six contestants and four scenarios this makes eight minutes on a quiet machine.
  seconds: 2,
  resultsFile: 'bench/RESULTS-echo.md',
};
