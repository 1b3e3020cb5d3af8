/**
 * Hazards of handles and native code: what would abort the process, or make it fall silent.
 *
 * Two known hazards have no test. Asynchronous foreign calls, which do not hold their buffers, cannot occur:
 * `npm run check` refuses them anywhere in the sources. Closing one of several `SO_REUSEPORT` listeners resets
 * the connections in its queue: that is how the kernel has it, for whoever asks for the option. Sockets that
 * Node owns are in `attached.test.ts`, calls that block in `interruption.test.ts` and `workers.test.ts`.
 */
import { expect, test } from 'vitest';
import { reportOf } from './run-program.ts';

test('out of descriptors: an error that says so, and the process goes on', async () => {
  const { socket, loop, later } = (await reportOf('out-of-descriptors', {
    maxDescriptors: 256,
  })) as Record<string, unknown>; // what the program reports
  const exhausted = { name: 'ResourceExhaustedError', code: 'EMFILE' };
  expect(socket).toEqual({ ...exhausted, syscall: 'socket' });
  expect(loop).toEqual({ ...exhausted, syscall: 'epoll_create1' });
  expect(later).toBe('none');
});

test('out of descriptors while somebody accepts: an error each time, none lost, and then it goes on', async () => {
  const report = await reportOf('out-of-descriptors-awaited', { maxDescriptors: 256 });
  const { busy, ...rest } = report as { busy: number };
  const exhausted = { name: 'ResourceExhaustedError', code: 'EMFILE', syscall: 'accept4' };
  expect(rest).toMatchObject({
    withOne: { code: 'EMFILE' },
    withTwo: 'none',
    waited: exhausted,
    came: exhausted,
    full: exhausted,
    later: '127.0.0.1',
  });
  expect(busy, 'the share of one processor').toBeLessThan(0.5);
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
