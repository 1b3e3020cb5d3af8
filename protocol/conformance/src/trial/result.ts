/** What came of checks. */
import type { Entry } from './transcript.ts';

/** What came of one check. */
export interface CheckResult {
  readonly section: string;
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** What was expected and what came, of one that failed. */
  readonly expected?: string;
  readonly came?: string;
  /** Why it was skipped, or what is worth knowing although it passed. */
  readonly notes: readonly string[];
  readonly transcript: readonly Entry[];
  readonly ms: number;
}
