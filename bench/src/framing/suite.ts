/** `npm run bench -- framing`: what it costs to take frames out of a stream, beside the packages that people use. */
import { conduct } from '../conduct.ts';
import type { SuiteOptions } from '../suite-options.ts';
import { CONDITIONS } from './condition.ts';
import { CONTESTANTS } from './contestants.ts';
import { createReport } from './report.ts';
import { measureFraming } from './run.ts';
import { judge } from './targets.ts';

const COMMAND = 'npm run bench -- framing';
const RESULTS_FILE = 'bench/RESULTS-framing.md';

/** One loop over bytes in memory: V8 has compiled it in a quarter of a second. */
const FULL = { rounds: 3, seconds: 0.4, warmUpSeconds: 0.3, tries: 2 };

/** A smoke run: everything happens once, and the numbers mean nothing. */
const QUICK = { rounds: 1, seconds: 0.05, warmUpSeconds: 0.05, tries: 1 };

/** The suite `framing`. It has no servers and no load client: its programs decode what is in their memory. */
export const FRAMING = {
  name: 'framing',
  summary: 'frames taken out of a stream',
  contestants: CONTESTANTS,
  scenarios: CONDITIONS,
  resultsFile: RESULTS_FILE,

  /** See `conduct`. */
  async run(options: SuiteOptions): Promise<void> {
    await conduct(
      {
        contestants: CONTESTANTS,
        scenarios: CONDITIONS,
        resultsFile: RESULTS_FILE,
        full: FULL,
        quick: QUICK,
        measure: measureFraming,
        createReport: (results) => createReport(COMMAND, results),
        judge,
      },
      options,
    );
  },
};
