/**
 * Hazards of worker threads: native code that is unloaded under a handle, descriptors that nobody closes,
 * threads that cannot be stopped.
 */
import { describe, expect, test } from 'vitest';
import { reportOf } from './run-program.ts';

/** Each way is tried this often: what goes wrong here goes wrong now and then only. */
const TIMES = '40';

describe('a worker that alone loaded the package, and ends with its loop open', () => {
  test.for([
    ['returns', null],
    ['has two owners', null],
    ['throws', 'as asked'],
    ['exits', null],
    ['terminated while busy', null],
    ['terminated while idle', null],
  ] as const)('%s: the process lives, and no descriptor is left', async ([way, error]) => {
    const report = await reportOf('workers-end', { args: [way, TIMES] });
    expect(report).toEqual({ errors: [error], descriptors: 0 });
  });
});

test.each(['left behind busy', 'left behind idle'])('the process ends: workers %s', async (way) => {
  expect(await reportOf('workers-end', { args: [way, '4'] })).toEqual({ left: true });
});

test('loops in several threads at once: each hears its own', async () => {
  expect(await reportOf('worker-echo')).toEqual({ counts: [200, 200, 200, 200] });
});
