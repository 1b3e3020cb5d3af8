/** The array that poll(2) gets: what it holds after any changes, and how it grows. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ScriptedKernel } from '../testing/index.ts';
import { AT_ONCE } from './deadline.ts';
import { PollSet } from './poll-set.ts';

/** What poll is shown: the bits that are asked for, by descriptor. */
function shown(set: PollSet): [number, number][] {
  let seen: [number, number][] = [];
  const kernel = new ScriptedKernel({
    script: [
      {
        call: 'poll',
        returns: 0,
        during: ([fds, count]) => {
          const words = fds as Int32Array; // as Libc has it
          seen = Array.from({ length: Number(count) }, (_, index) => {
            return [words[2 * index] ?? -1, words[2 * index + 1] ?? -1] as const;
          }).map(([fd, bits]) => [fd, bits]);
        },
      },
    ],
  });
  set.poll(kernel.libc, AT_ONCE);
  return seen.sort(([a], [b]) => a - b);
}

test('after any changes it has what was put and not deleted, each once', () => {
  const fd = fc.integer({ min: 0, max: 200 });
  const change = fc.oneof(
    fc.record({ put: fd, bits: fc.constantFrom(1, 4, 5) }),
    fc.record({ delete: fd }),
  );
  fc.assert(
    fc.property(fc.array(change, { maxLength: 400 }), (changes) => {
      const set = new PollSet();
      const model = new Map<number, number>();
      for (const each of changes) {
        if ('put' in each) {
          set.put(each.put, each.bits);
          model.set(each.put, each.bits);
        } else {
          set.delete(each.delete);
          model.delete(each.delete);
        }
      }
      expect(shown(set)).toEqual([...model].sort(([a], [b]) => a - b));
      expect(set.count).toBe(model.size);
      expect([...set.descriptors()].sort((a, b) => a - b)).toEqual(
        [...model.keys()].sort((a, b) => a - b),
      );
      for (const [number, bits] of model) expect(set.wanted(number)).toBe(bits);
    }),
  );
});

test('answers are found by descriptor, and gone with it', () => {
  const set = new PollSet();
  for (const fd of [5, 6, 7]) set.put(fd, 1);
  const answers = new Int32Array([5, 1, 6, 1 | (0x11 << 16), 7, 1 | (0x20 << 16)]);
  const kernel = new ScriptedKernel({
    script: [{ call: 'poll', returns: 2, fills: new Uint8Array(answers.buffer) }],
  });
  expect(set.poll(kernel.libc, AT_ONCE)).toBe(2);
  expect([5, 6, 7, 8].map((fd) => set.answer(fd))).toEqual([0, 0x11, 0x20, 0]);
  set.delete(5); // the last one takes its place
  expect([5, 6, 7].map((fd) => set.answer(fd))).toEqual([0, 0x11, 0x20]);
  set.delete(7);
  expect([5, 6, 7].map((fd) => set.answer(fd))).toEqual([0, 0x11, 0]);
});
