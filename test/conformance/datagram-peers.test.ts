/** Datagrams to and from peers that share no code with us: who asks, and who answers. */
import { afterAll, describe, expect, test } from 'vitest';
import { FACES } from './face.ts';
import { hexOf, Peer, PEER_KINDS } from './peer.ts';
import { digestOf, FAMILIES, kept, pattern } from './sockets.ts';

/** Nothing, a byte, more than a frame of Ethernet, and nearly all that a datagram holds. */
const SIZES = [0, 1, 2000, 65_000];

describe.each(PEER_KINDS)('with $name', (kind) => {
  const peer = new Peer(kind);
  afterAll(() => peer.close());

  describe.each(FACES)('$title', (face) => {
    describe.each(FAMILIES)('$name', ({ family, host, missing }) => {
      test.skipIf(missing)('we ask, they answer', async () => {
        const { port, report } = await peer.exchange(host, [['answer', SIZES.length]]);
        const socket = kept(new face.Socket({ family, type: 'dgram' }));
        for (const size of SIZES) {
          expect(await socket.sendTo(pattern(size), { host, port })).toBe(size);
          const { bytes, address } = await socket.recvFrom(100_000);
          expect(digestOf(bytes)).toBe(digestOf(pattern(size).reverse()));
          expect(address).toMatchObject({ family, host, port });
        }
        expect(await report).toMatchObject({
          records: SIZES,
          peer: [host, socket.getsockname().port],
          error: null,
        });
      });

      test.skipIf(missing)('they ask, we answer', async () => {
        const socket = kept(new face.Socket({ family, type: 'dgram' }));
        await socket.bind({ host, port: 0 });
        const us = socket.getsockname();
        const { port, report } = await peer.exchange(host, [
          ['send to', [host, us.port], hexOf('first')],
          ['receive', 1],
          ['send', hexOf('second')],
          ['receive', 1],
        ]);
        for (const question of ['first', 'second']) {
          const { bytes, address } = await socket.recvFrom(100);
          expect(new TextDecoder().decode(bytes)).toBe(question);
          expect(address).toEqual({ ...us, port });
          await socket.sendMsg({ parts: [bytes, bytes], to: address });
        }
        expect(await report).toMatchObject({
          records: [10, 12],
          peer: [host, us.port],
          error: null,
        });
      });

      test.skipIf(missing)('over a connected socket', async () => {
        const { port, report } = await peer.exchange(host, [['answer', 3]]);
        const socket = kept(new face.Socket({ family, type: 'dgram' }));
        await socket.connect({ host, port });
        for (const call of ['send', 'sendAll', 'sendMsg'] as const) {
          if (call === 'sendMsg') await socket.sendMsg({ parts: [Uint8Array.of(1), pattern(2)] });
          else await socket[call](pattern(3));
          const { bytes, address } = await socket.recvMsg(10);
          expect(bytes).toHaveLength(3);
          expect(address).toEqual(socket.getpeername());
        }
        expect(await report).toMatchObject({ records: [3, 3, 3], error: null });
      });
    });
  });
});
