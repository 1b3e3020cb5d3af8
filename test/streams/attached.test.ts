/** `attach` over streams of native sockets: options, TCP_INFO and queue depths, as before the hand-over. */
import { attach, NoDescriptorError } from '@wireline/socket';
import { toDuplex } from '@wireline/socket/streams';
import { describe, expect, test } from 'vitest';
import { acceptedAwaited, connection, kept, NETWORKS, UNIX } from './connection.ts';
import { until } from './kernel-queues.ts';
import { untilClosed } from './reading.ts';
import { KINDS } from './stream-kind.ts';

describe.each(KINDS)('$name', (kind) => {
  test('options that were set stay set, and can be changed', async () => {
    const { source } = await acceptedAwaited();
    source.setsockopt('TCP_USER_TIMEOUT', 1111);
    const fd = source.fileno();
    const stream = kept(kind.make(source));
    const attached = attach(stream);
    expect(attached.fileno()).toBe(fd);
    expect(attached.getsockopt('TCP_USER_TIMEOUT')).toBe(1111);
    stream.setNoDelay(true).setKeepAlive(true, 7000);
    expect(attached.getsockopt('TCP_NODELAY')).toBe(true);
    expect(attached.getsockopt('SO_KEEPALIVE')).toBe(true);
    expect(attached.getsockopt('TCP_KEEPIDLE')).toBe(7);
    stream.setNoDelay(false).setKeepAlive(false);
    expect(attached.getsockopt('TCP_NODELAY')).toBe(false);
    expect(attached.getsockopt('SO_KEEPALIVE')).toBe(false);
  });

  test.each(NETWORKS)('names, queues, and the end: $name', async (network) => {
    if (network.missing) return;
    const { stream, peer } = await connection(kind, { network });
    const attached = attach(stream);
    expect(attached.getpeername()).toEqual(attach(peer).getsockname());
    if (network !== UNIX) expect(attached.tcpInfo()).toMatchObject({ state: 'ESTABLISHED' });
    stream.write('12345');
    peer.pause();
    await until(() => attached.queueDepths().sendQ === 0 || network === UNIX);
    stream.destroy();
    await untilClosed(stream);
    expect(attached.fileno()).toBe(-1);
    expect(() => attached.queueDepths()).toThrow(NoDescriptorError);
  });
});

test('a stream of toDuplex has them itself, in `descriptor`, and says what it is', async () => {
  const { source } = await acceptedAwaited();
  const stream = kept(toDuplex(source));
  expect(stream.descriptor.tcpInfo().state).toBe('ESTABLISHED');
  expect(stream.descriptor.fileno()).toBe(stream.fileno());
  const { inspect } = await import('node:util');
  expect(inspect(stream)).toMatch(/^SocketDuplex over \[.*127\.0\.0\.1:\d+.*\]$/);
});
