/** `socketpair`: two sockets that are connected from birth, of each type and in any mixture of faces. */
import * as blocking from '@wireline/socket';
import * as awaited from '@wireline/socket/promises';
import { ScriptedKernel, type ScriptedStep } from '@wireline/socket/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
// No entry point exports what both faces make their pairs with.
import { openPair, type PairDescriptor } from '../../packages/socket/src/descriptor/open-pair.ts';
import { FACES, type Face, type FaceSocket } from './face.ts';
import { systemFailureOf } from './failures.ts';
import { kept, openDescriptors, pattern } from './sockets.ts';

const TYPES = ['stream', 'dgram', 'seqpacket'] as const;

const UNNAMED = { family: 'unix', path: '' };

function keptPair(face: Face, type?: (typeof TYPES)[number]) {
  const [one, other] = face.socketpair(type === undefined ? {} : { type });
  return [kept(one), kept(other)] as const;
}

describe.each(FACES)('$title', (face) => {
  test('a stream, unless told', async () => {
    const [one, other] = keptPair(face);
    expect([one.type, other.type]).toEqual(['stream', 'stream']);
    expect(one).toBeInstanceOf(face.Socket);
    await one.sendAll(pattern(1000));
    expect(Buffer.from(await other.recvExactly(1000)).equals(pattern(1000))).toBe(true);
  });

  describe.each(TYPES)('%s', (type) => {
    test('both are Unix sockets of the type, without a name', () => {
      for (const socket of keptPair(face, type)) {
        expect([socket.family, socket.type]).toEqual(['unix', type]);
        expect([socket.getsockname(), socket.getpeername()]).toEqual([UNNAMED, UNNAMED]);
        const copy = kept(face.fromFd(socket.fileno())); // asks the kernel what it is
        expect([copy.family, copy.type]).toEqual(['unix', type]);
      }
    });

    test('what one sends the other receives, by every call', async () => {
      const [one, other] = keptPair(face, type);
      for (const [from, to] of [
        [one, other],
        [other, one],
      ] as const) {
        await from.send(pattern(3));
        expect(await to.recv(10)).toHaveLength(3);
        await from.sendMsg({ parts: [pattern(2), pattern(2)] });
        expect(await to.recvFrom(10)).toMatchObject({ address: UNNAMED, bytes: { length: 4 } });
        await from.sendAll(pattern(5));
        expect(await to.recvMsg(10)).toMatchObject({ control: [], address: UNNAMED });
      }
    });

    test('the end of one', async () => {
      const [one, other] = keptPair(face, type);
      await one.send(pattern(3));
      one.close();
      expect(await other.recv(10)).toHaveLength(3);
      if (type === 'dgram') {
        other.setTimeout(0);
        expect((await systemFailureOf(() => other.recv(10))).code).toBe('EAGAIN');
        expect((await systemFailureOf(() => other.send(pattern(1)))).code).toBe('ECONNREFUSED');
      } else {
        expect(await other.recv(10)).toHaveLength(0);
        expect((await systemFailureOf(() => other.send(pattern(1)))).code).toBe('EPIPE');
      }
    });
  });

  test('a type that no pair has', () => {
    // From callers without types.
    const open = (type: string): unknown => face.socketpair({ type: type as 'stream' });
    for (const type of ['raw', 'tcp', '']) {
      expect(() => open(type)).toThrow(
        new TypeError(`socketpair of type '${type}': expected 'stream', 'dgram', 'seqpacket'`),
      );
    }
  });

  test.each(['EMFILE', 'ENFILE', 'ENOMEM'] as const)('%s', (fails) => {
    const { libc } = new ScriptedKernel({ script: [{ call: 'socketpair', fails }] });
    expect(() => face.socketpair({ libc })).toThrow(blocking.ResourceExhaustedError);
  });

  test('descriptors are non-blocking and close-on-exec from birth', () => {
    const bits: unknown[] = [];
    const kernel = new ScriptedKernel({
      script: [{ call: 'socketpair', fails: 'EMFILE', during: (values) => bits.push(...values) }],
    });
    expect(() => face.socketpair({ type: 'seqpacket', libc: kernel.libc })).toThrow('socketpair');
    expect(bits.slice(0, 3)).toEqual([1, 5 | 0o4000 | 0o2000000, 0]);
  });

  test('pairs leave no descriptor behind', () => {
    const before = openDescriptors();
    for (let i = 0; i < 20; i++)
      face.socketpair().forEach((socket: FaceSocket<'unix'>) => socket.close());
    expect(openDescriptors()).toBe(before);
  });
});

describe('a pair of which one cannot be made', () => {
  const OPENED: ScriptedStep = {
    call: 'socketpair',
    returns: 0,
    fills: new Uint8Array(Int32Array.of(7, 8).buffer),
  };

  test.each([0, 1])('after %d: none stays open', (made) => {
    const kernel = new ScriptedKernel({
      script: [OPENED, { call: 'close', fd: 7, returns: 0 }, { call: 'close', fd: 8, returns: 0 }],
    });
    let count = 0;
    const make = ({ fd, libc }: PairDescriptor): { close(): void } => {
      if (count++ === made) throw new Error('no more');
      return { close: () => void libc.close(fd) };
    };
    expect(() => openPair({ libc: kernel.libc }, make)).toThrow('no more');
    kernel.done();
  });
});

describe('one end of each face', () => {
  /** A pair of the face that blocks, whose second end is taken over by the awaited one. */
  function mixedPair(type: (typeof TYPES)[number]) {
    const [one, other] = blocking.socketpair({ type });
    const second = new awaited.Socket<'unix'>({ family: 'unix', type, fd: other.detach() });
    onTestFinished(() => [one, second].forEach((socket) => socket.close()));
    return [one, second] as const;
  }

  test.each(TYPES)(
    '%s: what blocks finds what was awaited, and the other way round',
    async (type) => {
      const [here, there] = mixedPair(type);
      await there.send(pattern(10));
      expect(here.recv(100)).toHaveLength(10);
      const coming = there.recv(100);
      here.send(pattern(20));
      expect(await coming).toHaveLength(20);
      const message = there.recvMsg(100);
      here.sendMsg({ parts: [pattern(3), pattern(4)] });
      expect((await message).bytes).toHaveLength(7);
    },
  );

  test('a full buffer on one side, drained on the other', async () => {
    const [here, there] = mixedPair('stream');
    const sending = there.sendAll(pattern(3_000_000));
    const buffer = new Uint8Array(3_000_000);
    for (let at = 0; at < buffer.length;) {
      const count = here.tryRecvInto(buffer.subarray(at));
      if (count === blocking.WOULD_BLOCK) await new Promise(setImmediate);
      else at += count;
    }
    await sending;
    expect(pattern(3_000_000).equals(buffer)).toBe(true);
  });
});
