/** `sendMsg` and `recvMsg`: parts that are gathered, what the kernel takes of them, and what it says of them. */
import { MessageTooLargeError, type ReceivedFlag } from '@wireline/socket';
import { describe, expect, test } from 'vitest';
import { FACES, type Face, type FaceSocket } from './face.ts';
import { failureOf, systemFailureOf } from './failures.ts';
import { END_OF_STREAM, PEER, PEER_BYTES, receivesMessage } from './scripted-calls.ts';
import { scriptedStage, waits, type WaitingCall } from './scripted-stage.ts';
import { FAMILIES, kept, pair, pattern } from './sockets.ts';

function unixPair(face: Face, type: 'stream' | 'dgram' | 'seqpacket' = 'stream') {
  const [one, other] = face.socketpair({ type });
  return [kept(one), kept(other)] as const;
}

/** Bytes in so many parts of different lengths, some of them empty. */
function inParts(bytes: Uint8Array, count: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0, index = 0; index < count; index++) {
    const end = index === count - 1 ? bytes.length : Math.min(bytes.length, at + (index % 7));
    parts.push(bytes.subarray(at, end));
    at = end;
  }
  return parts;
}

describe.each(FACES)('$title', (face) => {
  test.each([1, 2, 9, 1024])('%d parts come as one', async (count) => {
    const [one, other] = unixPair(face, 'dgram');
    const bytes = pattern(10_000);
    expect(await one.sendMsg({ parts: inParts(bytes, count) })).toBe(bytes.length);
    const { bytes: came } = await other.recvMsg(20_000);
    expect(bytes.equals(came)).toBe(true);
  });

  test('more parts than the kernel takes', async () => {
    const [one] = unixPair(face);
    const failure = await systemFailureOf(() =>
      one.sendMsg({ parts: inParts(pattern(1025), 1025) }),
    );
    expect(failure).toBeInstanceOf(MessageTooLargeError);
    expect(failure.message).toMatch(/1024 parts/);
  });

  test('no parts, empty parts, parts of memory of any kind', async () => {
    const [one, other] = unixPair(face);
    expect(await one.sendMsg({ parts: [] })).toBe(0);
    expect(await one.sendMsg({ parts: [new Uint8Array(0)] })).toBe(0);
    const shared = new Uint8Array(new SharedArrayBuffer(8)).subarray(3, 5).fill(1);
    const middle = new Uint8Array([9, 9, 2, 2, 9]).subarray(2, 4);
    expect(await one.sendMsg({ parts: [shared, new Uint8Array(0), middle, Buffer.of(3)] })).toBe(5);
    expect([...(await other.recvMsg(10)).bytes]).toEqual([1, 1, 2, 2, 3]);
  });

  describe.each(FAMILIES)('$name', ({ host, missing }) => {
    test.skipIf(missing)('over a connection, with the peer’s address', async () => {
      const [near, far] = await pair(face, host);
      expect(await near.sendMsg({ parts: [pattern(3), pattern(4)] })).toBe(7);
      const { bytes, control, flags, address } = await far.recvMsg(10);
      expect([bytes.length, control, flags, address]).toEqual([7, [], [], near.getsockname()]);
      near.close();
      expect((await far.recvMsg(10)).bytes).toHaveLength(0);
    });

    test.skipIf(missing)(
      'the last bytes and the end, when the peer’s address is forgotten',
      async () => {
        const [near, far] = await pair(face, host);
        await near.sendAll(pattern(9));
        far.shutdown('write');
        expect(await near.recv(1)).toHaveLength(0);
        near.close();
        const nobody = { port: 0, host: host === '::1' ? '::' : '0.0.0.0' };
        while (far.tcpInfo().state !== 'CLOSE') await new Promise(setImmediate);
        expect(await far.recvFrom(3)).toMatchObject({ bytes: { length: 3 }, address: nobody });
        const buffer = new Uint8Array(3);
        expect(await far.recvFromInto(buffer)).toMatchObject({ count: 3, address: nobody });
        expect(await far.recvMsg(9)).toMatchObject({ bytes: { length: 3 }, address: nobody });
        expect(await far.recvFrom(9)).toMatchObject({ bytes: { length: 0 }, address: nobody });
        expect(await far.recvMsg(9)).toMatchObject({ bytes: { length: 0 }, address: nobody });
      },
    );
  });

  test('of a stream the kernel takes what it has room for', async () => {
    const [one, other] = unixPair(face);
    const bytes = pattern(4_000_000);
    let sent = 0;
    let received = 0;
    const dontWait = { flags: 'MSG_DONTWAIT' } as const;
    while (sent < bytes.length) {
      const rest = bytes.subarray(sent);
      const half = rest.length >> 1;
      const took = await one.sendMsg(
        { parts: [rest.subarray(0, half), rest.subarray(half)] },
        dontWait,
      );
      expect(took).toBeGreaterThan(0);
      if (sent === 0) expect(took).toBeLessThan(bytes.length);
      sent += took;
      while (received < sent) {
        const { bytes: came } = await other.recvMsg(1_000_000);
        expect(bytes.subarray(received, received + came.length).equals(came)).toBe(true);
        received += came.length;
      }
    }
  });

  test('a full buffer: it waits for room', async () => {
    const stage = scriptedStage(face);
    const sending = stage.play([waits('sendmsg'), { call: 'sendmsg', returns: 4 }], (socket) =>
      socket.sendMsg({ parts: [pattern(5)] }),
    );
    expect(await sending).toBe(4);
  });

  test.each<[WaitingCall, (socket: FaceSocket) => unknown]>([
    ['sendto', (s) => s.sendTo(pattern(3), PEER)],
    ['sendmsg', (s) => s.sendMsg({ parts: [pattern(3)] })],
    ['recvfrom', (s) => s.recvFrom(3)],
    ['recvmsg', (s) => s.recvMsg(3)],
  ])('an interrupted %s is made again', async (call, make) => {
    const interrupted = { call, fails: 'EINTR' } as const;
    const done = { call, returns: 3, beside: { name: PEER_BYTES } } as const;
    const script = [interrupted, interrupted, waits(call), interrupted, done];
    await expect(scriptedStage(face).play(script, make)).resolves.toBeDefined();
  });

  test('never raises SIGPIPE, and receives close-on-exec', async () => {
    const stage = scriptedStage(face);
    const flags: unknown[] = [];
    const note = (values: readonly unknown[]): void => void flags.push(values[2]);
    await stage.play(
      [
        { call: 'sendmsg', returns: 1, during: note },
        { ...receivesMessage([1]), during: note },
      ],
      async (socket) => {
        await socket.sendMsg({ parts: [pattern(1)] });
        await socket.recvMsg(1);
      },
    );
    expect(flags).toEqual([0x4000, 0x4000_0000]); // MSG_NOSIGNAL, MSG_CMSG_CLOEXEC
  });

  test.each<[number, readonly ReceivedFlag[]]>([
    [0, []],
    [0x20, ['MSG_TRUNC']],
    [0x8, ['MSG_CTRUNC']],
    [0x80, ['MSG_EOR']],
    [0x1, ['MSG_OOB']],
    [0x2000, ['MSG_ERRQUEUE']],
    [0x4000_0000 | 0xa8, ['MSG_CTRUNC', 'MSG_TRUNC', 'MSG_EOR']],
  ])('flags %d are %j', async (bits, names) => {
    const stage = scriptedStage(face);
    const message = await stage.play([receivesMessage([1], { flags: bits })], (s) => s.recvMsg(1));
    expect(message.flags).toEqual(names);
  });

  test('what was received is the caller’s, and later messages do not touch it', async () => {
    const stage = scriptedStage(face);
    const control = Uint8Array.of(20, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 1, 2, 3, 4);
    const messages = [];
    for (const byte of [1, 2]) {
      const beside = { control: control.with(16, byte) };
      messages.push(await stage.play([receivesMessage([byte], beside)], (s) => s.recvMsg(1)));
    }
    expect(messages.map(({ bytes }) => [...bytes])).toEqual([[1], [2]]);
    expect(messages.map((each) => each.control)).toEqual([
      [{ level: 9, type: 9, data: Uint8Array.of(1, 2, 3, 4) }],
      [{ level: 9, type: 9, data: Uint8Array.of(2, 2, 3, 4) }],
    ]);
  });

  test('sendMsg leaves its message as it was', async () => {
    const [one, other] = unixPair(face);
    const message = Object.freeze({
      parts: Object.freeze([pattern(2)]),
      control: Object.freeze([]),
    });
    await one.sendMsg(message);
    await one.sendMsg(message);
    expect(await other.recvExactly(4)).toHaveLength(4);
  });

  test('a stream cannot carry control messages without a byte', async () => {
    const [one] = unixPair(face);
    for (const parts of [[], [new Uint8Array(0)]]) {
      const control = [{ type: 'SCM_RIGHTS', fds: [0] }] as const;
      const failure = await failureOf(() => one.sendMsg({ parts, control }));
      expect(failure).toBeInstanceOf(RangeError);
      expect(String(failure)).toMatch(/at least one byte/);
    }
    expect(await failureOf(() => one.sendFds(new Uint8Array(0), [0]))).toBeInstanceOf(RangeError);
  });

  test('the end of a stream has nothing beside it', async () => {
    const stage = scriptedStage(face);
    const end = { ...END_OF_STREAM, call: 'recvmsg', beside: { name: PEER_BYTES } } as const;
    const message = await stage.play([end], (socket) => socket.recvMsg(10));
    expect(message).toEqual({ bytes: new Uint8Array(0), control: [], flags: [], address: PEER });
  });
});
