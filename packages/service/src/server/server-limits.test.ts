import { expect, test } from 'vitest';
import { resolveConnectionLimits } from './server-limits.ts';

test('a server takes as many connections as its network can hold, unless told', () => {
  expect(resolveConnectionLimits({}, () => 7).maxConnections).toBe(7);
  expect(resolveConnectionLimits({ maxConnections: 3 }, () => 7).maxConnections).toBe(3);
});

test.each(['maxConnections', 'maxConnectionsPerAddress', 'maxInFlight', 'maxQueued'])(
  '%s is a whole number from 1, or Infinity',
  (name) => {
    for (const value of [0, -1, 1.5, Number.NaN]) {
      expect(() => resolveConnectionLimits({ [name]: value }, () => 7)).toThrow(name);
    }
    expect(resolveConnectionLimits({ [name]: Infinity }, () => 7)).toMatchObject({
      [name]: Infinity,
    });
  },
);
