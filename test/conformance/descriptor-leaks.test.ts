/**
 * Descriptors on their way, when something goes wrong: whoever asked has them, or they are closed. Each case counts
 * what this process has open, before and after. `test/hazards/passed-descriptors.test.ts` has those that need a
 * process of their own.
 */
import { closeSync, openSync } from 'node:fs';
import { BadDescriptorError, DescriptorsLostError, SocketClosedError } from '@wireline/socket';
import type { Socket as AwaitedSocket } from '@wireline/socket/promises';
import { ScriptedKernel } from '@wireline/socket/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AWAITED, FACES, type Awaitable, type Face, type FaceSocket } from './face.ts';
import { failureOf, systemFailureOf } from './failures.ts';
import { kept, openDescriptors } from './sockets.ts';

type UnixSocket = FaceSocket<'unix'>;

const BYTE = Uint8Array.of(7);

const TYPES = ['stream', 'dgram', 'seqpacket'] as const;

function unixPair(face: Face, type: (typeof TYPES)[number] = 'stream') {
  const [one, other] = face.socketpair({ type });
  return [kept(one), kept(other)] as const;
}

/** So many descriptors to send: the same file, again and again. It is closed when the test is over. */
function several(count: number): number[] {
  const fd = openSync('/dev/null', 'r');
  onTestFinished(() => closeSync(fd));
  return Array.from({ length: count }, () => fd);
}

/** Runs `attempt`, and finds as many descriptors open afterwards as before. */
async function expectNoLeak<T>(attempt: () => Awaitable<T>): Promise<T> {
  const before = openDescriptors();
  const result = await attempt();
  expect(openDescriptors() - before, 'descriptors left open').toBe(0);
  return result;
}

describe.each(FACES)('$title', (face) => {
  describe.each(TYPES)('over a %s', (type) => {
    test.each([
      [2, 1], // CMSG_SPACE of one has room for two: the padding
      [4, 3],
      [1, 0],
      [2, 0],
      [9, 1],
      [253, 252],
      [253, 2],
    ])('%d come, %d are asked for: none is kept', async (sent, maxFds) => {
      const [one, other] = unixPair(face, type);
      await one.sendFds(BYTE, several(sent));
      const failure = await expectNoLeak(() => failureOf(() => other.recvFds(10, maxFds)));
      expect(failure).toBeInstanceOf(DescriptorsLostError);
      expect(failure).toMatchObject({ code: 'descriptors-lost', maxFds, bytes: BYTE });
      await one.send(Uint8Array.of(8));
      expect(await other.recvFds(10, maxFds)).toEqual({ bytes: Uint8Array.of(8), fds: [] });
    });

    test.each([
      [2, 1],
      [1, 0],
      [253, 252],
    ])('%d come behind credentials, %d are asked for', async (sent, maxFds) => {
      const [one, other] = unixPair(face, type);
      other.setsockopt('SO_PASSCRED', true);
      await one.sendFds(BYTE, several(sent));
      const failure = await expectNoLeak(() => failureOf(() => other.recvFds(10, maxFds)));
      expect(failure).toBeInstanceOf(DescriptorsLostError);
    });

    test.each<[string, (socket: UnixSocket) => Awaitable<unknown>]>([
      ['recv', (s) => s.recv(10)],
      ['recvInto', (s) => s.recvInto(new Uint8Array(10))],
      ['recvExactly', (s) => s.recvExactly(1)],
      ['recvFrom', (s) => s.recvFrom(10)],
      ['recvFromInto', (s) => s.recvFromInto(new Uint8Array(10))],
      ['recvMsg without room', (s) => s.recvMsg(10, { controlLength: 0 })],
      ['recvMsg with too little room', (s) => s.recvMsg(10, { controlLength: 19 })],
      [
        'iterating',
        async (s) => {
          for await (const chunk of s) return chunk;
          return undefined;
        },
      ],
    ])('%s takes the bytes, and the kernel closes what came with them', async (_name, receive) => {
      const [one, other] = unixPair(face, type);
      await one.sendFds(BYTE, several(3));
      await expectNoLeak(() => receive(other));
    });

    test('recvMsg with room for some gives those, and says that there were more', async () => {
      const [one, other] = unixPair(face, type);
      await one.sendFds(BYTE, several(9));
      await expectNoLeak(async () => {
        const { control, flags } = await other.recvMsg(10, { controlLength: 16 + 2 * 4 });
        expect(flags).toContain('MSG_CTRUNC');
        expect(control).toEqual([
          { type: 'SCM_RIGHTS', fds: [expect.any(Number), expect.any(Number)] },
        ]);
        for (const message of control) {
          if (message.type === 'SCM_RIGHTS') message.fds.forEach((fd) => closeSync(fd));
        }
      });
    });

    test('a socket that is closed before they are received', async () => {
      const [one, other] = unixPair(face, type);
      const [given, held] = unixPair(face);
      await one.sendFds(BYTE, [given.fileno()]);
      given.close();
      held.setBlocking(false);
      expect((await systemFailureOf(() => held.recv(1))).code).toBe('EAGAIN'); // it is on its way
      held.setBlocking(true);
      other.close();
      expect(await held.recv(1)).toHaveLength(0);
    });

    test('one that is not open: nothing is sent', async () => {
      const [one, other] = unixPair(face, type);
      const [good = -1] = several(1);
      const bad = openSync('/dev/null', 'r');
      closeSync(bad);
      const failure = await expectNoLeak(() =>
        systemFailureOf(() => one.sendFds(BYTE, [good, bad])),
      );
      expect(failure).toBeInstanceOf(BadDescriptorError);
      expect(failure.message).toMatch(/one of the descriptors that it was to send/);
      other.setBlocking(false);
      expect((await systemFailureOf(() => other.recvFds(10, 2))).code).toBe('EAGAIN');
    });
  });

  test('254 are too many for one message, and nothing is sent', async () => {
    const [one, other] = unixPair(face);
    const fds = several(254);
    for (const call of [
      () => one.sendFds(BYTE, fds),
      () => other.recvFds(1, 254),
      () => other.recvFds(1, -1),
      () => other.recvFds(1, 0.5),
    ]) {
      expect(await expectNoLeak(() => failureOf(call))).toBeInstanceOf(RangeError);
    }
    other.setBlocking(false);
    expect((await systemFailureOf(() => other.recv(1))).code).toBe('EAGAIN');
  });

  test('a message that cannot be made sense of: what came with it is closed', async () => {
    const closed: unknown[] = [];
    const note = ([fd]: readonly unknown[]): void => void closed.push(fd);
    const close = (fd: number) => ({ call: 'close', fd, returns: 0, during: note }) as const;
    const kernel = new ScriptedKernel({
      script: [
        { call: 'socket', returns: 5 },
        {
          call: 'recvmsg',
          returns: 1,
          // An address of a family that no socket here has, and two descriptors.
          beside: {
            name: Uint8Array.of(99, 0),
            control: Uint8Array.of(
              24,
              0,
              0,
              0,
              0,
              0,
              0,
              0,
              1,
              0,
              0,
              0,
              1,
              0,
              0,
              0,
              40,
              0,
              0,
              0,
              41,
              0,
              0,
              0,
            ),
          },
        },
        close(40),
        close(41),
      ],
      always: { close: { returns: 0 } },
    });
    const socket = new face.Socket({ family: 'unix', libc: kernel.libc });
    const failure = await failureOf(() => socket.recvMsg(1));
    expect(failure).toBeInstanceOf(RangeError);
    expect(closed).toEqual([40, 41]);
    kernel.done();
    socket.close();
  });

  test('descriptors of which a part was cut off', async () => {
    const kernel = new ScriptedKernel({
      script: [
        { call: 'socket', returns: 5 },
        {
          call: 'recvmsg',
          returns: 1,
          beside: {
            control: Uint8Array.of(
              22,
              0,
              0,
              0,
              0,
              0,
              0,
              0,
              1,
              0,
              0,
              0,
              1,
              0,
              0,
              0,
              40,
              0,
              0,
              0,
              41,
              0,
            ),
            flags: 0x8,
          },
        },
        { call: 'close', fd: 40, returns: 0 },
        { call: 'close', fd: 5, returns: 0 },
      ],
    });
    const socket = new face.Socket({ family: 'unix', libc: kernel.libc });
    expect(await failureOf(() => socket.recvFds(1, 2))).toBeInstanceOf(DescriptorsLostError);
    socket.close();
    kernel.done();
  });
});

