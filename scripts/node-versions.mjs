/**
 * `npm run test:versions`: the tests of sockets, on the other versions of Node that Wireline is for.
 *
 *     npm run test:versions            every version but the one that runs this: `npm test` is for that
 *     npm run test:versions -- 24 26   these
 *
 * What a socket does depends on Node: when handles are closed, signals are heard, workers end, memory is given
 * back, and how koffi is loaded. What is only JavaScript is tried on one version.
 *
 * Rules: one line per version, with what its tests came to; all that a run printed is shown when it fails, and the
 * other versions are run all the same. The tests themselves hold their Node against `WIRELINE_EXPECT_NODE`
 * (test/hazards/node-version.test.ts), and a run that does not say how many tests passed has failed. The exit code
 * is 0 when all versions passed, 1 when one failed or cannot be had, 2 for a version that is none of ours, and 128
 * plus the signal's number when the run was interrupted.
 */
import { delimiter, dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { exitCodeOf, interruption, runCommand, secondsSince } from './command.mjs';
import { fetchNode } from './node-package.mjs';
import { ROOT, listFiles, readPackages } from './workspace.mjs';

/** @typedef {import('./node-package.mjs').FetchedNode} FetchedNode */

/** The majors that have long-term support, had it or will have it. Those below `engines` are left out. */
const MAJORS = [20, 22, 24, 26];

/** The folders whose tests are about sockets, or about programs over sockets. */
const SUITE = [
  'packages/socket',
  'packages/framing/src/adapters',
  'packages/framing/src/node',
  'test/framing',
  'test/conformance',
  'test/selectors',
  'test/streams',
  'test/repl',
  'test/hazards',
  'test/examples',
];

/**
 * How many workers end in each way (test/hazards/workers.test.ts): a process full of them. The 200 of `npm test`
 * take a minute, three times, and that is more than everything else in the suite.
 */
const WORKERS = 50;

/** Vitest leaves one processor free unless it is told: on two, that is half. */
const ALL_PROCESSORS = '--maxWorkers=100%';

process.exitCode = await main(process.argv.slice(2));

/** @param {readonly string[]} args @returns {Promise<number>} the exit code */
async function main(args) {
  const ours = MAJORS.filter((major) => major >= oldestMajor());
  const unknown = args.filter((arg) => !ours.includes(Number(arg)));
  if (unknown.length > 0) {
    console.error(`node-versions: Node ${unknown.join(', ')} is none of ${ours.join(', ')}.`);
    console.error('Usage: npm run test:versions -- [VERSION ...]');
    return 2;
  }
  const own = Number.parseInt(process.versions.node);
  const majors = args.length > 0 ? args.map(Number) : ours.filter((major) => major !== own);

  for (const folder of SUITE) {
    if (listFiles(ROOT, folder, (file) => file.endsWith('.test.ts')).length > 0) continue;
    console.error(
      `node-versions: ${folder} has no tests; correct SUITE in scripts/node-versions.mjs.`,
    );
    return 1;
  }
  /** @type {FetchedNode[]} */
  const nodes = [];
  try {
    for (const major of majors) nodes.push(await fetchNode(ROOT, major));
  } catch (error) {
    if (interruption() === undefined) {
      console.error(error instanceof Error ? error.message : String(error));
      return 1;
    }
  }
  const failed = [];
  for (const node of nodes) {
    if (interruption() === undefined && !(await passes(node))) failed.push(node.version);
  }
  const signal = interruption();
  if (signal !== undefined) {
    console.error('\nInterrupted.');
    return exitCodeOf(signal);
  }
  if (failed.length > 0) {
    console.error(`\nThe tests of sockets fail on Node ${failed.join(', ')}.`);
    return 1;
  }
  const versions = nodes.map(({ version }) => version).join(', ');
  console.log(`\nThe tests of sockets pass on Node ${versions}.`);
  return 0;
}

/**
 * Runs the suite and prints its line.
 *
 * @param {FetchedNode} node
 * @returns {Promise<boolean>} whether all tests passed
 */
async function passes({ program, version }) {
  const began = performance.now();
  const vitest = join('node_modules', 'vitest', 'vitest.mjs');
  const folders = SUITE.map((folder) => `${folder}/`);
  const { status, output } = await runCommand(
    [program, vitest, 'run', ALL_PROCESSORS, ...folders],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        // Tests start programs as users do: `node`, or npm, which asks for `node` itself.
        PATH: `${dirname(program)}${delimiter}${process.env['PATH'] ?? ''}`,
        WIRELINE_EXPECT_NODE: String(Number.parseInt(version)),
        WIRELINE_WORKERS: String(WORKERS),
      },
    },
  );
  if (interruption() !== undefined) return false;
  const counts = /^ *Tests +(\d.*)$/m.exec(stripVTControlCharacters(output))?.[1];
  const hasPassed = status === 0 && counts !== undefined;
  const told = counts ?? 'did not say how many tests passed';
  console.log(
    `${hasPassed ? '✓' : '✗'} Node ${version.padEnd(8)} ${secondsSince(began).padStart(7)}  ${told}`,
  );
  if (!hasPassed) console.error(`\n${output.trimEnd()}\n`);
  return hasPassed;
}

/** The oldest major version that the socket package is for, as its `engines` say. @returns {number} */
function oldestMajor() {
  const { manifest } = readPackages(ROOT).find(({ folder }) => folder === 'socket') ?? {};
  const range = manifest?.engines?.['node'] ?? '';
  const [, major] = /^>=(\d+)(?:\.\d+)*$/.exec(range) ?? [];
  if (major === undefined) {
    throw new Error(
      `read engines of packages/socket: node is "${range}"; write it as ">=20.19", or teach scripts/node-versions.mjs.`,
    );
  }
  return Number(major);
}
