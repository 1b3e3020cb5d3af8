/** What travels beside the bytes of a message: who sent it, and facts of the network, as the kernel has them. */
import { closeSync } from 'node:fs';
import { InvalidArgumentError, PermissionError, type ControlMessage } from '@wireline/socket';
import { afterAll, describe, expect, test } from 'vitest';
import { FACES, type Face, type FaceSocket } from './face.ts';
import { failureOf, systemFailureOf } from './failures.ts';
import { Peer, PYTHON } from './peer.ts';
import { HAS_IPV6, kept, pair } from './sockets.ts';
import { asNobody, scratchPath } from './unix.ts';

// ip(7), ipv6(7), socket(7)
const IPPROTO_IP = 0;
const IP_TOS = 1;
const IP_TTL = 2;
const IP_RECVTTL = 12;
const IP_RECVTOS = 13;
const IPPROTO_IPV6 = 41;
const IPV6_RECVPKTINFO = 49;
const IPV6_PKTINFO = 50;
const SOL_SOCKET = 1;
const SO_TIMESTAMP = 29;

const WITHOUT_IPV6 = HAS_IPV6 ? '' : ' (skipped: this machine has no ::1)';

const BYTE = Uint8Array.of(7);

function int(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer);
}

/** Who this process is. */
const US: ControlMessage = {
  type: 'SCM_CREDENTIALS',
  pid: process.pid,
  uid: process.getuid?.() ?? -1,
  gid: process.getgid?.() ?? -1,
};

/** One socket of datagrams that sends to another one. */
async function datagrams(face: Face, host = '127.0.0.1'): Promise<[FaceSocket, FaceSocket]> {
  const family = host === '::1' ? 'inet6' : 'inet';
  const [sender, receiver] = ['', ''].map(() => kept(new face.Socket({ family, type: 'dgram' })));
  if (sender === undefined || receiver === undefined) throw new Error('open two sockets');
  await receiver.bind({ host, port: 0 });
  await sender.connect(receiver.getsockname());
  return [sender, receiver];
}

/** A pair whose second one is told who sends. */
function credentialsPair(face: Face, type: 'stream' | 'dgram' | 'seqpacket' = 'stream') {
  const [sender, receiver] = face.socketpair({ type });
  kept(receiver).setsockopt('SO_PASSCRED', true);
  return [kept(sender), receiver] as const;
}

