/**
 * Hazards of descriptors that are received: numbers that nobody opened here, and that somebody has to close. What
 * goes wrong within a process that has enough of them is in `test/conformance/descriptor-leaks.test.ts`.
 */
import { ERRNO } from '@wireline/socket';
import { expect, test } from 'vitest';
import { reportOf } from './run-program.ts';

test.for(['blocking', 'awaited'])(
  'fewer left than come, %s: all or nothing for recvFds, what fits for recvMsg, and none is lost',
  async (face) => {
    const report = await reportOf('passed-descriptors', { args: [face], maxDescriptors: 256 });
    expect(report).toEqual([
      { free: 0, outcome: 'descriptors-lost', left: 0 },
      { free: 1, outcome: 'descriptors-lost', left: 1 },
      { free: 2, outcome: 'descriptors-lost', left: 2 },
      { free: 3, outcome: 3, left: 3 },
      { free: 0, outcome: [0, 'MSG_CTRUNC'], left: 0 },
      { free: 1, outcome: [1, 'MSG_CTRUNC'], left: 1 },
      { free: 2, outcome: [2, 'MSG_CTRUNC'], left: 2 },
      { free: 3, outcome: [3], left: 3 },
    ]);
  },
);

test('one that a worker received and closed by other means: its number can be used again', async () => {
  expect(await reportOf('closed-elsewhere')).toEqual({ isReused: true, descriptors: 0 });
});

test('more on their way than this user may have: an error, until somebody receives them', async () => {
  const report = await reportOf('descriptors-in-flight', { maxDescriptors: 256 });
  expect(report).toEqual({
    sent: expect.any(Number),
    errno: ERRNO.ETOOMANYREFS,
    later: 'undefined',
  });
});
