/**
 * The checks, tried on a server that is right and on servers that are wrong in one way each: a check that cannot
 * fail is worth nothing.
 */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { DEFECTS, type Defect } from '../testing/defect.ts';
import { ScriptedServer } from '../testing/scripted-server.ts';
import type { CheckResult } from '../trial/result.ts';
import { tryServer } from '../trial/run-checks.ts';
import type { Section, ServerTrial } from '../trial/check.ts';
import { SERVER_SECTIONS } from './index.ts';

const DEFECT_NAMES = Object.keys(DEFECTS) as Defect[]; // the keys of the table are the type

async function trial(
  sections: readonly Section<ServerTrial>[],
  timeoutMs: number,
  defect?: Defect,
): Promise<CheckResult[]> {
  const server = await ScriptedServer.start(defect);
  const { port } = server;
  const { signal } = new AbortController();
  const tellToStop = (): void => server.goDown();
  try {
    return await tryServer(sections, { host: '127.0.0.1', port, timeoutMs, signal, tellToStop });
  } finally {
    server.destroy();
  }
}

describe('a server that is right', () => {
  test.each(SERVER_SECTIONS)('passes: $title', async (section) => {
    const results = await trial([section], 5000);
    expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
    expect(results.length).toBe(section.checks.length);
  });
});

describe('a server that is wrong', () => {
  test.concurrent.each(DEFECT_NAMES)('is found: %s', async (defect) => {
    const [sectionName, words] = DEFECTS[defect];
    const section = SERVER_SECTIONS.find(({ name }) => name === sectionName);
    const checks = section?.checks.filter(({ name }) => new RegExp(escape(words)).test(name)) ?? [];
    expect(checks.length, `checks named ${words}`).toBeGreaterThan(0);
    const chosen = { name: sectionName, title: sectionName, checks };
    const results = await trial([chosen], 700, defect);
    expect(results.map(({ outcome }) => outcome)).toContain('failed');
    const failed = results.find(({ outcome }) => outcome === 'failed');
    expect(failed?.expected).not.toBe('');
    expect(failed?.transcript.length).toBeGreaterThan(0);
  });
});

test('what needs an action that the server has not is skipped, and it is not told to go down', async () => {
  const server = await ScriptedServer.start();
  onTestFinished(() => server.destroy());
  const tellToStop = vi.fn<() => void>();
  const results = await tryServer(
    SERVER_SECTIONS.filter(({ name }) => name === 'goodbye'),
    {
      host: '127.0.0.1',
      port: server.port,
      timeoutMs: 1000,
      signal: new AbortController().signal,
      missing: ['wait', 'sum'],
      tellToStop,
    },
  );
  expect(results).toMatchObject([
    { outcome: 'skipped', notes: ['the server has no action sum'] },
    { outcome: 'skipped', notes: ['the server has no action wait'] },
    { outcome: 'skipped', notes: ['it was not told to go down'] },
  ]);
  expect(tellToStop).not.toHaveBeenCalled();
});

test('the names of checks are different in each section', () => {
  for (const { checks } of SERVER_SECTIONS) {
    expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
  }
});

/** Words of a check's name as a pattern; a `$` at the end stands for the end. */
function escape(words: string): string {
  return words.replaceAll(/[\^()[\]{}.*+?|\\]/g, String.raw`\$&`);
}
