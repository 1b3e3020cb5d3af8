/**
 * `npm run check`: everything that a change must pass, in the order in which a failure is cheapest to mend.
 *
 *     npm run check                        all of it
 *     npm run check -- --only layers,docs  these steps
 *     npm run check -- --verbose           shows what the steps print while they run
 *
 * Rules: one line per step, with its time; what a step printed is shown when it fails; the first failure ends
 * the run and says how to repeat that step alone. The exit code is 0 when every step passed, 1 when one
 * failed, 2 for a wrong option, and 128 plus the signal's number when the run was interrupted.
 */
import { delimiter, join } from 'node:path';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { exitCodeOf, interruption, runCommand, secondsSince } from './command.mjs';
import { ROOT, listFiles } from './workspace.mjs';

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {readonly [string, ...string[]]} command
 * @property {string} [remedy] a command that mends what this step finds
 * @property {() => string | undefined} [skip] why there is nothing to run, if so
 * @property {RegExp} [summary] what of the output belongs on the step's line
 * @property {string} [missing] what is skipped when the program is not installed; without it, that is a failure
 */

/** @type {readonly Step[]} */
const STEPS = [
  { name: 'format', command: ['prettier', '--check', '.'], remedy: 'npm run format' },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'types', command: ['tsc', '--build', '.', 'scripts'] },
  { name: 'layers', command: ['node', 'scripts/check-layers.mjs'] },
  { name: 'docs', command: ['node', 'scripts/check-docs.mjs'] },
  {
    name: 'peers',
    command: ['python3', '-m', 'unittest', 'discover', 'interop/python'],
    skip: () => {
      const tests = listFiles(ROOT, 'interop/python', (file) => /\/test[^/]*\.py$/.test(file));
      return tests.length === 0 ? 'interop/python has no tests yet' : undefined;
    },
    summary: /^Ran \d+ tests?/m,
    missing: 'python3 is not installed, so the Python peers were not tested',
  },
  { name: 'tests', command: ['vitest', 'run'], summary: /(?<=^ *Tests +)\S.*$/m },
  {
    name: 'versions',
    command: ['node', 'scripts/node-versions.mjs'],
    summary: /(?<=^The tests of sockets pass on ).*(?=\.$)/m,
  },
];

/** Prepares the clone; `npm start` and `npm test` begin with it too. */
const SETUP = /** @type {Step} */ ({ name: 'setup', command: ['node', 'scripts/setup.mjs'] });

const WIDTH = Math.max(...[SETUP, ...STEPS].map(({ name }) => name.length));

const { only, verbose } = readOptions();

process.exitCode = await main();

/** @returns {Promise<number>} the exit code */
async function main() {
  const began = performance.now();
  let passed = 0;
  let skipped = 0;
  for (const step of [
    SETUP,
    ...STEPS.filter(({ name }) => only === undefined || only.includes(name)),
  ]) {
    const result = await runStep(step);
    const signal = interruption();
    if (signal !== undefined) {
      console.error(`\nInterrupted in ${step.name}.`);
      return exitCodeOf(signal);
    }
    if (result === 'failed') {
      const repeat =
        step === SETUP ? 'node scripts/setup.mjs' : `npm run check -- --only ${step.name}`;
      const remedy = step.remedy === undefined ? '' : ` \`${step.remedy}\` mends it.`;
      console.error(`\n${step.name} failed. \`${repeat}\` repeats only this step.${remedy}`);
      return 1;
    }
    if (result === 'skipped') skipped += 1;
    else if (step !== SETUP) passed += 1;
  }
  const left = skipped === 0 ? '' : `, ${skipped} skipped`;
  console.log(
    `\n${passed} ${passed === 1 ? 'step' : 'steps'} passed${left}, in ${secondsSince(began)}.`,
  );
  return 0;
}

/**
 * @param {Step} step
 * @returns {Promise<'passed' | 'failed' | 'skipped'>}
 */
async function runStep(step) {
  const label = step.name.padEnd(WIDTH);
  const reason = step.skip?.();
  if (reason !== undefined) {
    console.log(`- ${label}  skipped: ${reason}`);
    return 'skipped';
  }
  const isLive = process.stdout.isTTY && !verbose;
  if (isLive) process.stdout.write(`  ${label}  ...`);
  const began = performance.now();
  const { status, output } = await runCommand(step.command, {
    cwd: ROOT,
    env: environment(),
    ...(verbose ? { onOutput: (chunk) => process.stdout.write(chunk) } : {}),
  });
  if (isLive) process.stdout.write('\r\u001B[K');

  if (status === 'not found' && step.missing !== undefined) {
    console.log(`- ${label}  skipped: ${step.missing}`);
    return 'skipped';
  }
  const [summary = ''] = step.summary?.exec(stripVTControlCharacters(output)) ?? [];
  const mark = status === 0 ? '✓' : '✗';
  console.log(`${mark} ${label}  ${secondsSince(began).padStart(7)}  ${summary}`.trimEnd());
  if (status === 'not found') console.error(`\n${step.command[0]} was not found.`);
  else if (status !== 0 && interruption() === undefined && !verbose)
    console.error(`\n${output.trimEnd()}`);
  return status === 0 ? 'passed' : 'failed';
}

/** The environment of a step: programs of this repository come first, and print in colour if we do. */
function environment() {
  const bin = join(ROOT, 'node_modules', '.bin');
  const colour = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
  return { ...process.env, ...colour, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` };
}

/** @returns {{ only: string[] | undefined, verbose: boolean }} */
function readOptions() {
  const names = STEPS.map(({ name }) => name);
  try {
    const { values } = parseArgs({
      options: { only: { type: 'string', multiple: true }, verbose: { type: 'boolean' } },
    });
    const chosen = values.only?.flatMap((value) => value.split(','));
    const unknown = chosen?.filter((name) => !names.includes(name)) ?? [];
    if (unknown.length > 0) throw new Error(`there is no step ${unknown.join(', ')}`);
    return { only: chosen, verbose: values.verbose === true };
  } catch (error) {
    console.error(`check: ${error instanceof Error ? error.message : String(error)}.`);
    console.error(`Usage: npm run check -- [--only ${names.join(',')}] [--verbose]`);
    return process.exit(2);
  }
}
