/** UDP: datagrams to whoever is told, and from whom they came; what is cut, refused, too large or empty. */
import {
  BlockingIOError,
  ConnectionRefusedError,
  ERRNO,
  MessageTooLargeError,
  NotConnectedError,
  PermissionError,
  type ReceivedFlag,
} from '@wireline/socket';
import { describe, expect, test } from 'vitest';
import { FACES, type Face, type FaceSocket } from './face.ts';
import { systemFailureOf } from './failures.ts';
import { FAMILIES, kept, pattern } from './sockets.ts';

/** The most that a datagram of IPv4 holds, and of IPv6: 65535 less the headers. */
const MOST = { '127.0.0.1': 65_507, '::1': 65_527 } as const;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (given: Uint8Array): string => new TextDecoder().decode(given);

/** A socket with an address of its own. */
async function bound(face: Face, host = '127.0.0.1'): Promise<FaceSocket> {
  const socket = kept(
    new face.Socket({ family: host.includes(':') ? 'inet6' : 'inet', type: 'dgram' }),
  );
  await socket.bind({ host, port: 0 });
  return socket;
}

/** Two sockets, connected to each other. */
async function connectedTwo(face: Face, host = '127.0.0.1'): Promise<[FaceSocket, FaceSocket]> {
  const [one, other] = [await bound(face, host), await bound(face, host)];
  await one.connect(other.getsockname());
  await other.connect(one.getsockname());
  return [one, other];
}

