/** The picture of a suite: what a request costs each contestant's server, in the scenarios that the suite names. */
import { createBarChart, type Panel } from '../chart/bar-chart.ts';
import { formatMeasure } from '../number-format.ts';
import type { Picture } from '../publish.ts';
import { medianOf, type LoadResult, type SuiteResults } from './results.ts';
import type { Suite } from './suite.ts';

/** The picture; undefined if the suite has none, or nothing of it was measured. */
export function createPicture(suite: Suite, { scenarios }: SuiteResults): Picture | undefined {
  if (suite.chart === undefined) return undefined;
  const { file, scenarios: wanted } = suite.chart;
  const panels = scenarios
    .filter((result) => result.kind === 'load')
    .filter(({ scenario }) => wanted.some(({ name }) => name === scenario.name))
    .map((result) => createPanel(suite, result));
  if (panels.length === 0) return undefined;
  const content = createBarChart({
    title: `Server CPU time per ${suite.unit}, in microseconds`,
    note: 'shorter is cheaper',
    panels,
  });
  return { file, content };
}

function createPanel({ subjects }: Suite, { scenario, cells }: LoadResult): Panel {
  const bars = cells.map((cell) => {
    const value = medianOf(cell, ({ cpu }) => cpu);
    const { contestant } = cell;
    return {
      label: contestant,
      value,
      text: formatMeasure(value),
      isOurs: subjects.includes(contestant),
    };
  });
  return { title: scenario.title, bars: bars.toSorted((a, b) => a.value - b.value) };
}
