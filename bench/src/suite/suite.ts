/**
 * A suite: tables, and the exchange between load client and servers. How it is run, measured, judged and
 * reported is the same for all suites, and is in this folder.
 */
import type { Contestant } from './contestant.ts';
import type { Exchange } from './exchange.ts';
import type { LoadScenario, Scenario } from './scenario.ts';
import type { Target } from './target.ts';

/** Contestants under the same loads. */
export interface Suite {
  /** For the command line. */
  readonly name: string;
  /** What it measures, for the help. */
  readonly summary: string;
  /** The heading of its results. */
  readonly title: string;
  /** The command that makes them. */
  readonly command: string;
  /** What the load client counts: one `request`, one `message`. */
  readonly unit: string;
  /** The names of our own contestants: each is compared with all that are not. */
  readonly subjects: readonly string[];
  readonly contestants: readonly Contestant[];
  /** In the order in which they run. */
  readonly scenarios: readonly Scenario[];
  readonly targets: readonly Target[];
  /** Of all contestants that have none of their own. */
  readonly exchange: Exchange;
  /** How long one measurement takes, unless told. */
  readonly seconds: number;
  /** Where the results of a full run go, relative to the root of the repository. */
  readonly resultsFile: string;
  /** A picture of some scenarios, written with the results of a full run. */
  readonly chart?: {
    /** Relative to the root of the repository. */
    readonly file: string;
    readonly scenarios: readonly LoadScenario[];
  };
}