describe.each(FACES)('$title', (face) => {
  describe.each(FAMILIES)('$name', ({ family, host, missing }) => {
    test.skipIf(missing)('who sent, and who is sent to', async () => {
      const [one, other] = [await bound(face, host), await bound(face, host)];
      expect(await one.sendTo(bytes('ask'), other.getsockname())).toBe(3);
      const { bytes: asked, address } = await other.recvFrom(100);
      expect([text(asked), address]).toEqual(['ask', one.getsockname()]);
      await other.sendTo(bytes('answer'), address);
      const buffer = new Uint8Array(100);
      const answer = await one.recvFromInto(buffer);
      expect(answer).toEqual({ count: 6, address: other.getsockname() });
      expect(text(buffer.subarray(0, 6))).toBe('answer');
    });

    test.skipIf(missing)('by host and port; a socket that sends gets an address', async () => {
      const receiver = await bound(face, host);
      const sender = kept(new face.Socket({ family, type: 'dgram' }));
      const { port } = receiver.getsockname();
      await sender.sendTo(bytes('a'), { host, port });
      await sender.sendMsg({ parts: [bytes('b'), bytes('c')], to: { host, port } });
      for (const expected of ['a', 'bc']) {
        const { bytes: came, address } = await receiver.recvFrom(10);
        expect(text(came)).toBe(expected);
        expect(address).toEqual({ ...receiver.getsockname(), port: sender.getsockname().port });
      }
    });

    test.skipIf(missing)('the largest datagram, and one byte more', async () => {
      const [one, other] = [await bound(face, host), await bound(face, host)];
      const most = MOST[host as keyof typeof MOST]; // the two that there are
      expect(await one.sendTo(pattern(most), other.getsockname())).toBe(most);
      const { bytes: came } = await other.recvFrom(100_000);
      expect(Buffer.from(came).equals(pattern(most))).toBe(true);
      for (const call of [
        () => one.sendTo(pattern(most + 1), other.getsockname()),
        () => one.sendMsg({ parts: [pattern(most), bytes('x')], to: other.getsockname() }),
      ]) {
        expect(await systemFailureOf(call)).toBeInstanceOf(MessageTooLargeError);
      }
    });

    test.skipIf(missing)('nobody there: a connected socket hears of it, once', async () => {
      const deaf = await bound(face, host);
      const address = deaf.getsockname();
      deaf.close();
      const socket = await bound(face, host);
      await socket.connect(address);
      for (const receive of [
        () => socket.recv(10),
        () => socket.recvFrom(10),
        () => socket.recvMsg(10),
      ]) {
        await socket.send(bytes('anybody?'));
        expect(await systemFailureOf(receive)).toBeInstanceOf(ConnectionRefusedError);
      }
      socket.setBlocking(false);
      expect(await systemFailureOf(() => socket.recvFrom(10))).toBeInstanceOf(BlockingIOError);
    });

    test.skipIf(missing)('nobody there: the next send says so, too', async () => {
      const deaf = await bound(face, host);
      const address = deaf.getsockname();
      deaf.close();
      const socket = await bound(face, host);
      await socket.connect(address);
      await socket.send(bytes('anybody?'));
      const again = await systemFailureOf(() => socket.sendMsg({ parts: [bytes('really?')] }));
      expect(again).toBeInstanceOf(ConnectionRefusedError);
      expect(again.errno).toBe(ERRNO.ECONNREFUSED);
    });
  });

  test('a socket that is not connected hears nothing of it', async () => {
    const [socket, deaf] = [await bound(face), await bound(face)];
    const address = deaf.getsockname();
    deaf.close();
    await socket.sendTo(bytes('anybody?'), address);
    await socket.sendTo(bytes('me'), socket.getsockname());
    expect(text((await socket.recvFrom(10)).bytes)).toBe('me');
  });

  test('a connected socket hears its peer only, and may send to others', async () => {
    const [one, other] = await connectedTwo(face);
    const stranger = await bound(face);
    await stranger.sendTo(bytes('psst'), one.getsockname());
    await other.send(bytes('hello'));
    expect(await one.recvFrom(10)).toEqual({ bytes: bytes('hello'), address: other.getsockname() });
    await one.sendTo(bytes('go away'), stranger.getsockname());
    expect((await stranger.recvFrom(10)).address).toEqual(one.getsockname());
  });

  test('to nobody', async () => {
    const socket = await bound(face);
    for (const call of [
      () => socket.send(bytes('x')),
      () => socket.sendMsg({ parts: [bytes('x')] }),
    ]) {
      const failure = await systemFailureOf(call);
      expect(failure).toBeInstanceOf(NotConnectedError);
      expect(failure.code).toBe('EDESTADDRREQ');
    }
    const port0 = await systemFailureOf(() =>
      socket.sendTo(bytes('x'), { host: '127.0.0.1', port: 0 }),
    );
    expect(port0.code).toBe('EINVAL');
  });

  test('empty datagrams come, and are no end', async () => {
    const [one, other] = await connectedTwo(face);
    for (const part of ['', 'a', '', '']) await one.sendTo(bytes(part), other.getsockname());
    expect((await other.recvFrom(10)).bytes).toHaveLength(0);
    expect((await other.recvFrom(10)).bytes).toHaveLength(1);
    expect((await other.recvMsg(10)).bytes).toHaveLength(0);
    expect(await other.recvFromInto(new Uint8Array(4))).toEqual({
      count: 0,
      address: one.getsockname(),
    });
    await one.sendMsg({ parts: [] });
    await one.sendMsg({ parts: [new Uint8Array(0), bytes('b'), new Uint8Array(0)] });
    expect((await other.recvFrom(10)).bytes).toHaveLength(0);
    expect(text((await other.recvFrom(10)).bytes)).toBe('b');
  });

  test('no room at all: the datagram is taken, and lost', async () => {
    const [one, other] = await connectedTwo(face);
    for (const part of ['a', 'b', 'c', 'd']) await one.send(bytes(part));
    expect((await other.recvFrom(0)).bytes).toHaveLength(0);
    expect((await other.recvMsg(0)).flags).toEqual(['MSG_TRUNC'] satisfies ReceivedFlag[]);
    expect((await other.recvFromInto(new Uint8Array(4), { length: 0 })).count).toBe(0);
    expect(text((await other.recvFrom(10)).bytes)).toBe('d');
  });

  test('what does not fit is lost, and recvMsg tells', async () => {
    const [one, other] = await connectedTwo(face);
    for (const part of ['long', 'longer', 'fits']) await one.send(bytes(part));
    expect(text((await other.recvFrom(2)).bytes)).toBe('lo');
    const cut = await other.recvMsg(4);
    expect([text(cut.bytes), cut.flags, cut.address]).toEqual([
      'long',
      ['MSG_TRUNC'],
      one.getsockname(),
    ]);
    const whole = await other.recvMsg(4);
    expect([text(whole.bytes), whole.flags]).toEqual(['fits', []]);
  });

  test('MSG_PEEK leaves the datagram for the next call', async () => {
    const [one, other] = await connectedTwo(face);
    for (const part of ['first', 'second']) await one.send(bytes(part));
    const peek = { flags: 'MSG_PEEK' } as const;
    expect(await other.recvFrom(3, peek)).toEqual({
      bytes: bytes('fir'),
      address: one.getsockname(),
    });
    expect((await other.recvFromInto(new Uint8Array(9), peek)).count).toBe(5);
    expect(text((await other.recvMsg(9, peek)).bytes)).toBe('first');
    expect(text((await other.recvFrom(9)).bytes)).toBe('first');
    expect(text((await other.recvFrom(9)).bytes)).toBe('second');
  });

  test('what was received is the caller’s, and later receives do not touch it', async () => {
    const [one, other] = await connectedTwo(face);
    const came: Uint8Array[] = [];
    for (const part of ['aa', 'bb', 'cc']) {
      await one.send(bytes(part));
      came.push((await other.recvFrom(10)).bytes);
    }
    came[1]?.fill(0x78);
    expect(came.map(text)).toEqual(['aa', 'xx', 'cc']);
  });

  test('iterating gives datagram by datagram, and goes on behind an error', async () => {
    const [one, other] = await connectedTwo(face);
    for (const part of ['a', '', 'ccc']) await one.send(bytes(part));
    const came: string[] = [];
    for await (const datagram of other.chunks({ size: 2 })) {
      came.push(text(datagram));
      if (came.length === 3) break;
    }
    expect(came).toEqual(['a', '', 'cc']);
    one.close();
    await other.send(bytes('gone?'));
    const iterate = async (): Promise<void> => {
      for await (const datagram of other) expect.unreachable(text(datagram));
    };
    expect(await systemFailureOf(iterate)).toBeInstanceOf(ConnectionRefusedError);
  });

  test('a broadcast needs SO_BROADCAST', async () => {
    const receiver = kept(new face.Socket({ type: 'dgram' }));
    await receiver.bind({ host: '', port: 0 });
    const to = { host: '127.255.255.255', port: receiver.getsockname().port };
    const sender = await bound(face);
    for (const call of [
      () => sender.sendTo(bytes('all'), to),
      () => sender.sendMsg({ parts: [bytes('all')], to }),
    ]) {
      const failure = await systemFailureOf(call);
      expect(failure).toBeInstanceOf(PermissionError);
      expect(failure.message).toMatch(/set SO_BROADCAST to send to a broadcast address/);
    }
    sender.setsockopt('SO_BROADCAST', true);
    expect(await sender.sendTo(bytes('all'), to)).toBe(3);
    expect((await receiver.recvFrom(10)).address).toEqual(sender.getsockname());
  });

  test('a host name is looked up', async () => {
    const [one, other] = [await bound(face), await bound(face)];
    const { port } = other.getsockname();
    await one.sendTo(bytes('a'), { host: 'localhost', port });
    await one.sendMsg({ parts: [bytes('b')], to: { host: 'localhost', port } });
    expect(text((await other.recvFrom(9)).bytes)).toBe('a');
    expect(text((await other.recvFrom(9)).bytes)).toBe('b');
  });

  test('without waiting: what is there, and that nothing is', async () => {
    const [one, other] = await connectedTwo(face);
    other.setBlocking(false);
    for (const call of [
      () => other.recvFrom(9),
      () => other.recvFromInto(new Uint8Array(9)),
      () => other.recvMsg(9),
    ]) {
      expect(await systemFailureOf(call)).toBeInstanceOf(BlockingIOError);
      await one.send(bytes('x'));
      await call();
    }
  });
});
