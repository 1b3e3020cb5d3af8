import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { ERRNO, errnoName } from './errno.ts';

/** What Node knows by the names of this table; it leaves out EHOSTDOWN and its like. */
const KNOWN: Readonly<Record<string, number | undefined>> = constants.errno;

/** Not among Node's: from the kernel's `errno.h`. */
const OTHERS: Readonly<Record<string, number>> = {
  ENONET: 64,
  EPROTO: 71,
  ESOCKTNOSUPPORT: 94,
  ETOOMANYREFS: 109,
  EHOSTDOWN: 112,
};

test.each(Object.entries(ERRNO))('%s is %d, as the system says', (name, number) => {
  expect(number).toBe(KNOWN[name] ?? OTHERS[name]);
  expect(errnoName(number)).toBe(name);
});

test('no number has two names', () => {
  expect(new Set(Object.values(ERRNO)).size).toBe(Object.keys(ERRNO).length);
});

test('a number that is not in the table has no name', () => {
  expect(errnoName(0)).toBeUndefined();
  expect(errnoName(133)).toBeUndefined();
});
