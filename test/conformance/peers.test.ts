/** Streams to and from peers that share no code with us, in both roles. */
import { afterAll, describe, expect, test } from 'vitest';
import { FACES, type Face, type FaceSocket } from './face.ts';
import { Peer, PEER_KINDS, type Move, type Playing } from './peer.ts';
import {
  acceptedBy,
  connected,
  digestOf,
  FAMILIES,
  listening,
  pattern,
  receiveToEnd,
} from './sockets.ts';

/** A byte, a bufferful, and more than all buffers on the way hold. */
const SIZES = [1, 64 * 1024, 5 * 1024 * 1024];

const MEGABYTE = 1024 * 1024;

type Meet = (
  face: Face,
  host: string,
  moves: readonly Move[],
) => Promise<Playing & { readonly socket: FaceSocket }>;

describe.each(PEER_KINDS)('with $name', (kind) => {
  const peer = new Peer(kind);
  afterAll(() => peer.close());

  const weConnect: Meet = async (face, host, moves) => {
    const { port, report } = await peer.listen(host, moves);
    return { socket: await connected(face, { host, port }), report };
  };
  const theyConnect: Meet = async (face, host, moves) => {
    const listener = await listening(face, host);
    const { report } = peer.connect(listener.getsockname(), moves);
    return { socket: await acceptedBy(listener), report };
  };
  const ROLES = [
    { role: 'we connect', meet: weConnect },
    { role: 'they connect', meet: theyConnect },
  ];

  describe.each(FACES)('$title', (face) => {
    describe.each(ROLES)('$role', ({ meet }) => {
      describe.each(FAMILIES)('$name', ({ host, missing }) => {
        test.skipIf(missing).each(SIZES)(
          'an echo of %d bytes, up to the half-close',
          async (size) => {
            const { socket, report } = await meet(face, host, [['echo']]);
            const bytes = pattern(size);
            await socket.sendAll(bytes);
            socket.shutdown('write');
            expect(digestOf(await receiveToEnd(socket))).toBe(digestOf(bytes));
            const { host: ours, port } = socket.getsockname();
            expect(await report).toMatchObject({
              received: size,
              digest: digestOf(bytes),
              peer: [ours, port],
              error: null,
            });
          },
        );
      });

      test('everything backwards, after our half-close', async () => {
        const { socket } = await meet(face, '127.0.0.1', [['reverse']]);
        const bytes = pattern(MEGABYTE);
        await socket.sendAll(bytes);
        socket.shutdown('write');
        const received = await socket.recvExactly(MEGABYTE);
        expect(digestOf(received)).toBe(digestOf(bytes.toReversed()));
        expect(await socket.recv(1)).toHaveLength(0);
      });

      test('we receive what they send, and send after their half-close', async () => {
        const moves: Move[] = [['send pattern', MEGABYTE], ['finish'], ['receive to end']];
        const { socket, report } = await meet(face, '127.0.0.1', moves);
        expect(digestOf(await receiveToEnd(socket))).toBe(digestOf(pattern(MEGABYTE)));
        await socket.sendAll(pattern(100));
        socket.close();
        expect(await report).toMatchObject({ received: 100, digest: digestOf(pattern(100)) });
      });

      test('a conversation, turn by turn', async () => {
        const moves: Move[] = [];
        for (let i = 0; i < 20; i++) moves.push(['receive', 3], ['send', '0a0b']);
        const { socket, report } = await meet(face, '127.0.0.1', moves);
        for (let i = 0; i < 20; i++) {
          await socket.sendAll(Uint8Array.of(1, 2, 3));
          expect([...(await socket.recvExactly(2))]).toEqual([10, 11]);
        }
        expect(await socket.recv(1)).toHaveLength(0);
        expect(await report).toMatchObject({ received: 60, error: null });
      });

      test('a reset in the middle of recvExactly', async () => {
        const { socket } = await meet(face, '127.0.0.1', [
          ['send', '0102'],
          ['receive', 1],
          ['reset'],
        ]);
        expect([...(await socket.recvExactly(2))]).toEqual([1, 2]);
        await socket.sendAll(Uint8Array.of(1));
        const receiving = async (): Promise<unknown> => socket.recvExactly(10);
        await expect(receiving()).rejects.toMatchObject({ code: 'ECONNRESET' });
      });

      test('a reset while we send', async () => {
        const { socket } = await meet(face, '127.0.0.1', [['receive', 100_000], ['reset']]);
        const sending = async (): Promise<void> => {
          for (;;) await socket.sendAll(pattern(MEGABYTE));
        };
        await expect(sending()).rejects.toMatchObject({
          code: expect.stringMatching(/^(ECONNRESET|EPIPE)$/),
        });
      });

      test('an early end leaves what came in the error', async () => {
        const { socket } = await meet(face, '127.0.0.1', [['send', '010203']]);
        const receiving = async (): Promise<unknown> => socket.recvExactly(10);
        await expect(receiving()).rejects.toMatchObject({
          code: 'incomplete-read',
          expected: 10,
          partial: Uint8Array.of(1, 2, 3),
        });
      });
    });
  });
});
