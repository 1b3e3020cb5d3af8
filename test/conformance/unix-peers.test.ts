/** Unix sockets to and from peers that share no code with us, in both roles. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { FACES, type Face, type FaceSocket } from './face.ts';
import { hexOf, Peer, PEER_KINDS, PYTHON, type Move, type Playing } from './peer.ts';
import { acceptedBy, digestOf, kept, pattern, receiveToEnd } from './sockets.ts';
import { abstractName, scratchPath, UNIX_PLACES } from './unix.ts';

/** A byte, and more than all buffers on the way hold. */
const SIZES = [1, 2 * 1024 * 1024];

type Meet = (
  face: Face,
  path: string,
  moves: readonly Move[],
) => Promise<Playing & { readonly socket: FaceSocket<'unix'> }>;

describe.each(PEER_KINDS)('with $name', (kind) => {
  const peer = new Peer(kind);
  afterAll(() => peer.close());

  const weConnect: Meet = async (face, path, moves) => {
    const { report } = await peer.listen({ path }, moves);
    return { socket: kept(await face.createConnection({ path })), report };
  };
  const theyConnect: Meet = async (face, path, moves) => {
    const listener = kept(await face.createServer({ path }));
    const { report } = peer.connect({ path }, moves);
    return { socket: await acceptedBy(listener), report };
  };
  const ROLES = [
    { role: 'we connect', meet: weConnect },
    { role: 'they connect', meet: theyConnect },
  ];

  describe.each(FACES)('$title', (face) => {
    describe.each(ROLES)('$role', ({ meet }) => {
      // Node before 22 fills abstract names up with zeros: those are others.
      const places = kind === PYTHON ? UNIX_PLACES : UNIX_PLACES.slice(0, 1);
      describe.each(places)('$name', ({ path }) => {
        test.each(SIZES)('an echo of %d bytes, up to the half-close', async (size) => {
          const { socket, report } = await meet(face, path(), [['echo']]);
          const bytes = pattern(size);
          await socket.sendAll(bytes);
          socket.shutdown('write');
          expect(digestOf(await receiveToEnd(socket))).toBe(digestOf(bytes));
          expect(await report).toMatchObject({
            received: size,
            digest: digestOf(bytes),
            error: null,
          });
        });
      });
    });
  });
});

describe('with Python', () => {
  const python = new Peer(PYTHON);
  afterAll(() => python.close());

  describe.each(FACES)('$title', (face) => {
    test('each sees the other’s name', async () => {
      const [here, there] = [scratchPath(), abstractName()];
      const { report } = await python.listen({ path: there }, []);
      const socket = kept(
        await face.createConnection({ path: there }, { localAddress: { path: here } }),
      );
      expect(socket.getpeername().path).toBe(there);
      expect(await report).toMatchObject({ peer: hexOf(here), error: null });
    });

    test('records, in both directions', async () => {
      const path = scratchPath();
      const { report } = await python.listen({ path, type: 'seqpacket' }, [
        ['receive records', 3],
        ['send', '01'],
        ['send', '020304'],
      ]);
      const socket = kept(new face.Socket({ family: 'unix', type: 'seqpacket' }));
      await socket.connect({ path });
      for (const length of [5, 1, 3000]) await socket.send(pattern(length));
      const records: number[][] = [];
      for await (const record of socket) records.push([...record]);
      expect(records).toEqual([[1], [2, 3, 4]]);
      expect(await report).toMatchObject({ records: [5, 1, 3000], error: null });
    });

    test('datagrams: we ask from a path, and are answered there', async () => {
      const [here, there] = [scratchPath(), scratchPath()];
      const { report } = await python.exchange({ path: there }, [['answer', 2]]);
      const socket = kept(new face.Socket({ family: 'unix', type: 'dgram' }));
      await socket.bind({ path: here });
      for (const bytes of [Uint8Array.of(1, 2, 3), new Uint8Array(0)]) {
        expect(await socket.sendTo(bytes, { path: there })).toBe(bytes.length);
        const answer = await socket.recvFrom(10);
        expect([...answer.bytes]).toEqual([...bytes].toReversed());
        expect(answer.address).toEqual({ family: 'unix', path: there });
      }
      expect(await report).toMatchObject({ records: [3, 0], peer: hexOf(here), error: null });
    });

    test('datagrams: they ask, we answer', async () => {
      const [here, there] = [abstractName(), abstractName()];
      const socket = kept(new face.Socket({ family: 'unix', type: 'dgram' }));
      await socket.bind({ path: here });
      const { report } = await python.exchange({ path: there }, [
        ['send to', hexOf(here), '0708'],
        ['receive', 1],
      ]);
      const { bytes, address } = await socket.recvFrom(10);
      expect(address).toEqual({ family: 'unix', path: there });
      await socket.sendTo(bytes.toReversed(), address);
      expect(await report).toMatchObject({ records: [2], peer: hexOf(here), error: null });
    });

    test('datagrams: a sender without a name cannot be answered', async () => {
      const there = scratchPath();
      const { report } = await python.exchange({ path: there }, [['receive', 1]]);
      const socket = kept(new face.Socket({ family: 'unix', type: 'dgram' }));
      await socket.sendTo(Uint8Array.of(1), { path: there });
      expect(await report).toMatchObject({ received: 1, peer: '', error: null });
    });

    test('datagrams: a connected socket hears its peer only', async () => {
      const [here, there, elsewhere] = [scratchPath(), scratchPath(), scratchPath()];
      const socket = kept(new face.Socket({ family: 'unix', type: 'dgram' }));
      await socket.bind({ path: here });
      const { report } = await python.exchange({ path: there }, [['answer', 1]]);
      await socket.connect({ path: there });
      expect(socket.getpeername().path).toBe(there);
      const { report: refused } = await python.exchange({ path: elsewhere }, [
        ['send to', hexOf(here), '01'],
      ]);
      expect(await refused).toMatchObject({ error: expect.stringContaining('PermissionError') });
      await socket.send(Uint8Array.of(4, 5));
      expect([...(await socket.recv(10))]).toEqual([5, 4]);
      expect(await report).toMatchObject({ received: 2, peer: hexOf(here), error: null });
    });

    test.each([
      ['a path', (folder: string) => Buffer.from(`${folder}/\xff\xfe`, 'latin1')],
      ['an abstract name', () => Buffer.from(`${abstractName()}\xc3(\x80`, 'latin1')],
    ])('%s that is no UTF-8 is shown as far as it is', async (_which, make) => {
      const path = make(dirname(scratchPath()));
      const server = kept(new face.Socket({ family: 'unix', type: 'dgram' }));
      const here = abstractName();
      await server.bind({ path: here });
      const { report } = await python.exchange({ path }, [['send to', hexOf(here), '01']]);
      const { address } = await server.recvFrom(10);
      expect(await report).toMatchObject({ error: null });
      expect(address).toEqual({ family: 'unix', path: path.toString() });
      expect(address.path).toContain('\ufffd');
    });

    test('the longest path is the same for them', async () => {
      const folder = dirname(scratchPath());
      const path = join(folder, 'x'.repeat(107 - folder.length - 1)); // sun_path, less its zero
      const { report } = await python.exchange({ path }, [['receive', 1]]);
      expect(existsSync(path)).toBe(true);
      const socket = kept(new face.Socket({ family: 'unix', type: 'dgram' }));
      await socket.sendTo(Uint8Array.of(1), { path });
      expect(await report).toMatchObject({ received: 1, error: null });
    });
  });
});
