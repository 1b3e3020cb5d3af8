import { ReceiveBuffer, SendBuffer } from '@wireline/framing/decoder';
import {
  AddressInUseError,
  ConnectionRefusedError,
  formatAddress,
  NameResolutionError,
  TimeoutError,
  type Address,
  type Endpoint,
  type WouldBlock,
} from '@wireline/socket';
import { systemClock } from '@wireline/socket/event-loop';
import { describe, expect, test } from 'vitest';
import { ConnectError } from '../errors.ts';
import type { AcceptHandler, TransportListener } from '../network.ts';
import type { Transport } from '../transport.ts';
import { FakeNetwork, type FakeNetworkOptions } from './fake-network.ts';
import { LUCK, type Luck } from './luck.ts';

/** A network on which somebody listens, and what he hears. */
async function scene(
  options: FakeNetworkOptions = {},
  endpoint: Endpoint = { host: '127.0.0.1', port: 0 },
) {
  const network = new FakeNetwork(options);
  const heard: string[] = [];
  const accepted: Transport[] = [];
  const handler: AcceptHandler = {
    onTransport: (transport) => {
      heard.push(`accepted ${hostOf(transport.remoteAddress)}`);
      accepted.push(transport);
    },
    onAcceptFailed: (address) => heard.push(`failed ${hostOf(address)}`),
    onStarved: (error) => heard.push(`starved ${error.code}`),
    onRecovered: () => heard.push('recovered'),
    onError: (error) => heard.push(error.code),
  };
  const listener = await network.listen(endpoint, handler, network.clock);
  const connect = (to = '127.0.0.1', timeoutMs?: number): Promise<Transport> =>
    network.until(
      network.connect(
        { host: to, port: portOf(listener.address) },
        { clock: network.clock, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
      ),
    );
  return { network, heard, accepted, handler, listener, connect };
}

function hostOf(address: Address): string {
  return address.family === 'unix' ? formatAddress(address) : address.host;
}

function portOf(address: Address): number {
  if (address.family === 'unix') throw new Error(`${formatAddress(address)} has no port`);
  return address.port;
}

function send(transport: Transport, count: number): number | WouldBlock {
  const buffer = new SendBuffer();
  buffer.append(new Uint8Array(count));
  return transport.send(buffer);
}

describe('addresses', () => {
  test('port 0 chooses one; one that is taken is refused by its name, also by all interfaces', async () => {
    const { network, handler, listener } = await scene();
    const port = portOf(listener.address);
    const second = await network.listen({ host: '127.0.0.1', port: 0 }, handler, network.clock);
    expect(portOf(second.address)).not.toBe(port);
    for (const host of ['127.0.0.1', '']) {
      const again = network.listen({ host, port }, handler, network.clock);
      await expect(again).rejects.toThrow(AddressInUseError);
      await expect(again).rejects.toThrow(`:${port}`);
    }
    listener.close();
    listener.close();
    await network.listen({ host: '', port }, handler, network.clock);
    const again = network.listen({ host: '127.0.0.1', port }, handler, network.clock);
    await expect(again).rejects.toThrow(AddressInUseError);
    expect(network.leftovers()).toHaveLength(2);
  });

  test('ends have addresses of their own, and each sees that of the other', async () => {
    const { network, accepted, listener, connect } = await scene();
    const client = await connect();
    await network.settle();
    expect(client.remoteAddress).toEqual(listener.address);
    expect(accepted[0]?.remoteAddress).toMatchObject({ host: '127.0.0.1', family: 'inet' });
    expect(accepted[0]?.remoteAddress).not.toMatchObject({ port: portOf(listener.address) });
  });

  test.each([
    ['', '127.0.0.1'],
    ['', 'localhost'],
    ['::', '::1'],
    ['::', '127.0.0.1'],
    ['::1', '::1'],
    ['two.test', 'two.test'],
  ])('who listens at "%s" hears of a connect to %s', async (host, to) => {
    const { network, accepted, connect } = await scene(
      { hosts: { 'two.test': ['10.0.0.2'] } },
      { host, port: 0 },
    );
    await connect(to);
    await network.settle();
    expect(accepted).toHaveLength(1);
  });

  test('a host with several addresses is tried one after the other', async () => {
    const hosts = { 'many.test': ['10.0.0.1', '127.0.0.1'] };
    const { connect, listener } = await scene({ hosts });
    expect((await connect('many.test')).remoteAddress).toEqual(listener.address);
    listener.close();
    const refused = connect('many.test');
    await expect(refused).rejects.toThrow(ConnectError);
    await expect(refused).rejects.toMatchObject({
      failures: [expect.any(ConnectionRefusedError), expect.any(ConnectionRefusedError)],
    });
  });

  test('other hosts are not known', async () => {
    const { connect } = await scene();
    await expect(connect('example.test')).rejects.toThrow(NameResolutionError);
  });

  test('another machine connects from its own address', async () => {
    const { network, heard, listener } = await scene();
    const port = portOf(listener.address);
    const there = network.from('10.0.0.7');
    await network.until(there.connect({ host: '127.0.0.1', port }, { clock: network.clock }));
    await network.settle();
    expect(heard).toEqual(['accepted 10.0.0.7']);
  });
});

test('the clock of the machine is refused: nothing would ever be on time', async () => {
  const { network, handler } = await scene();
  const endpoint = { host: '127.0.0.1', port: 0 };
  await expect(network.listen(endpoint, handler, systemClock)).rejects.toThrow('network.clock');
  await expect(network.connect(endpoint, { clock: systemClock })).rejects.toThrow('network.clock');
});

describe('paths', () => {
  test('are listened at and connected to as hosts are; who connects has no name', async () => {
    const { network, accepted, heard, listener } = await scene({}, { path: '/run/search.sock' });
    expect(listener.address).toEqual({ family: 'unix', path: '/run/search.sock' });
    const there = network.from('10.0.0.7'); // hosts mean nothing here
    const client = await network.until(there.connect(listener.address, { clock: network.clock }));
    await network.settle();
    expect(client.remoteAddress).toEqual(listener.address);
    expect(accepted[0]?.remoteAddress).toEqual({ family: 'unix', path: '' });
    expect(heard).toEqual(['accepted unix:(unnamed)']);
  });

  test('one that is taken is refused by its name, and free when its listener is closed', async () => {
    const { network, handler, listener } = await scene({}, { path: '/run/search.sock' });
    const again = network.listen(listener.address, handler, network.clock);
    await expect(again).rejects.toThrow(AddressInUseError);
    await expect(again).rejects.toThrow('unix:/run/search.sock');
    await network.listen({ host: '127.0.0.1', port: 0 }, handler, network.clock);
    listener.close();
    const refused = network.connect(listener.address, { clock: network.clock });
    await expect(network.until(refused)).rejects.toThrow('unix:/run/search.sock: refused');
    await network.listen(listener.address, handler, network.clock);
  });

  test('an empty one lets the network choose, another one each time', async () => {
    const { network, handler, listener } = await scene({}, { path: '' });
    const second = await network.listen({ path: '' }, handler, network.clock);
    expect(listener.address).toMatchObject({ path: expect.stringMatching(/^\0[0-9a-f]{5}$/) });
    expect(second.address).not.toEqual(listener.address);
  });
});

describe('connecting', () => {
  test('where nobody listens is refused', async () => {
    const { listener, connect } = await scene();
    listener.close();
    const port = portOf(listener.address);
    await expect(connect()).rejects.toThrow(`127.0.0.1:${port}: refused: nothing listens there`);
  });

  test('gives up after its time', async () => {
    const { network, connect } = await scene({ luck: { silences: 1 } });
    await expect(connect('127.0.0.1', 500)).rejects.toMatchObject({
      failures: [expect.any(TimeoutError)],
    });
    expect(network.clock.now()).toBe(500);
    expect(network.clock.pending).toBe(0);
    await expect(connect('127.0.0.1', Number.NaN)).rejects.toThrow(RangeError);
  });

  test('is given up by its signal before it began, and while it is under way', async () => {
    const { network, listener } = await scene({ luck: { delays: 1, delayMs: 50 } });
    const endpoint = listener.address;
    const controller = new AbortController();
    const { signal } = controller;
    const underWay = network.connect(endpoint, { clock: network.clock, signal });
    await network.settle();
    expect(network.clock.pending).toBe(2);
    controller.abort(new Error('enough'));
    await expect(underWay).rejects.toThrow('enough');
    const late = network.connect(endpoint, { clock: network.clock, signal });
    await expect(late).rejects.toThrow('enough');
    expect([network.clock.pending, network.connections]).toEqual([0, []]);
  });

  test('is given up in the very moment in which it stands: nobody else would close it', async () => {
    const controller = new AbortController();
    const { network, listener, accepted } = await scene({
      onConnection: () => controller.abort(new Error('enough')),
    });
    const attempt = network.connect(listener.address, {
      clock: network.clock,
      signal: controller.signal,
    });
    await expect(network.until(attempt)).rejects.toThrow('enough');
    await network.settle();
    expect(String(network.connections[0])).toContain('client closed');
    accepted[0]?.close();
    expect(network.connections).toEqual([]);
  });
});

describe('accepting', () => {
  test('waits while it is paused', async () => {
    const { network, accepted, listener, connect } = await scene();
    listener.pause();
    await connect();
    await network.settle();
    expect(accepted).toHaveLength(0);
    expect(network.leftovers()[0]).toContain('paused; 1 wait to be accepted');
    listener.resume();
    await network.settle();
    expect(accepted).toHaveLength(1);
  });

  test('waits for want of descriptors, says so once, and tries again after a while', async () => {
    const { network, heard, connect } = await scene();
    network.starve();
    await connect();
    await network.advance(1000);
    expect(heard).toEqual(['starved EMFILE']);
    network.recover();
    await network.advance(100);
    expect(heard).toEqual(['starved EMFILE', 'recovered', 'accepted 127.0.0.1']);
  });

  test('tries again at once when a descriptor comes free', async () => {
    const { network, heard, listener, connect } = await scene();
    network.starve();
    await connect();
    await network.settle();
    network.recover();
    listener.descriptorFreed();
    await network.settle();
    expect(heard.at(-1)).toBe('accepted 127.0.0.1');
    expect(network.clock.now()).toBe(0);
  });

  test('rests no more when it is closed', async () => {
    const { network, listener, connect } = await scene();
    network.starve();
    const client = await connect();
    await network.settle();
    expect(network.clock.pending).toBe(1);
    expect(network.leftovers()[0]).toContain('out of descriptors');
    listener.close();
    client.close();
    expect(network.leftovers()).toEqual([]);
  });

  test('connections that wait are reset when the listener closes', async () => {
    const { network, listener, connect } = await scene();
    listener.pause();
    const client = await connect();
    listener.close();
    expect(() => client.receive(new ReceiveBuffer())).toThrow('reset');
    client.close();
    expect(network.leftovers()).toEqual([]);
  });
});

describe('luck', () => {
  /** What becomes of connections under some luck, as the trace tells it. */
  async function traceOf(luck: Partial<Luck>, seed = 1): Promise<string> {
    const { network, connect, accepted, listener } = await scene({ luck, seed });
    for (let round = 0; round < 20; round++) {
      const client = await connect().catch(() => undefined);
      await network.settle();
      const server = accepted.at(-1);
      for (let call = 0; call < 10; call++) {
        try {
          if (client !== undefined) send(client, 1000);
          await network.advance(10);
          server?.receive(new ReceiveBuffer());
        } catch {
          break;
        }
      }
      await network.advance(3000);
      client?.close();
      await network.advance(1000);
      for (const transport of accepted) transport.close();
    }
    listener.close();
    await network.run();
    expect(network.leftovers()).toEqual([]);
    return network.trace().join('\n');
  }

  test.each([
    [{ shortReads: 0.5 }, /server receives (?!1000)[1-9]\d* of 1000 bytes/],
    [{ shortWrites: 0.5 }, /client sends (?!1000)[1-9]\d* of 1000 bytes/],
    [{ wouldBlocks: 0.5 }, /sends 0 of 1000 bytes[^]*receives 0 of/],
    [{ resets: 0.5 }, /#\d+ is reset/],
    [{ cuts: 0.5 }, /#\d+ is ended/],
    [{ silences: 0.5 }, /#\d+ stalls both ways/],
    [{ refusals: 0.5 }, /refuses a connection/],
    [{ acceptFailures: 0.5 }, /is accepted in vain/],
    [{ starvations: 0.5 }, /is out of descriptors[^]*has descriptors again/],
  ])('%j does what it says, and calm does not', async (luck, pattern) => {
    expect(await traceOf(luck)).toMatch(pattern);
    expect(await traceOf({})).not.toMatch(pattern);
  });

  test.each([
    ['delays', { delays: 1, delayMs: 9 }, 1, 9],
    ['stalls', { stalls: 1, stallMs: 700 }, 1, 700],
    ['slow lines', { slowLines: 1, slowBytesPerMs: 10 }, 6, 100],
  ])('%s make bytes late', async (_name, luck, least, most) => {
    const { network, connect } = await scene({ luck });
    const client = await connect();
    send(client, 1000);
    const before = network.clock.now();
    const [connection] = network.connections;
    expect(connection?.waiting('toServer')).toMatchObject({ inFlight: 1000 });
    while (connection?.waiting('toServer').inFlight !== 0) await network.advance(1);
    const tookMs = network.clock.now() - before;
    expect(tookMs).toBeGreaterThanOrEqual(least);
    expect(tookMs).toBeLessThanOrEqual(most);
  });

  test('disorder changes who is called first', async () => {
    const orders = new Set<string>();
    const { network, connect, accepted } = await scene({ luck: { disorder: 1 } });
    const order: number[] = [];
    for (let id = 0; id < 3; id++) {
      await connect();
      await network.settle();
      accepted[id]?.start(
        {
          onReady: () => {
            order.push(id);
            accepted[id]?.waitFor('none');
          },
        },
        'none',
      );
    }
    for (let round = 0; round < 30; round++) {
      for (const transport of accepted) transport.waitFor('write');
      await network.settle();
      orders.add(order.splice(0).join());
    }
    expect(orders.size).toBe(6);
  });

  test('the same seed is the same run; another is another', async () => {
    expect(await traceOf(LUCK.hostile, 5)).toBe(await traceOf(LUCK.hostile, 5));
    expect(await traceOf(LUCK.hostile, 5)).not.toBe(await traceOf(LUCK.hostile, 6));
  });

  test('may change while the network stands', async () => {
    const { network, connect } = await scene();
    network.changeLuck({ refusals: 1 });
    await expect(connect()).rejects.toThrow(ConnectError);
    network.changeLuck('calm');
    await connect();
    expect(network.luck).toBe(LUCK.calm);
  });
});

test('each connection is told of before anything is sent on it, to be broken by hand', async () => {
  const { network, connect } = await scene({
    onConnection: (connection) => connection.breakAfter({ direction: 'toServer', bytes: 5 }, 'end'),
  });
  const client = await connect();
  expect(send(client, 8)).toBe(8);
  expect(network.connections[0]?.waiting('toServer')).toEqual({ inFlight: 0, unread: 5 });
  expect(client.receive(new ReceiveBuffer())).toBe(0);
});

test('what a test throws into a connect is no failure of the network', async () => {
  const { connect } = await scene({
    onConnection: () => {
      throw new TypeError('mine');
    },
  });
  await expect(connect()).rejects.toThrow(TypeError);
});

test('what is left over is told: listeners, connections, timers', async () => {
  const { network, listener, accepted, connect } = await scene();
  const client = await connect();
  await network.settle();
  send(client, 3);
  const timer = network.clock.after(20, () => {});
  expect(network.leftovers()).toEqual([
    expect.stringMatching(/^127\.0\.0\.1:\d+ listens; 0 wait to be accepted$/),
    expect.stringMatching(
      /^#1 127\.0\.0\.1:\d+ -> 127\.0\.0\.1:\d+; toServer 0 bytes in flight, 3 unread$/,
    ),
    '1 timers, the next in 20 ms',
  ]);
  timer.cancel();
  listener.close();
  client.close();
  expect(network.leftovers()).toEqual([expect.stringContaining('client closed')]);
  accepted[0]?.close();
  expect(network.leftovers()).toEqual([]);
});

test('a network of a certain capacity says so', () => {
  expect(new FakeNetwork().capacity()).toBe(Infinity);
  expect(new FakeNetwork({ capacity: 5 }).from('10.0.0.1').capacity()).toBe(5);
});

test('a listener that is dropped in its own handler accepts no more', async () => {
  const network = new FakeNetwork();
  let count = 0;
  const listener: TransportListener = await network.listen(
    { host: '127.0.0.1', port: 0 },
    {
      onTransport: (transport) => {
        count += 1;
        transport.close();
        listener.close();
      },
      onAcceptFailed: () => {},
      onStarved: () => {},
      onRecovered: () => {},
      onError: () => {},
    },
    network.clock,
  );
  const connect = () => network.connect(listener.address, { clock: network.clock });
  const clients = await network.until(Promise.all([connect(), connect()]));
  await network.settle();
  for (const client of clients) client.close();
  expect(count).toBe(1);
  expect(network.leftovers()).toEqual([]);
});
