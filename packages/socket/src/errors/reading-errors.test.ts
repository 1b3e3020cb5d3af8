import { expect, test } from 'vitest';
import { IncompleteReadError, LimitError } from './reading-errors.ts';

test('an incomplete read has what came, and how much was asked for', () => {
  const partial = Uint8Array.of(1, 2, 3);
  const error = new IncompleteReadError(10, partial);
  expect(error).toMatchObject({
    code: 'incomplete-read',
    name: 'IncompleteReadError',
    expected: 10,
    message: 'recvExactly 10 bytes: the peer closed after 3',
  });
  expect(error.partial).toBe(partial);
});

test('a limit is named with its value', () => {
  expect(new LimitError('readLine', 'no line end', 65_536)).toMatchObject({
    code: 'limit-exceeded',
    name: 'LimitError',
    limit: 65_536,
    message: 'readLine: no line end within 65536 bytes; raise limit',
  });
});
