import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { LineWriter } from './line-writer.ts';

test('a reader that stalls costs 1 MiB and not more; what was left out is said', () => {
  const taken: string[] = [];
  let release: () => void = () => {};
  const stalled = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      taken.push(chunk.toString());
      release = callback;
    },
  });
  const writer = new LineWriter(stalled, (lines) => `${lines} lines left out`);
  const line = 'x'.repeat(1023);
  for (let count = 0; count < 5000; count++) writer.write(line);
  expect(stalled.writableLength).toBe(1025 * 1024);
  while (stalled.writableLength > 0) release();
  writer.write('last');
  release();
  expect(taken.slice(-2)).toEqual(['3975 lines left out\n', 'last\n']);
});
