/** Where sockets are: addresses, names, ports, and whether somebody else is there already. */
import { AddressInUseError, AddressNotAvailableError, NameResolutionError } from '@wireline/socket';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { FACES } from './face.ts';
import { acceptedBy, connected, FAMILIES, HAS_IPV6, kept, listening, pair } from './sockets.ts';

const WITHOUT_IPV6 = HAS_IPV6 ? '' : ' (skipped: this machine has no ::1)';

describe.each(FACES)('$title', (face) => {
  describe.each(FAMILIES)('$name', ({ family, host, missing }) => {
    test.skipIf(missing)('each end knows its own address and its peer’s', async () => {
      const listener = await listening(face, host);
      const near = await connected(face, listener.getsockname());
      const { socket, address } = await listener.accept();
      const far = kept(socket);
      expect(near.getsockname()).toEqual(far.getpeername());
      expect(near.getpeername()).toEqual(far.getsockname());
      expect(address).toEqual(near.getsockname());
      expect(far.getsockname()).toEqual(listener.getsockname());
      expect(listener.getsockname()).toMatchObject({ family, host, port: expect.any(Number) });
    });

    test.skipIf(missing)('port 0 becomes a port of the kernel’s choice', async () => {
      const socket = kept(new face.Socket({ family }));
      await socket.bind({ host, port: 0 });
      expect(socket.getsockname().port).toBeGreaterThan(0);
    });

    test.skipIf(missing)('a connection from a local address', async () => {
      const listener = await listening(face, host);
      const socket = kept(new face.Socket({ family }));
      await socket.bind({ host, port: 0 });
      const { port } = socket.getsockname();
      await socket.connect(listener.getsockname());
      const { socket: far, address } = await listener.accept();
      kept(far);
      expect(address.port).toBe(port);
    });
  });

  test('a host name is looked up, to bind and to connect', async () => {
    const server = kept(new face.Socket());
    await server.bind({ host: 'localhost', port: 0 });
    expect(server.getsockname().host).toBe('127.0.0.1');
    server.listen();
    const { port } = server.getsockname();
    const client = kept(new face.Socket());
    await client.connect({ host: 'localhost', port });
    expect(client.getpeername()).toEqual(server.getsockname());
  });

  test('a name that nobody has', async () => {
    const socket = kept(new face.Socket());
    // RFC 6761: no name below `invalid` is ever there. Too long a label is none, and is not looked up.
    const host = `${'x'.repeat(64)}.invalid`;
    for (const call of [
      async () => socket.bind({ host, port: 0 }),
      async () => socket.connect({ host, port: 1 }),
      async () => socket.connectEx({ host, port: 1 }),
      async () => face.createConnection({ host, port: 1 }),
      async () => face.createServer({ host, port: 0 }),
    ]) {
      await expect(call()).rejects.toThrow(NameResolutionError);
    }
  });

  test('an address of the other family', async () => {
    const socket = kept(new face.Socket());
    const binding = (async () => socket.bind({ host: '::1', port: 0 }))();
    await expect(binding).rejects.toThrow(/resolve ::1: not an address of family inet/);
  });

  test('an empty host means all interfaces', async () => {
    const socket = kept(new face.Socket());
    await socket.bind({ host: '', port: 0 });
    expect(socket.getsockname().host).toBe('0.0.0.0');
    const server = kept(await face.createServer({ host: '', port: 0 }));
    expect(server.getsockname().host).toBe('0.0.0.0');
    const near = await connected(face, { host: '127.0.0.1', port: server.getsockname().port });
    expect((await acceptedBy(server)).getpeername()).toEqual(near.getsockname());
  });

  test.skipIf(!HAS_IPV6)(
    `all interfaces of IPv6 are those of IPv4, too${WITHOUT_IPV6}`,
    async () => {
      const server = kept(await face.createServer({ host: '', port: 0 }, { family: 'inet6' }));
      const { host, port } = server.getsockname();
      expect(host).toBe('::');
      await connected(face, { host: '127.0.0.1', port });
      expect((await acceptedBy(server)).getpeername().host).toBe('::ffff:127.0.0.1');
      await connected(face, { host: '::1', port });
      expect((await acceptedBy(server)).getpeername().host).toBe('::1');
    },
  );

  test('a port in use: who has it', async () => {
    // Time stands still: however much there is on this machine, the search for the owner is not given up.
    const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
    onTestFinished(() => clock.mockRestore());
    const server = await listening(face);
    const address = server.getsockname();
    const second = kept(new face.Socket());
    const attempts = [
      async () => second.bind(address),
      async () => face.createServer(address),
      async () => face.createServer({ host: 'localhost', port: address.port }),
    ];
    for (const attempt of attempts) {
      const error = await attempt().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(AddressInUseError);
      expect(String(error)).toContain(`this process (pid ${process.pid}) listens there`);
      expect(String(error)).toContain(`bind 127.0.0.1:${address.port}`);
    }
  });

  test('a server that was just stopped does not stand in the way of the next', async () => {
    const server = await listening(face);
    const address = server.getsockname();
    const near = await connected(face, address);
    (await acceptedBy(server)).close(); // closes first: its end of the connection lingers in TIME_WAIT
    expect(await near.recv(1)).toHaveLength(0);
    near.close();
    server.close();
    const next = kept(await face.createServer(address));
    expect(next.getsockname()).toEqual(address);
  });

  test('two servers share a port when both say so', async () => {
    const first = kept(
      await face.createServer({ host: '127.0.0.1', port: 0 }, { reusePort: true }),
    );
    const second = kept(await face.createServer(first.getsockname(), { reusePort: true }));
    expect(second.getsockname()).toEqual(first.getsockname());
  });

  test('an address that this machine does not have', async () => {
    const socket = kept(new face.Socket());
    const binding = (async () => socket.bind({ host: '192.0.2.123', port: 0 }))();
    await expect(binding).rejects.toThrow(AddressNotAvailableError);
  });

  test('the backlog holds as many connections as it was told', async () => {
    const server = kept(await face.createServer({ host: '127.0.0.1', port: 0 }, { backlog: 7 }));
    expect(server.queueDepths()).toMatchObject({ recvQ: 0, sendQ: 7 });
    const clients = [];
    for (let i = 0; i < 5; i++) clients.push(await connected(face, server.getsockname()));
    expect(server.queueDepths().recvQ).toBe(5);
    for (const client of clients) {
      expect((await acceptedBy(server)).getpeername()).toEqual(client.getsockname());
    }
    expect(server.queueDepths().recvQ).toBe(0);
  });

  test('a socket without a peer has no name for it', async () => {
    const socket = kept(new face.Socket());
    expect(() => socket.getpeername()).toThrow(expect.objectContaining({ code: 'ENOTCONN' }));
    expect(socket.getsockname()).toEqual({ family: 'inet', host: '0.0.0.0', port: 0 });
  });

  test.each([-1, 1.5, 65_536, Number.NaN])('port %d is none', async (port) => {
    const socket = kept(new face.Socket());
    for (const where of [
      { host: '127.0.0.1', port },
      { host: 'localhost', port },
    ]) {
      await expect((async () => socket.bind(where))()).rejects.toThrow(RangeError);
      await expect((async () => socket.connect(where))()).rejects.toThrow(RangeError);
    }
  });

  test('a connected socket cannot be connected again', async () => {
    const [near, far] = await pair(face);
    const connecting = (async () => far.connect(near.getsockname()))();
    await expect(connecting).rejects.toMatchObject({ code: 'EISCONN' });
  });
});