describe.each(FACES)('$title', (face) => {
  const python = new Peer(PYTHON);
  afterAll(() => python.close());

  test('the TTL of a datagram: set with one, and told of one', async () => {
    const [sender, receiver] = await datagrams(face);
    receiver.setsockopt(IPPROTO_IP, IP_RECVTTL, 1);
    const ttl = { level: IPPROTO_IP, type: IP_TTL, data: int(9) };
    await sender.sendMsg({ parts: [BYTE], control: [ttl] });
    await sender.send(BYTE);
    expect((await receiver.recvMsg(9)).control).toEqual([ttl]);
    const usual = (await receiver.recvMsg(9)).control;
    expect(usual).toEqual([{ ...ttl, data: int(sender.getsockopt('IP_TTL')) }]);
  });

  test('several at once', async () => {
    const [sender, receiver] = await datagrams(face);
    receiver.setsockopt(IPPROTO_IP, IP_RECVTTL, 1);
    receiver.setsockopt(IPPROTO_IP, IP_RECVTOS, 1);
    receiver.setsockopt(SOL_SOCKET, SO_TIMESTAMP, 1);
    const control = [
      { level: IPPROTO_IP, type: IP_TTL, data: int(9) },
      { level: IPPROTO_IP, type: IP_TOS, data: int(0xb8) },
    ];
    await sender.sendMsg({ parts: [BYTE], control });
    const { control: told, flags } = await receiver.recvMsg(9);
    expect(flags).toEqual([]);
    expect(told).toContainEqual({ level: IPPROTO_IP, type: IP_TTL, data: int(9) });
    expect(told).toContainEqual({ level: IPPROTO_IP, type: IP_TOS, data: Uint8Array.of(0xb8) });
    const timestamp = told.find(({ type }) => type === SO_TIMESTAMP);
    // timeval: seconds and microseconds, 8 bytes each.
    const { data } = timestamp as { data: Uint8Array }; // it is none of those with a name
    const seconds = Number(new DataView(data.buffer, data.byteOffset).getBigInt64(0, true));
    expect(Math.abs(seconds - Date.now() / 1000)).toBeLessThan(60);
  });

  test.skipIf(!HAS_IPV6)(`the interface that a datagram came by${WITHOUT_IPV6}`, async () => {
    const [sender, receiver] = await datagrams(face, '::1');
    receiver.setsockopt(IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    await sender.send(BYTE);
    const loopback = [...new Uint8Array(15), 1, ...int(1)]; // in6_pktinfo: address, and index of the interface
    expect((await receiver.recvMsg(9)).control).toEqual([
      { level: IPPROTO_IPV6, type: IPV6_PKTINFO, data: Uint8Array.from(loopback) },
    ]);
  });

  test.each([0, 15, 16, 19])(
    'with room for %d bytes only, and that it was not enough',
    async (controlLength) => {
      const [sender, receiver] = await datagrams(face);
      receiver.setsockopt(IPPROTO_IP, IP_RECVTTL, 1);
      await sender.send(BYTE);
      const { bytes, control, flags } = await receiver.recvMsg(9, { controlLength });
      expect([bytes, flags]).toEqual([BYTE, ['MSG_CTRUNC']]);
      expect(control.length).toBeLessThanOrEqual(controlLength < 16 ? 0 : 1);
    },
  );

  test('with exactly enough room', async () => {
    const [sender, receiver] = await datagrams(face);
    receiver.setsockopt(IPPROTO_IP, IP_RECVTTL, 1);
    await sender.send(BYTE);
    const { control, flags } = await receiver.recvMsg(9, { controlLength: 20 });
    expect([control.length, flags]).toEqual([1, []]);
  });

  test('what the kernel does not know', async () => {
    const [sender] = await datagrams(face);
    const [unix] = credentialsPair(face);
    const unknown = { level: IPPROTO_IP, type: 9999, data: int(1) };
    const nothing = { level: SOL_SOCKET, type: 9999, data: new Uint8Array(0) };
    for (const call of [
      () => sender.sendMsg({ parts: [BYTE], control: [unknown] }),
      () => unix.sendMsg({ parts: [BYTE], control: [nothing] }),
    ]) {
      expect(await systemFailureOf(call)).toBeInstanceOf(InvalidArgumentError);
    }
  });

  test.each<[string, object]>([
    ['no numbers', { level: 'SOL_SOCKET', type: 1, data: BYTE }],
    ['a name that is none', { type: 'SCM_TIMESTAMP', data: BYTE }],
    ['no bytes', { level: 1, type: 1, data: 'text' }],
    ['credentials that are none', { type: 'SCM_CREDENTIALS', pid: 'x', uid: 0, gid: 0 }],
    ['credentials beyond the kernel’s', { type: 'SCM_CREDENTIALS', pid: 1, uid: 2 ** 32, gid: 0 }],
    ['credentials that lack one', { type: 'SCM_CREDENTIALS', pid: 1, uid: 0 }],
    ['descriptors that are none', { type: 'SCM_RIGHTS', fds: [0, 0.5] }],
    ['a negative descriptor', { type: 'SCM_RIGHTS', fds: [-1] }],
    ['a descriptor beyond an int', { type: 'SCM_RIGHTS', fds: [2 ** 31] }],
  ])('%s: the kernel is not asked', async (_which, control) => {
    const [sender, receiver] = credentialsPair(face);
    // From callers without types.
    const message = { parts: [BYTE], control: [control as ControlMessage] };
    const failure = await failureOf(() => sender.sendMsg(message));
    expect(failure).toSatisfy((error) => error instanceof TypeError || error instanceof RangeError);
    receiver.setBlocking(false);
    expect((await systemFailureOf(() => receiver.recv(1))).code).toBe('EAGAIN');
  });

  describe.each(['stream', 'dgram', 'seqpacket'] as const)('credentials over a %s', (type) => {
    test('the kernel tells who sent, whichever call it was', async () => {
      const [sender, receiver] = credentialsPair(face, type);
      await sender.send(BYTE);
      expect((await receiver.recvMsg(9)).control).toEqual([US]);
      await sender.sendMsg({ parts: [BYTE] });
      expect((await receiver.recvMsg(9)).control).toEqual([US]);
      await sender.sendMsg({ parts: [BYTE], control: [US] });
      expect((await receiver.recvMsg(9)).control).toEqual([US]);
    });

    test('nobody who does not ask is told', async () => {
      const [sender, receiver] = credentialsPair(face, type);
      receiver.setsockopt('SO_PASSCRED', false);
      await sender.sendMsg({ parts: [BYTE], control: [US] });
      expect((await receiver.recvMsg(9)).control).toEqual([]);
    });
  });

  test('nobody says to be somebody else', async () => {
    const [sender] = credentialsPair(face);
    const control: ControlMessage[] = [{ type: 'SCM_CREDENTIALS', pid: 1, uid: 0, gid: 0 }];
    const failure = await asNobody(() =>
      systemFailureOf(() => sender.sendMsg({ parts: [BYTE], control })),
    );
    expect(failure).toBeInstanceOf(PermissionError);
    expect(failure.message).toMatch(/the credentials are not those of this process/);
  });

  test('of Python: it is another process of the same user', async () => {
    const path = scratchPath();
    const server = kept(await face.createServer({ path }));
    server.setsockopt('SO_PASSCRED', true); // before it connects: accepted sockets have it, too
    const { report } = python.connect({ path }, [['send', '07'], ['receive to end']]);
    const { socket } = await server.accept();
    const [told] = (await kept(socket).recvMsg(9)).control;
    expect(told).toEqual({ ...US, pid: socket.getsockopt('SO_PEERCRED').pid });
    expect(told).not.toEqual(US);
    socket.close();
    expect(await report).toMatchObject({ error: null });
  });

  test('credentials and descriptors with one message', async () => {
    const [sender, receiver] = credentialsPair(face);
    await sender.sendMsg({ parts: [BYTE], control: [{ type: 'SCM_RIGHTS', fds: [0] }, US] });
    const { control } = await receiver.recvMsg(9);
    expect(control).toEqual([US, { type: 'SCM_RIGHTS', fds: [expect.any(Number)] }]);
    for (const message of control) {
      if (message.type === 'SCM_RIGHTS') message.fds.forEach((fd) => closeSync(fd));
    }
  });

  test('over the internet neither descriptors nor credentials travel', async () => {
    const [near] = await pair(face);
    const [sender] = await datagrams(face);
    for (const socket of [near, sender]) {
      for (const control of [US, { type: 'SCM_RIGHTS', fds: [0] }] as const) {
        const failure = await failureOf(() =>
          socket.sendMsg({ parts: [BYTE], control: [control] }),
        );
        expect(failure).toBeInstanceOf(TypeError);
        expect(String(failure)).toMatch(
          /the family of this socket is inet; .* over Unix sockets only/,
        );
      }
      expect(await failureOf(() => socket.sendFds(BYTE, [0]))).toBeInstanceOf(TypeError);
    }
  });

  test('the end of a record, where the kernel says so', async () => {
    const [sender, receiver] = credentialsPair(face, 'seqpacket');
    await sender.send(BYTE);
    const { flags } = await receiver.recvMsg(9);
    expect(['', 'MSG_EOR']).toContain(flags.join());
  });
});
