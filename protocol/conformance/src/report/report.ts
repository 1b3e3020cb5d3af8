/** What a report needs of whoever prints it. */
import type { CheckResult } from '../trial/result.ts';

/** What is printed while checks run, and at the end. */
export interface Report {
  /** Something that is worth knowing of the whole. */
  remark(text: string): void;
  /** A section begins. */
  section(name: string, title: string): void;
  /** A check is over. */
  result(result: CheckResult): void;
  /** All are over. */
  end(results: readonly CheckResult[]): void;
}

/** How many came out which way. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Counts. */
export function totalsOf(results: readonly CheckResult[]): Totals {
  const count = (outcome: CheckResult['outcome']): number =>
    results.filter((result) => result.outcome === outcome).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
}
