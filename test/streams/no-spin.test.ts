/**
 * Whatever happens to a connection that nobody reads, the process rests: no turn of the loop runs in vain.
 *
 * A loop that spins runs a turn in each round of Node's. So the turns are counted while others, whom the loop does not
 * know, have a hundred rounds: the start of each turn is a `setImmediate`, and the others make none.
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { acceptedAwaited, CASES, connection } from './connection.ts';
import { queuesOf, untilStill } from './kernel-queues.ts';
import { turn } from './reading.ts';
import { type NativeStream } from './stream-kind.ts';

const ROUNDS = 100;

/** What is due once is due: a connection that becomes readable wakes the loop, which then takes its interest back. */
const MOST_TURNS = 5;

const MUCH = Buffer.alloc(32_000_000);

let bystanders: readonly [Socket, Socket];

beforeAll(async () => {
  const { createServer, connect } = await import('node:net');
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listen: no port');
  const near = connect({ port: address.port, host: '127.0.0.1', noDelay: true });
  const [far] = (await once(server, 'connection')) as [Socket]; // what the event carries
  far.setNoDelay();
  bystanders = [near, far];
  return () => {
    near.destroy();
    far.destroy();
    server.close();
  };
});

/** How many turns begin while the bystanders have their rounds. */
async function turnsMeanwhile(): Promise<number> {
  const [near, far] = bystanders;
  const turns = vi.spyOn(globalThis, 'setImmediate');
  try {
    for (let round = 0; round < ROUNDS; round++) {
      near.write('x');
      await once(far, 'data');
      far.write('x');
      await once(near, 'data');
    }
    return turns.mock.calls.length;
  } finally {
    turns.mockRestore();
  }
}

/** What happens to the connection. */
const MISFORTUNES: Readonly<Record<string, (stream: NativeStream, peer: Socket) => unknown>> = {
  'the peer ends': (_stream, peer) => peer.end(),
  'the peer ends behind much': (_stream, peer) => peer.end(MUCH),
  'the peer is gone': (_stream, peer) => peer.destroy(),
  'both have ended': (stream, peer) => [stream.end(), peer.end()],
  'the peer sends much': (_stream, peer) => peer.write(MUCH),
  'the peer does not read': (stream, peer) => [peer.pause(), stream.write(MUCH)],
  'neither reads, both write': (stream, peer) => [
    peer.pause(),
    stream.write(MUCH),
    peer.write(MUCH),
  ],
};

describe.each(CASES)('$title', ({ kind, network }) => {
  const resets = network.name === 'Unix' ? [] : ['the peer resets'];

  test.each([...Object.keys(MISFORTUNES), ...resets])('%s, and nobody reads', async (what) => {
    const { stream, peer } = await connection(kind, { network, allowHalfOpen: true });
    stream.on('error', () => {});
    // It has been read, so that it is watched.
    peer.write('first');
    await once(stream, 'data');
    stream.pause();
    if (what === 'the peer resets') peer.resetAndDestroy();
    else MISFORTUNES[what]?.(stream, peer);
    await untilStill(() =>
      stream.destroyed ? 'over' : `${stream.bytesRead} ${queuesOf(stream)} ${peer.writableLength}`,
    );
    expect(await turnsMeanwhile()).toBeLessThan(MOST_TURNS);
  });
});

test('a loop that does spin would be seen', async () => {
  const { source, peer } = await acceptedAwaited();
  const { currentEventLoop } = await import('@wireline/socket/event-loop');
  const registration = currentEventLoop().register(source.fileno(), 'read', { onReady: () => {} });
  peer.write('x');
  await turn();
  expect(await turnsMeanwhile()).toBeGreaterThan(ROUNDS);
  registration.unregister();
});
