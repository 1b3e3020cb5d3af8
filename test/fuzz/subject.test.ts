import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Coverage } from './coverage.ts';
import { Fault } from './fault.ts';
import { createSubject, showCounterexample } from './subject.ts';

const numbers = createSubject({
  name: 'numbers',
  arbitrary: fc.nat(10_000),
  examine: (value, coverage) => {
    coverage.count('decoded', 'json');
    if (value > 100) throw new Fault('a small number', String(value));
    if (value === 13) throw new TypeError('thirteen');
  },
  describe: (value) => `the number ${value}`,
});

test('a counter-example is made small, and its path leads to it again', () => {
  const found = numbers.run({ seed: 1, runs: 1000, coverage: new Coverage() });
  if (found === undefined) throw new Error('nothing was found');
  expect(found).toMatchObject({ expected: 'a small number', received: '101', seed: 1 });
  const { seed, path } = found;
  const again = numbers.run({ seed, path, runs: 1, coverage: new Coverage() });
  expect(again).toEqual({ ...found, inputs: 1 });
  const text = showCounterexample(found);
  expect(text).toContain('the number 101');
  expect(text).toContain(`npm run fuzz -- --property numbers --seed 1 --path ${path}`);
});

test('inputs are counted up to the failure, not while it is made small', () => {
  const runs: number[] = [];
  const onRun = (run: number) => void runs.push(run);
  const found = numbers.run({ seed: 1, runs: 1000, coverage: new Coverage(), onRun });
  const failure = Number(found?.path.split(':', 1)[0]);
  expect(found?.inputs).toBe(failure + 1);
  expect(Math.max(...runs)).toBe(failure);
  expect(numbers.describeRun(1, failure)).toMatch(/^the number \d{3,}$/);
});

test('what is thrown besides faults is told with its place', () => {
  const thrower = createSubject({
    name: 'thrower',
    arbitrary: fc.constant(0),
    examine: () => {
      throw new TypeError('thirteen');
    },
    describe: String,
  });
  const found = thrower.run({ seed: 1, runs: 1, coverage: new Coverage() });
  expect(found?.received).toMatch(/^TypeError: thirteen\n +at .*subject\.test\.ts/);
});

test('without a counter-example there is none', () => {
  const fine = createSubject({
    name: 'fine',
    arbitrary: fc.nat(),
    examine: () => {},
    describe: String,
  });
  expect(fine.run({ seed: 1, runs: 10, coverage: new Coverage() })).toBeUndefined();
  expect(() => fine.run({ seed: 1, path: '0:99:99', runs: 1, coverage: new Coverage() })).toThrow(
    'Unable to replay',
  );
});
