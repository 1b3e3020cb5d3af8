/** `npm run bench -- streams`: a body of 1 GiB to a server and from it. */
import { conduct } from '../conduct.ts';
import { UsageError, type SuiteOptions } from '../suite-options.ts';
import { BODIES, FULL_LENGTHS, QUICK_LENGTHS } from './body.ts';
import { CONTESTANTS } from './contestants.ts';
import { createReport } from './report.ts';
import { measureStreams } from './run.ts';
import { judge } from './targets.ts';

const COMMAND = 'npm run bench -- streams';
const RESULTS_FILE = 'bench/RESULTS-streams.md';

/** Measurements end with a body, and not after some seconds. */
const UNTIMED = { seconds: 0, warmUpSeconds: 0 };

const FULL = { rounds: 15, tries: 4, ...UNTIMED };

/** A smoke run: everything happens once, and the numbers mean nothing. */
const QUICK = { rounds: 1, tries: 1, ...UNTIMED };

/** The suite `streams`. */
export const STREAMS = {
  name: 'streams',
  summary: 'a body of 1 GiB in parts',
  contestants: CONTESTANTS,
  scenarios: BODIES,
  resultsFile: RESULTS_FILE,

  /**
   * See `conduct`.
   *
   * @throws UsageError for `--seconds`
   */
  async run(options: SuiteOptions): Promise<void> {
    if (options.seconds !== undefined) {
      throw new UsageError('--seconds: a body takes as long as it takes; ask for --rounds');
    }
    const lengths = options.quick ? QUICK_LENGTHS : FULL_LENGTHS;
    await conduct(
      {
        contestants: CONTESTANTS,
        scenarios: BODIES,
        resultsFile: RESULTS_FILE,
        full: FULL,
        quick: QUICK,
        measure: (program) => measureStreams({ ...program, lengths }),
        createReport: (results) => createReport(COMMAND, results),
        judge,
      },
      options,
    );
  },
};
