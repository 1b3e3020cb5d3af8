/** `setTimeout`: after silence, not while bytes flow, and it ends nothing. */
import { once } from 'node:events';
import { ManualClock } from '@wireline/socket/testing';
import { toDuplex } from '@wireline/socket/streams';
import { describe, expect, test } from 'vitest';
import { acceptedAwaited, connection, kept } from './connection.ts';
import { until } from './kernel-queues.ts';
import { KINDS } from './stream-kind.ts';

test('of toDuplex: after silence, by the clock, and each byte of either side puts it off', async () => {
  const clock = new ManualClock();
  const { source, peer } = await acceptedAwaited();
  const stream = kept(toDuplex(source, { clock })).resume();
  let rang = 0;
  stream.setTimeout(1000, () => rang++);
  for (let i = 1; i <= 3; i++) {
    clock.advance(999);
    peer.write('x');
    await until(() => stream.bytesRead === i);
    clock.advance(999);
    await new Promise((resolve) => stream.write('y', () => resolve(undefined)));
  }
  expect(rang).toBe(0);
  clock.advance(1000);
  expect(rang).toBe(1);
  expect(stream.destroyed).toBe(false);
  expect(clock.pending).toBe(0);
  stream.setTimeout(1000);
  stream.setTimeout(0);
  expect(clock.pending).toBe(0);
  stream.setTimeout(1000).destroy();
  expect(clock.pending).toBe(0);
  stream.setTimeout(1000);
  expect(clock.pending, 'of one that is destroyed').toBe(0);
});

describe.each(KINDS)('$name', (kind) => {
  test('by the clock of the machine', async () => {
    const { stream } = await connection(kind);
    stream.setTimeout(1);
    await once(stream, 'timeout');
    expect(stream.destroyed).toBe(false);
  });

  test.each([-1, Number.NaN])('of %s is refused', async (ms) => {
    const { stream } = await connection(kind);
    expect(() => stream.setTimeout(ms)).toThrow(RangeError);
  });
});
