import { descriptorLimit } from '@wireline/socket';
import { expect, test } from 'vitest';
import { nativeNetwork } from './native.ts';

test('holds as many connections as there are descriptors, less a reserve', () => {
  expect(descriptorLimit()).toBeGreaterThan(1000); // else the reserve is another
  expect(nativeNetwork.capacity()).toBe(descriptorLimit() - 64);
});
