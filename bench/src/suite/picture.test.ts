import { expect, test } from 'vitest';
import type { Cell } from '../rounds.ts';
import type { LoadSample } from './measure.ts';
import { createPicture } from './picture.ts';
import type { ScenarioResult, SuiteResults } from './results.ts';
import { CONNECT, FIFTY, FIFTY_BY_16, idle } from './scenario.ts';
import type { Suite } from './suite.ts';

// What else a suite and its results have does not matter to a picture of them.
const SUITE = {
  unit: 'ping',
  subjects: ['ours'],
  chart: { file: 'a/picture.svg', scenarios: [FIFTY, FIFTY_BY_16] },
} as unknown as Suite;

function resultsOf(...scenarios: readonly ScenarioResult[]): SuiteResults {
  return { scenarios } as unknown as SuiteResults; // see above
}

/** A cell whose rounds had these CPU times. */
function cell(contestant: string, ...cpu: readonly number[]): Cell<LoadSample> {
  // see above
  return { contestant, samples: cpu.map((each) => ({ cpu: each }) as LoadSample) };
}

const CELLS = [cell('slow', 30, 31, 500), cell('ours', 7.333), cell('quick', 5)];

test('shows medians, the cheapest first, ours among them', () => {
  const picture = createPicture(SUITE, resultsOf({ kind: 'load', scenario: FIFTY, cells: CELLS }));
  expect(picture?.file).toBe('a/picture.svg');
  expect(picture?.content).toContain('50 connections: quick 5.00, ours 7.33, slow 31.0.');
  expect(picture?.content).toContain(
    '<title id="title">Server CPU time per ping, in microseconds<',
  );
  expect(picture?.content).toMatch(/class="label ours"[^>]*>ours</);
});

test('has the scenarios that the suite names and no others', () => {
  const content = createPicture(
    SUITE,
    resultsOf(
      ...[FIFTY, FIFTY_BY_16, CONNECT].map((scenario) => ({
        kind: 'load' as const,
        scenario,
        cells: CELLS,
      })),
      { kind: 'idle', scenario: idle({ watchesCpu: false }), cells: [] },
    ),
  )?.content;
  expect(content).toContain('>50 connections<');
  expect(content).toContain('>50 × 16 in flight<');
  expect(content).not.toContain('connection per request');
});

test('there is none of a suite that names none, or of nothing', () => {
  const { chart: _, ...chartless } = SUITE;
  const results = resultsOf({ kind: 'load', scenario: FIFTY, cells: CELLS });
  expect(createPicture(chartless, results)).toBeUndefined();
  expect(createPicture(SUITE, resultsOf())).toBeUndefined();
});
