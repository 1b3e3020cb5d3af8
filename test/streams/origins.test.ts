/** Where the native socket comes from does not matter: either face, or what lies below, accepted or connected. */
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { kept, NETWORKS, ORIGINS } from './connection.ts';
import { KINDS } from './stream-kind.ts';

const COMBINATIONS = KINDS.flatMap((kind) =>
  NETWORKS.flatMap((network) => ORIGINS.map((origin) => ({ kind, network, origin }))),
);

describe.each(COMBINATIONS)('$kind.name, $network.name, $origin.name', (combination) => {
  const { kind, network, origin } = combination;

  test.skipIf(network.missing)('bytes both ways, the addresses, and the end', async () => {
    const { source, peer } = await origin.open(network);
    const stream = kept(kind.make(source));
    expect(source.closed).toBe(true);
    expect(stream.connecting).toBe(false);
    expect(stream.remoteAddress).toBe(peer.localAddress);
    expect(stream.remotePort).toBe(peer.localPort);
    expect(stream.localAddress).toBe(peer.remoteAddress);
    expect(stream.localPort).toBe(peer.remotePort);
    expect(stream.localFamily).toBe(peer.remoteFamily);
    expect(stream.address()).toEqual(
      peer.remotePort === undefined
        ? {}
        : {
            address: peer.remoteAddress,
            family: peer.remoteFamily,
            port: peer.remotePort,
          },
    );
    const closed = once(stream, 'close');
    const came = buffer(stream);
    stream.end('hello');
    peer.end('hi there');
    expect((await buffer(peer)).toString()).toBe('hello');
    expect((await came).toString()).toBe('hi there');
    await closed;
    expect([stream.bytesRead, stream.bytesWritten]).toEqual([8, 5]);
  });
});
