import { expect, test } from 'vitest';
import { readOptions, UsageError } from './options.ts';

const NAMES = ['streams', 'messages', 'framings'];

test('a million inputs unless told', () => {
  expect(readOptions([], NAMES)).toEqual({
    inputs: 1_000_000,
    time: Infinity,
    seed: undefined,
    property: undefined,
    path: undefined,
    json: false,
    help: false,
  });
});

test('reads what a counter-example says', () => {
  const line = '--property streams --seed 2147483647 --path 12:0:3 --inputs 5 --time 1.5 --json';
  expect(readOptions(line.split(' '), NAMES)).toMatchObject({
    property: 'streams',
    seed: 2_147_483_647,
    path: '12:0:3',
    inputs: 5,
    time: 1.5,
    json: true,
  });
});

test.each([
  ['--inputs 0', '--inputs 0: pass a whole number in 1..'],
  ['--inputs 1e3', '--inputs 1e3: pass'],
  ['--inputs=', '--inputs : pass'],
  ['--seed 2147483648', '--seed 2147483648: pass a whole number in 0..2147483647'],
  ['--seed -1', "Option '--seed' argument is ambiguous"],
  ['--seed', "Option '--seed <value>' argument missing"],
  ['--time 0', '--time 0: pass seconds, more than 0'],
  ['--time 1.2.3', '--time 1.2.3: pass seconds'],
  ['--property frames', '--property frames: choose streams, messages or framings'],
  ['--path 1:x --seed 1 --property streams', '--path 1:x: pass numbers with colons'],
  ['--path 1', '--path needs --seed and --property'],
  ['--path 1 --seed 1', '--path needs --seed and --property'],
  ['--fast', "Unknown option '--fast'"],
  ['now', "Unexpected argument 'now'"],
])('refuses %s in one line', (line, problem) => {
  const read = () => readOptions(line.split(' '), NAMES);
  expect(read).toThrow(UsageError);
  expect(read).toThrow(problem);
  expect(read).not.toThrow(/\n/);
});
