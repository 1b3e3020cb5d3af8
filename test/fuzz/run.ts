/**
 * `npm run fuzz`: the long run, of a million inputs or as many as wanted. Arguments in, words out.
 */
import { randomSeed, SUBJECTS } from './campaign.ts';
import { missingEnds, showCounts, showNumber } from './coverage.ts';
import { HELP, readOptions, UsageError, type FuzzOptions } from './options.ts';
import { watchCampaign, type Verdict } from './watch.ts';

/** The exit code of each ending. */
const EXIT = {
  done: 0,
  found: 1,
  'unknown path': 2,
  interrupted: 130,
  terminated: 143,
} as const satisfies Readonly<Record<Verdict['ending'], number>>; // codes, not any numbers
const EXIT_USAGE = 2;

// Whoever read the output may have left, as `head` does: the exit code still tells how it ended.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

process.exitCode = await main();

async function main(): Promise<number> {
  let options: FuzzOptions;
  try {
    const names = SUBJECTS.map(({ name }) => name);
    options = readOptions(process.argv.slice(2), names);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`fuzz: ${error.message}\n`);
    return EXIT_USAGE;
  }
  if (!options.help) return fuzz(options);
  process.stdout.write(HELP);
  return EXIT.done;
}

async function fuzz(options: FuzzOptions): Promise<number> {
  const { inputs, property, path, time, json } = options;
  const seed = options.seed ?? randomSeed();
  const say = (text: string) => (json ? process.stderr : process.stdout).write(`${text}\n`);
  const only = property === undefined ? '' : ` --property ${property}`;
  say(`seed ${seed}: \`npm run fuzz --${only} --seed ${seed}\` repeats this run`);
  const verdict = await watchCampaign(
    { seed, inputs, property, path },
    { time, onTick: ({ inputs: examined }, seconds) => showProgress(examined, inputs, seconds) },
  );
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');
  const { ending, report, progress, seconds } = verdict;
  if (ending === 'unknown path') {
    process.stderr.write(`fuzz: --path ${path}: ${report}\n`);
  } else if (json) {
    process.stdout.write(`${JSON.stringify({ ending, seed, seconds, ...progress, report })}\n`);
  } else {
    sayVerdict(verdict, { isComplete: property === undefined }, say);
  }
  return EXIT[ending];
}

/** What people read at the end. */
function sayVerdict(
  { ending, report, progress, seconds }: Verdict,
  { isComplete }: { readonly isComplete: boolean },
  say: (text: string) => void,
): void {
  const { inputs, counts } = progress;
  if (ending !== 'done') say(`\n${report === '' ? ending : report}`);
  if (inputs > 0) say(`\n${showCounts(counts)}\n`);
  const missing = isComplete ? missingEnds(counts) : [];
  if (missing.length > 0) say(`never reached: ${missing.join(', ')}`);
  const rate = showNumber(inputs / seconds);
  say(`${showNumber(inputs)} inputs in ${seconds.toFixed(1)} s, ${rate} a second`);
}

/** One line on a terminal, written over and over. */
function showProgress(examined: number, wanted: number, seconds: number): void {
  if (!process.stderr.isTTY) return;
  const rate = showNumber(examined / seconds);
  const line = `${showNumber(examined)} of ${showNumber(wanted)} inputs, ${rate} a second`;
  process.stderr.write(`\r\u001B[K${line}, ${seconds.toFixed(0)} s`);
}
