/**
 * Hazards of worker threads: native code that is unloaded under a handle, descriptors that nobody closes,
 * threads that cannot be stopped.
 *
 * Each of the five ways in which a worker ends is tried {@link TIMES} times, because what goes wrong here goes
 * wrong now and then only. `WIRELINE_WORKERS` says how often: a thousand times for whoever looks for a failure,
 * fewer where the whole suite runs more than once. The workers have sockets of every kind open: those of both
 * faces, listening, connected, copied, with calls that wait, and descriptors in an event loop.
 */
import { describe, expect, test } from 'vitest';
import { reportOf, runProgram } from './run-program.ts';

const TIMES = Number(process.env['WIRELINE_WORKERS']) || 100;

/** Workers in one process, a few seconds' worth. The last way ends a process with ten in it. */
const IN_ONE_PROCESS = 50;
const LEFT_BEHIND = 10;

/** A hundred workers take some ten seconds of two processors; others may want those, too. */
const TEST_TIMEOUT_MS = 120_000;

/** A blocked worker sleeps 50 ms at most. The rest is for machines with too much to do. */
const PROMPT_MS = 2000;

/** What a worker that main ends is at. */
const AT_WORK = 'idle,busy';
const BLOCKED = 'accept,connect,recv,recv with a time-out,recvFrom,recvMsg,sendAll,sendMsg';

interface Report {
  /** What the workers failed with; `null` for nothing. */
  readonly errors: readonly (string | null)[];
  /** How many descriptors the process has more than before. */
  readonly descriptors: number;
  /** The sockets among them. */
  readonly sockets: readonly string[];
  /** How long the slowest took to be terminated. */
  readonly slowestMs: number;
}

/** Ends workers in one way, `times` of them, and tells what each process says that is not as it should be. */
async function troubleWith(
  way: string,
  manners: string,
  { times = TIMES, error = null as string | null } = {},
): Promise<readonly Report[]> {
  const trouble: Report[] = [];
  for (let ended = 0; ended < times; ended += IN_ONE_PROCESS) {
    const args = [way, manners, String(IN_ONE_PROCESS)];
    const report = (await reportOf('workers-end', { args })) as Report; // what the program reports
    const { errors, descriptors, sockets, slowestMs } = report;
    const isGood = descriptors === 0 && sockets.length === 0 && slowestMs < PROMPT_MS;
    if (!isGood || errors.length !== 1 || errors[0] !== error) trouble.push(report);
  }
  return trouble;
}

describe('a worker that alone loaded the package, and ends with sockets open', () => {
  test.for([
    ['returns', 'idle,a second loop,a closed loop,two owners', null],
    ['throws', AT_WORK, 'as asked'],
    ['exits', AT_WORK, null],
  ] as const)(
    '%s: the process lives, and no descriptor is left',
    { timeout: TEST_TIMEOUT_MS },
    async ([way, manners, error]) => {
      expect(await troubleWith(way, manners, { error })).toEqual([]);
    },
  );

  test.for([AT_WORK, BLOCKED])(
    'terminated while %s: it ends promptly, the process lives, and no descriptor is left',
    { timeout: TEST_TIMEOUT_MS },
    async (manners) => {
      expect(await troubleWith('terminated', manners, { times: TIMES / 2 })).toEqual([]);
    },
  );

  test.for(['opening and closing', 'holding and letting go'])(
    'terminated while %s: the process lives, and no descriptor is left',
    { timeout: TEST_TIMEOUT_MS },
    async (manner) => {
      const times = IN_ONE_PROCESS;
      expect(await troubleWith('terminated', manner, { times })).toEqual([]);
    },
  );
});

test.for([AT_WORK, BLOCKED])(
  'the process ends promptly with workers in it: %s',
  { timeout: TEST_TIMEOUT_MS },
  async (manners) => {
    for (let ended = 0; ended < TIMES / 2; ended += LEFT_BEHIND) {
      let leftAt = Infinity;
      const outcome = await runProgram('workers-end', {
        args: ['left behind', manners, String(LEFT_BEHIND)],
        onOutput: () => (leftAt = performance.now()),
      });
      expect(outcome).toEqual({ code: 0, signal: null, stdout: 'left', stderr: '' });
      expect(performance.now() - leftAt).toBeLessThan(PROMPT_MS);
    }
  },
);

test('loops in several threads at once: each hears its own', async () => {
  expect(await reportOf('worker-echo')).toEqual({ counts: [200, 200, 200, 200] });
});
