import { expect, test } from 'vitest';
import { UnsupportedError } from '../errors.ts';
import { anyInterface, byFamily, reachableFrom } from './local-addresses.ts';
import { numericAddress } from './numeric-host.ts';

const FOUR = numericAddress('192.0.2.1', 80);
const SIX = numericAddress('2001:db8::1', 80);

test('the first of each family is where connections leave from', () => {
  const locals = byFamily(
    ['192.0.2.8', '2001:db8::8', '192.0.2.9'].map((h) => numericAddress(h, 0)),
  );
  expect(locals.get('inet')).toMatchObject({ host: '192.0.2.8' });
  expect(locals.get('inet6')).toMatchObject({ host: '2001:db8::8' });
  expect(locals.has('unix')).toBe(false);
});

test('only addresses of their families can be reached', () => {
  const locals = byFamily([numericAddress('192.0.2.9', 0)]);
  expect(reachableFrom(locals, [SIX, FOUR], 'host.test:80')).toEqual([FOUR]);
  expect(() => reachableFrom(locals, [SIX], 'host.test:80')).toThrow(UnsupportedError);
  expect(() => reachableFrom(locals, [SIX], 'host.test:80')).toThrow(
    'connect host.test:80: it cannot be reached from 192.0.2.9:0, which is of another family',
  );
});

test('from any interface all can be', () => {
  const locals = byFamily(anyInterface(7));
  expect(reachableFrom(locals, [SIX, FOUR], 'host.test:80')).toEqual([SIX, FOUR]);
  expect(locals.get('inet')).toMatchObject({ host: '0.0.0.0', port: 7 });
  expect(locals.get('inet6')).toMatchObject({ host: '::', port: 7 });
});
