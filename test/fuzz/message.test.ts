/** The fuzzer's own properties in small; `npm run fuzz` is the long run. */
import { describe, expect, test } from 'vitest';
import { randomSeed, SUBJECTS } from './campaign.ts';
import { Coverage, missingEnds, NOTED } from './coverage.ts';
import { showCounterexample, type Subject } from './subject.ts';

/** Some 5,000 inputs each, in a second or two. */
const RUNS: Readonly<Record<string, number>> = { streams: 800, messages: 1200, framings: 1600 };

/** What the inputs of this file ended in. */
const coverage = new Coverage();

describe('parses or raises a Remote error, and nothing else', () => {
  test.each(SUBJECTS)('$name', (subject) => {
    const counterexample = subject.run({ seed: randomSeed(), runs: runsOf(subject), coverage });
    const report = counterexample && `${showCounterexample(counterexample)}\n`;
    expect(counterexample === undefined, report).toBe(true);
  });
});

test('each way to end was reached, and headers were recognised', () => {
  const counts = coverage.toCounts();
  expect(missingEnds(counts)).toEqual([]);
  expect(counts[NOTED]).toBeGreaterThan(0);
  expect(coverage.inputs).toBeGreaterThan(5000);
});

function runsOf({ name }: Subject): number {
  const runs = RUNS[name];
  if (runs === undefined) throw new Error(`find the runs of ${name}: add them to RUNS`);
  return runs;
}
