/**
 * The scenarios, tried on a client that is right and on clients that are wrong in one way each.
 */
import { describe, expect, test } from 'vitest';
import { CLIENT_DEFECTS, type ClientDefect } from '../testing/client-defect.ts';
import { scriptedDriver } from '../testing/scripted-client.ts';
import type { CheckResult } from '../trial/result.ts';
import { CLIENT_SECTIONS } from './index.ts';
import { tryClient } from './run-scenarios.ts';
import type { ScenarioSection } from './scenario.ts';

const DEFECT_NAMES = Object.keys(CLIENT_DEFECTS) as ClientDefect[]; // the keys of the table are the type

async function trial(
  sections: readonly ScenarioSection[],
  timeoutMs: number,
  defect?: ClientDefect,
): Promise<CheckResult[]> {
  const { signal } = new AbortController();
  return tryClient(sections, { driver: scriptedDriver(defect), timeoutMs, signal });
}

describe('a client that is right', () => {
  test.each(CLIENT_SECTIONS)('passes: $title', async (section) => {
    const results = await trial([section], 5000);
    expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
    expect(results.length).toBe(section.scenarios.length);
  });
});

describe('a client that is wrong', () => {
  test.concurrent.each(DEFECT_NAMES)('is found: %s', async (defect) => {
    const [sectionName, words] = CLIENT_DEFECTS[defect];
    const section = CLIENT_SECTIONS.find(({ name }) => name === sectionName);
    const scenarios = section?.scenarios.filter(({ name }) => name.includes(words)) ?? [];
    expect(scenarios.length, `scenarios named ${words}`).toBeGreaterThan(0);
    const chosen = { name: sectionName, title: sectionName, scenarios };
    const results = await trial([chosen], 1000, defect);
    expect(results.map(({ outcome }) => outcome)).toContain('failed');
  });
});

test('the names of scenarios are different in each section', () => {
  for (const { scenarios } of CLIENT_SECTIONS) {
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
  }
});
