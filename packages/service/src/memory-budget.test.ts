import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryBudget, type MemoryHolder } from './memory-budget.ts';

/** A holder that says when it was given up. */
function holder(onShed: () => void): MemoryHolder {
  return { shed: onShed };
}

test('whatever is held, the sum stays within the budget, and the largest goes first', () => {
  const steps = fc.array(fc.tuple(fc.nat(9), fc.nat(60)), { maxLength: 100 });
  fc.assert(
    fc.property(steps, (accounts) => {
      const budget = new MemoryBudget(100);
      const held = new Map<MemoryHolder, number>();
      const holders = Array.from({ length: 10 }, () => {
        const it = holder(() => {
          const bytes = held.get(it) ?? 0;
          expect(bytes).toBe(Math.max(...held.values()));
          held.delete(it);
        });
        return it;
      });
      for (const [index, bytes] of accounts) {
        const it = holders[index];
        if (it === undefined) continue;
        held.set(it, bytes);
        budget.account(it, bytes);
        const sum = [...held.values()].reduce((total, each) => total + each, 0);
        expect(budget.used).toBe(sum);
        expect(sum).toBeLessThanOrEqual(100);
      }
    }),
  );
});

test('a holder that accounts for itself while it is given up is not counted twice', () => {
  const budget = new MemoryBudget(10);
  const it = holder(() => budget.account(it, 0));
  budget.account(it, 11);
  expect(budget.used).toBe(0);
});

test('a single holder beyond the budget is given up too', () => {
  const budget = new MemoryBudget(10);
  let shed = 0;
  budget.account(
    holder(() => shed++),
    11,
  );
  expect(shed).toBe(1);
  expect(budget.used).toBe(0);
});

test.each([0, -1, Number.NaN])('a budget of %d bytes is refused', (bytes) => {
  expect(() => new MemoryBudget(bytes)).toThrow(RangeError);
});