describe('the awaited face: a recvFds that waits', () => {
  function waiting(): { one: AwaitedSocket<'unix'>; other: AwaitedSocket<'unix'> } {
    const [one, other] = unixPair(AWAITED) as [AwaitedSocket<'unix'>, AwaitedSocket<'unix'>]; // of that face
    return { one, other };
  }

  test('aborted: what comes later is for the next one', async () => {
    const { one, other } = waiting();
    const fds = several(2);
    await expectNoLeak(async () => {
      const controller = new AbortController();
      const receiving = failureOf(() => other.recvFds(1, 2, { signal: controller.signal }));
      controller.abort(new Error('enough'));
      expect(await receiving).toHaveProperty('message', 'enough');
      await one.sendFds(BYTE, fds);
      await new Promise(setImmediate); // a turn of the loop, in which nobody takes them
      const came = await other.recvFds(1, 2);
      expect(came.fds).toHaveLength(2);
      for (const fd of came.fds) closeSync(fd);
    });
  });

  test('aborted with the message in the queue already', async () => {
    const { one, other } = waiting();
    const fds = several(2);
    const controller = new AbortController();
    const receiving = failureOf(() => other.recvFds(1, 2, { signal: controller.signal }));
    await one.sendFds(BYTE, fds);
    const before = openDescriptors();
    controller.abort(new Error('enough'));
    const outcome = await receiving;
    expect(outcome).toHaveProperty('message', 'enough');
    expect(openDescriptors()).toBe(before);
  });

  test('closed while it waits', async () => {
    const { one, other } = waiting();
    const receiving = failureOf(() => other.recvFds(1, 2));
    const fds = several(2);
    await one.sendFds(BYTE, fds);
    const before = openDescriptors();
    other.close();
    expect(await receiving).toBeInstanceOf(SocketClosedError);
    expect(openDescriptors()).toBe(before - 1);
  });

  test('out of time', async () => {
    const { one, other } = waiting();
    other.setTimeout(10);
    const fds = several(1);
    await expectNoLeak(async () => {
      expect((await systemFailureOf(() => other.recvFds(1, 1))).code).toBe('ETIMEDOUT');
      await one.sendFds(BYTE, fds);
      const { fds: came } = await other.recvFds(1, 1);
      for (const fd of came) closeSync(fd);
    });
  });
});
