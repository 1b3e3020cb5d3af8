/**
 * Subject: something to be fuzzed, as fast-check sees it: values, and a check that throws on a bad one.
 *
 * Each subject is one property. Its runs count the inputs that they are made of, tell the watchdog where
 * they are, and, when one fails, become a counter-example in words.
 */
import fc from 'fast-check';
import type { Coverage } from './coverage.ts';
import { Fault, showThrown } from './fault.ts';

/** Calls in a stack trace: where it was thrown is in the first of them. */
const SHOWN_FRAMES = 6;

/** What a subject is made of. */
export interface SubjectParts<Value> {
  /** What `--property` calls it. */
  readonly name: string;
  readonly arbitrary: fc.Arbitrary<Value>;
  /** Checks the invariant, and counts what was checked. Throws a Fault where it is broken. */
  readonly examine: (value: Value, coverage: Coverage) => void;
  /** The value in words and in hex. */
  readonly describe: (value: Value) => string;
}

/** Which runs of a property are to be made. */
export interface RunOptions {
  readonly seed: number;
  readonly runs: number;
  /** The path to one run, as a counter-example says it. */
  readonly path?: string | undefined;
  readonly coverage: Coverage;
  /** Called before each run, with its number; while a failure is made smaller, with that of the failure. */
  readonly onRun?: ((run: number) => void) | undefined;
}

/** A value that breaks the invariant, made small. */
export interface Counterexample {
  readonly property: string;
  readonly seed: number;
  readonly path: string;
  /** How many inputs had been examined when it was found. */
  readonly inputs: number;
  readonly expected: string;
  readonly received: string;
  /** What the value is: frames, what is wrong with them, bytes. */
  readonly description: string;
}

/** A property that can be run. */
export interface Subject {
  readonly name: string;
  /**
   * Makes the runs.
   *
   * @returns the counter-example, if there is one
   * @throws Error when there is no run at `path`.
   */
  run(options: RunOptions): Counterexample | undefined;
  /** The value of one run in words, without examining it: for one that never came back. */
  describeRun(seed: number, run: number): string;
}

/** Makes a subject. */
export function createSubject<Value>(parts: SubjectParts<Value>): Subject {
  const { name, arbitrary, examine, describe } = parts;
  return {
    name,
    run: ({ seed, runs, path = '', coverage, onRun }) => {
      let run = Number(path.split(':', 1)[0]) || 0;
      let failedAt: number | undefined;
      const property = fc.property(arbitrary, (value) => {
        onRun?.(failedAt === undefined ? run++ : run - 1);
        try {
          examine(value, coverage);
        } catch (error) {
          failedAt ??= coverage.inputs;
          throw error;
        }
      });
      const numRuns = path === '' ? runs : 1;
      const details = withStackTraces(0, () => fc.check(property, { seed, path, numRuns }));
      if (details.counterexample === null) return undefined;
      const [value] = details.counterexample;
      const { expected, received } = withStackTraces(SHOWN_FRAMES, () =>
        faultOf(() => examine(value, coverage)),
      );
      return {
        property: name,
        seed,
        path: details.counterexamplePath ?? path,
        inputs: failedAt ?? coverage.inputs,
        expected,
        received,
        description: describe(value),
      };
    },
    describeRun: (seed, run) => {
      const [value] = fc.sample(arbitrary, { seed, path: String(run), numRuns: 1 });
      return value === undefined ? 'no such run' : describe(value);
    },
  };
}

/** A counter-example as it is shown: what is wrong, with which input, and how to have it again. */
export function showCounterexample(counterexample: Counterexample): string {
  const { property, seed, path, expected, received, description } = counterexample;
  return [
    `${property}: a counter-example, made as small as fast-check could`,
    '',
    `  expected  ${indent(expected)}`,
    `  received  ${indent(received)}`,
    '',
    description.replaceAll(/^(?=.)/gm, '  '),
    '',
    `  repeat it:  ${repeatCommand({ property, seed, path })}`,
  ].join('\n');
}

/** The command that makes one run again. */
export function repeatCommand(at: {
  readonly property: string;
  readonly seed: number;
  readonly path: string;
}): string {
  return `npm run fuzz -- --property ${at.property} --seed ${at.seed} --path ${at.path}`;
}

/** Examines once more what is known to fail. */
function faultOf(examine: () => void): { readonly expected: string; readonly received: string } {
  try {
    examine();
  } catch (error) {
    if (error instanceof Fault) return error;
    return { expected: 'nothing to be thrown here', received: showThrown(error) };
  }
  return { expected: 'to fail again', received: 'a pass: the fault depends on what ran before' };
}

/** Errors are most of what a decoder of bad input makes: without traces, runs take a sixth less time. */
function withStackTraces<Value>(limit: number, action: () => Value): Value {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = limit;
  try {
    return action();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function indent(text: string): string {
  return text.replaceAll('\n', `\n${' '.repeat(12)}`);
}
