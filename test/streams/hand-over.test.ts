/** The descriptor moves: who is refused keeps it, who is taken from has it no more, and none is left over. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { SocketClosedError, SocketDescriptor, socketpair } from '@wireline/socket';
import { toDuplex } from '@wireline/socket/streams';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openDescriptors } from '../conformance/sockets.ts';
import { acceptedAwaited, connection, kept, listen, NETWORKS, warmUp } from './connection.ts';
import { turn, untilClosed } from './reading.ts';
import { KINDS, type NativeStream } from './stream-kind.ts';

describe.each(KINDS)('$name', (kind) => {
  test('a socket that listens is refused and goes on listening', async () => {
    const listener = await listen();
    expect(() => kind.make(listener)).toThrow(TypeError);
    expect(() => kind.make(listener)).toThrow(/listens; accept/);
    expect(listener.closed).toBe(false);
    expect(listener.getsockopt('SO_ACCEPTCONN')).toBe(true);
  });

  test.each(['dgram', 'seqpacket'] as const)('a socket of type %s is refused', (type) => {
    const [near, far] = socketpair({ type });
    onTestFinished(() => [near, far].forEach((socket) => socket.close()));
    expect(() => kind.make(near)).toThrow(TypeError);
    expect(() => kind.make(near)).toThrow(type);
    near.send(Buffer.from('still there'));
    expect(Buffer.from(far.recv(100)).toString()).toBe('still there');
  });

  test('a socket that is closed, or was handed over, is refused', async () => {
    const closed = new SocketDescriptor();
    closed.close();
    expect(() => kind.make(closed)).toThrow(SocketClosedError);
    const { source } = await acceptedAwaited();
    kept(kind.make(source));
    expect(() => kind.make(source)).toThrow(SocketClosedError);
  });

  test('the socket that was given is closed, and whoever waits on it hears so', async () => {
    const { source, peer } = await acceptedAwaited();
    const waiting = source.recv(1);
    const stream = kept(kind.make(source));
    await expect(waiting).rejects.toThrow(SocketClosedError);
    expect([source.closed, source.fileno()]).toEqual([true, -1]);
    await expect(source.recv(1)).rejects.toThrow(SocketClosedError);
    source.close();
    // What closing it again must not have closed:
    peer.write('x');
    const [came] = (await once(stream, 'data')) as [Buffer]; // what the event carries
    expect(came.toString()).toBe('x');
  });

  test.each(NETWORKS)('no descriptor is left over: $name', async (network) => {
    if (network.missing) return;
    warmUp();
    await connection(kind, { network }).then(({ stream, peer }) => gone(stream, peer)); // what is made once
    const before = openDescriptors();
    for (const end of ['end', 'destroy', 'peer'] as const) {
      const { stream, peer } = await connection(kind, { network });
      stream.on('error', () => {}).resume();
      if (end === 'end') stream.end();
      if (end === 'destroy') stream.destroy();
      await gone(stream, peer);
    }
    expect(openDescriptors()).toBe(before);
  });
});

/** Ends both sides, and resolves when they are closed. */
async function gone(stream: NativeStream, peer: Socket): Promise<void> {
  for (const side of [stream, peer]) side.resume().end();
  await Promise.all([untilClosed(stream), untilClosed(peer)]);
  await turn();
}

test.each([
  { readableHighWaterMark: -1 },
  { writableHighWaterMark: -1 },
  { readableHighWaterMark: Number.NaN },
  { writableHighWaterMark: 1.5 },
])('toDuplex with %o: refused, and the socket keeps its descriptor', async (options) => {
  const { source, peer } = await acceptedAwaited();
  const before = openDescriptors();
  expect(() => toDuplex(source, options)).toThrow(/HighWaterMark/);
  expect(openDescriptors()).toBe(before);
  peer.write('x');
  expect(await source.recv(1)).toHaveLength(1);
});
