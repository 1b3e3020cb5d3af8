/** Out of descriptors or memory: `socket` and `dup`. `accepting.test.ts` has the same for `accept`. */
import { BadDescriptorError, ResourceExhaustedError } from '@wireline/socket';
import { ScriptedKernel } from '@wireline/socket/testing';
import { describe, expect, test } from 'vitest';
import { FACES } from './face.ts';
import { receives } from './scripted-calls.ts';
import { scriptedStage } from './scripted-stage.ts';

describe.each(FACES)('$title', (face) => {
  test.each(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'] as const)('socket: %s', (fails) => {
    const { libc } = new ScriptedKernel({ script: [{ call: 'socket', fails }] });
    expect(() => new face.Socket({ libc })).toThrow(ResourceExhaustedError);
  });

  test.each([
    ['EMFILE', ResourceExhaustedError],
    ['EBADF', BadDescriptorError],
  ] as const)('dup: %s, and the original goes on', async (fails, ErrorClass) => {
    const stage = scriptedStage(face);
    const failing = stage.play([{ call: 'fcntl', fails }], (socket) => socket.dup());
    await expect(failing).rejects.toThrow(ErrorClass);
    const received = await stage.play([receives(1)], (socket) => socket.recv(1));
    expect([...received]).toEqual([1]);
  });
});
