/**
 * Runs checks one after the other and collects what came of them.
 *
 * One after the other, because some count what the server has done, and because a report is to be read. Each check
 * has connections of its own, which are closed when it is over, whatever it did.
 */
import { performance } from 'node:perf_hooks';
import { Channel } from './channel.ts';
import type { Check, Section, ServerTrial } from './check.ts';
import type { CheckResult } from './result.ts';
import { Transcript } from './transcript.ts';
import { SkippedError, UnmetError } from './unmet.ts';

/** Where and how a server is tried. */
export interface ServerRunOptions {
  readonly host: string;
  readonly port: number;
  /** How long one wait may take. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly tellToStop?: (() => void) | undefined;
  /** Actions that the server is known not to have: a check that is about to ask for one is skipped. */
  readonly missing?: readonly string[];
  /** Told of each result when it is there. */
  onResult?(result: CheckResult): void;
}

/** Runs the checks of `sections` against a server. After an abort it returns what there is. */
export async function tryServer(
  sections: readonly Section<ServerTrial>[],
  options: ServerRunOptions,
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  const state = { wasToldToStop: false };
  for (const section of sections) {
    for (const each of section.checks) {
      if (options.signal.aborted) return results;
      const result = await runServerCheck(section, each, { ...options, state });
      if (options.signal.aborted) return results;
      results.push(result);
      options.onResult?.(result);
    }
  }
  return results;
}

async function runServerCheck(
  section: Section<ServerTrial>,
  each: Check<ServerTrial>,
  options: ServerRunOptions & { readonly state: { wasToldToStop: boolean } },
): Promise<CheckResult> {
  const { timeoutMs, signal, tellToStop, missing = [], state } = options;
  const beforeSending =
    missing.length === 0 ? undefined : (bytes: Uint8Array) => skipIfMissing(bytes, missing);
  const transcript = new Transcript();
  const notes = new Set<string>();
  const channels: Channel[] = [];
  const trial: ServerTrial = {
    open: async () => {
      const number = channels.length + 1;
      const channel = await Channel.connect(options, {
        number,
        timeoutMs,
        signal,
        transcript,
        beforeSending,
      });
      channels.push(channel);
      return channel;
    },
    note: (text) => notes.add(text),
    timeoutMs,
    signal,
    tellToStop:
      tellToStop &&
      (() => {
        state.wasToldToStop = true;
        tellToStop();
      }),
    get wasToldToStop() {
      return state.wasToldToStop;
    },
  };
  const run = (): Promise<void> => each.run(trial);
  const outcome = await outcomeOf(run).finally(() => {
    for (const channel of channels) channel.close();
  });
  return {
    section: section.name,
    name: each.name,
    ...outcome,
    notes: [...notes, ...outcome.notes],
    transcript: transcript.entries,
  };
}

/**
 * Skips a check whose request asks for one of the `missing` actions. It is found in the bytes, which are written in
 * one way: so no check need say what it asks for, and none can forget to.
 */
function skipIfMissing(bytes: Uint8Array, missing: readonly string[]): void {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const action = missing.find((name) => text.includes(`"action": "${name}"`));
  if (action !== undefined) throw new SkippedError(`the server has no action ${action}`);
}

/** What came of a check. An error that is no finding of its own is a fault of ours, and goes through. */
export async function outcomeOf(
  run: () => Promise<void>,
): Promise<Pick<CheckResult, 'outcome' | 'expected' | 'came' | 'ms' | 'notes'>> {
  const start = performance.now();
  const ms = (): number => Math.round(performance.now() - start);
  try {
    await run();
    return { outcome: 'passed', notes: [], ms: ms() };
  } catch (error) {
    if (error instanceof SkippedError) {
      return { outcome: 'skipped', notes: [error.message], ms: ms() };
    }
    if (error instanceof UnmetError) {
      const { expected, came } = error;
      return { outcome: 'failed', expected, came, notes: [], ms: ms() };
    }
    if (error instanceof Error && error.name === 'AbortError') {
      return { outcome: 'skipped', notes: ['interrupted'], ms: ms() };
    }
    throw error;
  }
}
