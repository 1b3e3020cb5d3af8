import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../testing/index.ts';
import { systemClock } from './clock.ts';
import { withDeadline } from './with-deadline.ts';

const never = new Promise<string>(() => {});
const late = (): Error => new Error('late');

let clock: ManualClock;
let controller: AbortController;
let unhandled: unknown[];
const note = (reason: unknown): void => void unhandled.push(reason);

beforeEach(() => {
  clock = new ManualClock();
  controller = new AbortController();
  unhandled = [];
  process.on('unhandledRejection', note);
});

afterEach(() => process.off('unhandledRejection', note));

/** No timer, no listener and no unhandled rejection is left. */
async function expectTidy(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled).toEqual([]);
  expect(clock.pending).toBe(0);
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
}

function wait(promise: Promise<string>): Promise<string> {
  const { signal } = controller;
  return withDeadline(promise, { clock, timeoutMs: 100, signal, onTimeout: late });
}

test('what comes in time is passed on', async () => {
  await expect(wait(Promise.resolve('here'))).resolves.toBe('here');
  await expect(wait(Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  await expectTidy();
});

test('the time-out ends the wait, whatever comes later', async () => {
  let fail: (reason: Error) => void = () => {};
  const waiting = wait(new Promise((_resolve, reject) => (fail = reject)));
  clock.advance(99);
  clock.advance(1);
  await expect(waiting).rejects.toThrow('late');
  fail(new Error('much later'));
  await expectTidy();
});

test('the signal ends the wait with its reason, also when it was given before', async () => {
  const waiting = wait(never);
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await expect(wait(never)).rejects.toThrow('enough');
  await expectTidy();
});

test('a time-out that is no time is refused, and the promise is not left unhandled', async () => {
  const options = { clock: systemClock, timeoutMs: Number.NaN, signal: controller.signal };
  const waiting = withDeadline(Promise.reject(new Error('gone')), { ...options, onTimeout: late });
  await expect(waiting).rejects.toThrow(RangeError);
  await expectTidy();
});
