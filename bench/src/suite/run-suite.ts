/** What `npm run bench -- SUITE` does: choose, run, write and print. */
import { conduct } from '../conduct.ts';
import type { SuiteOptions } from '../suite-options.ts';
import { createReport } from './report.ts';
import { measureSuite } from './run.ts';
import type { Suite } from './suite.ts';
import { createPicture } from './picture.ts';
import { judge } from './target.ts';

/** Enough rounds for a median that one bad round does not move, and for a spread. */
const ROUNDS = 5;

/** The compilers of V8 need about two seconds of the same load until nothing changes any more. */
const WARM_UP_SECONDS = 2;

/** On a machine that others use too, one in four measurements is usually left alone. */
const TRIES = 4;

/** A smoke run: everything happens once, and the numbers mean nothing. */
const QUICK = { rounds: 1, seconds: 0.2, warmUpSeconds: 0.1, tries: 1 };

/** Runs a suite; see `conduct`. */
export async function runSuite(suite: Suite, options: SuiteOptions): Promise<void> {
  await conduct(
    {
      contestants: suite.contestants,
      scenarios: suite.scenarios,
      resultsFile: suite.resultsFile,
      full: {
        rounds: ROUNDS,
        seconds: suite.seconds,
        warmUpSeconds: WARM_UP_SECONDS,
        tries: TRIES,
      },
      quick: QUICK,
      measure: (program) => measureSuite(suite, program),
      createReport: (results) => createReport(suite, results),
      createPicture: (results) => createPicture(suite, results),
      judge: ({ scenarios }) => judge(suite.targets, scenarios),
    },
    options,
  );
}
