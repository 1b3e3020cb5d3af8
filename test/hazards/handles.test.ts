/**
 * Hazards of handles and native code: what would abort the process, or make it fall silent.
 *
 * Of the known hazards these cannot occur here yet, so no test covers them: tuning a socket that Node owns
 * (there is no `attach`), calls that block and must be interrupted, `SO_REUSEPORT` listeners, and
 * `gethostname`. Buffers of asynchronous foreign calls cannot either: `npm run check` refuses such calls
 * anywhere in the sources.
 */
import { expect, test } from 'vitest';
import { reportOf } from './run-program.ts';

test('out of descriptors: an error that says so, and the process goes on', async () => {
  const { socket, loop, later } = (await reportOf('out-of-descriptors', {
    maxDescriptors: 64,
  })) as Record<string, unknown>; // what the program reports
  const exhausted = { name: 'ResourceExhaustedError', code: 'EMFILE' };
  expect(socket).toEqual({ ...exhausted, syscall: 'socket' });
  expect(loop).toEqual({ ...exhausted, syscall: 'epoll_create1' });
  expect(later).toBe('none');
});

test('a handle that is used after close: nothing happens', async () => {
  expect(await reportOf('use-after-close')).toEqual({
    refused: 'watch descriptor -1: not a descriptor',
  });
});

test('a loop that nothing refers to: it is not collected while it watches', async () => {
  expect(await reportOf('collected', { nodeArgs: ['--expose-gc'] })).toEqual({ events: 20 });
});

test('10,000 loops in one process: no limit is hit, nothing is left of them', async () => {
  const report = await reportOf('many-loops', { nodeArgs: ['--expose-gc'] });
  const { descriptors, buffersKept } = report as { descriptors: number; buffersKept: number };
  expect(descriptors).toBe(0);
  expect(buffersKept).toBeLessThan(100); // some wait for the next collection
});
