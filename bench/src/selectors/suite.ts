/** `npm run bench -- selectors`: what a wait costs, by how many descriptors are registered. */
import type { SuiteOptions } from '../suite-options.ts';
import { conduct } from '../conduct.ts';
import { CONTESTANTS } from './contestants.ts';
import { CROWDS } from './crowd.ts';
import { createReport } from './report.ts';
import { measureSelectors } from './run.ts';
import { judge } from './targets.ts';

const COMMAND = 'npm run bench -- selectors';
const RESULTS_FILE = 'bench/RESULTS-selectors.md';

/** Nothing but system calls and a few functions: a second is long. */
const FULL = { rounds: 5, seconds: 1, warmUpSeconds: 1, tries: 4 };

/** A smoke run: everything happens once, and the numbers mean nothing. */
const QUICK = { rounds: 1, seconds: 0.05, warmUpSeconds: 0.05, tries: 1 };

/** The suite `selectors`. It has no servers and no load client: its programs wait for sockets of their own. */
export const SELECTORS = {
  name: 'selectors',
  summary: 'a wait for 10 of many descriptors',
  contestants: CONTESTANTS,
  scenarios: CROWDS,
  resultsFile: RESULTS_FILE,

  /** See `conduct`. */
  async run(options: SuiteOptions): Promise<void> {
    await conduct(
      {
        contestants: CONTESTANTS,
        scenarios: CROWDS,
        resultsFile: RESULTS_FILE,
        full: FULL,
        quick: QUICK,
        measure: measureSelectors,
        createReport: (results) => createReport(COMMAND, results),
        judge,
      },
      options,
    );
  },
};
