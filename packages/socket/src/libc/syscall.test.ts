import { describe, expect, test } from 'vitest';
import { ConnectionResetError, SystemError } from '../errors.ts';
import { ScriptedKernel } from '../testing/index.ts';
import type { ScriptedAnswer } from '../testing/index.ts';
import { mustCall, tryCall, WOULD_BLOCK } from './syscall.ts';

/** Makes a call that gets `answers`, one after the other. */
function play(wrapper: typeof tryCall | typeof mustCall, ...answers: ScriptedAnswer[]): unknown {
  const kernel = new ScriptedKernel();
  for (const answer of answers) kernel.expect({ call: 'listen', ...answer });
  const result = wrapper(kernel.libc, 'listen', () => kernel.libc.listen(3, 1));
  kernel.done();
  return result;
}

describe.each([
  ['tryCall', tryCall],
  ['mustCall', mustCall],
])('%s', (_, wrapper) => {
  test('returns what the call returns', () => {
    expect(play(wrapper, { returns: 7 })).toBe(7);
    expect(play(wrapper, { returns: 0 })).toBe(0);
  });

  test('repeats a call that a signal interrupted, as often as it takes', () => {
    const interrupted = { fails: 'EINTR' } as const;
    expect(play(wrapper, interrupted, interrupted, { returns: 1 })).toBe(1);
  });

  test('throws every other error, once', () => {
    expect(() => play(wrapper, { fails: 'ECONNRESET' })).toThrow(ConnectionResetError);
  });
});

test('tryCall answers would-block as a value', () => {
  expect(play(tryCall, { fails: 'EAGAIN' })).toBe(WOULD_BLOCK);
});

test('mustCall throws would-block: such a call never waits', () => {
  expect(() => play(mustCall, { fails: 'EAGAIN' })).toThrow(
    expect.objectContaining({ code: 'EAGAIN', syscall: 'listen' }),
  );
});

test('the error number is asked for before anything else is called', () => {
  const order: string[] = [];
  const { libc } = new ScriptedKernel();
  const spied = { ...libc, errno: () => (order.push('errno'), 9) };
  const call = (): number => (order.push('call'), -1);
  expect(() => mustCall(spied, 'x', call, 'a place')).toThrow(SystemError);
  expect(order).toEqual(['call', 'errno']);
});
