/** Runs scenarios one after the other, each with a listener and a run of the client of its own. */
import type { CheckResult } from '../trial/result.ts';
import { outcomeOf } from '../trial/run-checks.ts';
import { Transcript } from '../trial/transcript.ts';
import { ClientTrial } from './client-trial.ts';
import type { Driver } from './driver.ts';
import type { ScenarioSection } from './scenario.ts';

/** How a client is tried. */
export interface ClientRunOptions {
  readonly driver: Driver;
  /** How long one wait may take, the start of the client included. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Told of each result when it is there. */
  onResult?(result: CheckResult): void;
}

/** Runs the scenarios of `sections`. After an abort it returns what there is. */
export async function tryClient(
  sections: readonly ScenarioSection[],
  options: ClientRunOptions,
): Promise<CheckResult[]> {
  const { driver, timeoutMs, signal } = options;
  const results: CheckResult[] = [];
  for (const section of sections) {
    for (const each of section.scenarios) {
      const { scenario, name } = each;
      if (signal.aborted) return results;
      const transcript = new Transcript();
      const trial = await ClientTrial.start({ driver, scenario, timeoutMs, signal, transcript });
      const outcome = await outcomeAndEnd(trial, async () => each.run(trial));
      if (signal.aborted) return results;
      const { entries } = transcript;
      const result = { section: section.name, name, ...outcome, transcript: entries };
      results.push(result);
      options.onResult?.(result);
    }
  }
  return results;
}

/** What came of `run`. Whatever that was, a listener that stays open would keep this process alive. */
async function outcomeAndEnd(
  trial: ClientTrial,
  run: () => Promise<void>,
): ReturnType<typeof outcomeOf> {
  try {
    return await outcomeOf(run);
  } finally {
    await trial.close();
  }
}
