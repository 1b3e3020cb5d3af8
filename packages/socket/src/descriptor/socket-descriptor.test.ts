import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  accept,
  closing,
  connectedPair,
  FAMILIES,
  listening,
  loopback,
  ready,
} from '../../test/loopback.ts';
import { formatAddress } from '../address/address.ts';
import {
  AddressInUseError,
  AddressNotAvailableError,
  SocketClosedError,
  SystemError,
} from '../errors.ts';
import { ERRNO } from '../libc/errno.ts';
import { WOULD_BLOCK } from '../libc/syscall.ts';
import { SocketDescriptor } from './socket-descriptor.ts';

/** The flags of an open descriptor, as open(2) has them. */
function flagsOf(socket: SocketDescriptor): number {
  const info = readFileSync(`/proc/self/fdinfo/${socket.fileno()}`, 'utf8');
  return Number.parseInt(/^flags:\s*([0-7]+)$/m.exec(info)?.[1] ?? '', 8);
}

const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;

/** The error that `attempt` throws. */
function thrownBy(attempt: () => unknown): unknown {
  try {
    attempt();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe.for(FAMILIES)('$name', ({ family, missing }) => {
  test.skipIf(missing)('bind to port 0 takes a port, which getsockname tells', () => {
    const socket = closing(new SocketDescriptor({ family }));
    socket.bind(loopback(family));
    const { port, ...rest } = socket.getsockname();
    expect(port).toBeGreaterThan(0);
    expect({ ...rest, port: 0 }).toEqual(loopback(family));
  });

  test.skipIf(missing)('both ends agree on who is who', async () => {
    const listener = listening(family);
    const near = closing(new SocketDescriptor({ family }));
    expect(near.tryConnectEx(listener.getsockname())).toBe(ERRNO.EINPROGRESS);
    const { socket: far, address } = await accept(listener);
    await ready(near, 'write');
    expect(near.getsockopt('SO_ERROR')).toBe(0);
    expect(near.getpeername()).toEqual(listener.getsockname());
    expect(address).toEqual(near.getsockname());
    expect(far.getpeername()).toEqual(address);
    expect(far.getsockname()).toEqual(listener.getsockname());
    expect(far.family).toBe(family);
  });

  test.skipIf(missing)(
    'descriptors block nobody and are not inherited, also accepted ones',
    async () => {
      const listener = listening(family);
      const near = closing(new SocketDescriptor({ family }));
      near.tryConnectEx(listener.getsockname());
      const { socket: far } = await accept(listener);
      for (const socket of [listener, near, far]) {
        expect(flagsOf(socket) & O_NONBLOCK, 'O_NONBLOCK').toBe(O_NONBLOCK);
        expect(flagsOf(socket) & O_CLOEXEC, 'O_CLOEXEC').toBe(O_CLOEXEC);
      }
    },
  );

  test.skipIf(missing)('with nothing to do, the answer is would-block', async () => {
    expect(listening(family).tryAccept()).toBe(WOULD_BLOCK);
    const [near] = await connectedPair(family);
    expect(near.tryRecvInto(new Uint8Array(1))).toBe(WOULD_BLOCK);
  });

  test.skipIf(missing)('a connect that is refused tells so when the socket is ready', async () => {
    const closed = closing(new SocketDescriptor({ family }));
    closed.bind(loopback(family)); // bound but not listening: nobody else gets the port
    const socket = closing(new SocketDescriptor({ family }));
    const errno = socket.tryConnectEx(closed.getsockname());
    // Over loopback the answer can be there before connect returns.
    if (errno === ERRNO.EINPROGRESS) await ready(socket, 'write');
    const decided = errno === ERRNO.EINPROGRESS ? socket.getsockopt('SO_ERROR') : errno;
    expect(decided).toBe(ERRNO.ECONNREFUSED);
    expect(socket.getsockopt('SO_ERROR'), 'reading clears it').toBe(0);
  });
});

describe('errors', () => {
  test('a port that is taken', () => {
    // Time stands still: however much there is on this machine, the search for the owner is not given up.
    const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
    onTestFinished(() => clock.mockRestore());
    const address = listening().getsockname();
    const socket = closing(new SocketDescriptor());
    const error = thrownBy(() => socket.bind(address));
    expect(error).toBeInstanceOf(AddressInUseError);
    expect(error).toMatchObject({
      code: 'EADDRINUSE',
      errno: 98,
      syscall: 'bind',
      address: formatAddress(address),
      message: `bind ${formatAddress(address)}: the address is in use: this process (pid ${process.pid}) listens there; close that socket or choose another port (EADDRINUSE)`,
    });
  });

  test('an address of another machine', () => {
    const socket = closing(new SocketDescriptor());
    const error = thrownBy(() => socket.bind({ family: 'inet', host: '192.0.2.1', port: 0 }));
    expect(error).toBeInstanceOf(AddressNotAvailableError);
    expect(error).toMatchObject({ code: 'EADDRNOTAVAIL', address: '192.0.2.1:0' });
  });

  test('no connection', () => {
    const socket = closing(new SocketDescriptor());
    for (const call of [() => socket.getpeername(), () => socket.shutdown('write')]) {
      const error = thrownBy(call);
      expect(error).toBeInstanceOf(SystemError);
      expect(error).toMatchObject({ code: 'ENOTCONN', errno: 107 });
    }
  });

  test('accept on a socket that does not listen', () => {
    const socket = closing(new SocketDescriptor());
    expect(() => socket.tryAccept()).toThrow(
      expect.objectContaining({ code: 'EINVAL', syscall: 'accept4' }),
    );
  });
});

describe('a length beyond the buffer never reaches the kernel', () => {
  const LENGTHS = [5, -1, 0.5, Number.NaN, 2 ** 40];

  test.each(LENGTHS)('%d of 4 bytes', async (length) => {
    const [near, far] = await connectedPair();
    near.trySend(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    await ready(far, 'read');
    expect(() => far.tryRecvInto(new Uint8Array(4), length)).toThrow(RangeError);
    expect(() => far.trySend(new Uint8Array(4), length)).toThrow(
      new RangeError(`send ${length} bytes: the buffer has 4; pass a length within it, or none`),
    );
    expect(near.tryRecvInto(new Uint8Array(1)), 'nothing was sent').toBe(WOULD_BLOCK);
  });

  test('less than the buffer: only that much is sent and received', async () => {
    const [near, far] = await connectedPair();
    expect(near.trySend(Uint8Array.of(1, 2, 3, 4), 3)).toBe(3);
    await ready(far, 'read');
    const buffer = new Uint8Array(4);
    expect(far.tryRecvInto(buffer, 2)).toBe(2);
    expect([...buffer]).toEqual([1, 2, 0, 0]);
    expect(far.tryRecvInto(buffer)).toBe(1);
    expect([...buffer]).toEqual([3, 2, 0, 0]);
  });

  test('text is refused, and the message tells how to make bytes of it', async () => {
    const [near] = await connectedPair();
    const text = 'hello' as unknown as Uint8Array; // what a caller without types does
    expect(() => near.trySend(text)).toThrow(TypeError);
    expect(() => near.trySend(text)).toThrow('new TextEncoder().encode(text)');
    expect(() => near.tryRecvInto(text)).toThrow(TypeError);
  });

  test('a part of a larger buffer is sent from its own beginning', async () => {
    const [near, far] = await connectedPair();
    near.trySend(Uint8Array.of(1, 2, 3, 4, 5).subarray(2, 4));
    await ready(far, 'read');
    const whole = new Uint8Array(6);
    expect(far.tryRecvInto(whole.subarray(1, 5))).toBe(2);
    expect([...whole]).toEqual([0, 3, 4, 0, 0, 0]);
  });
});

describe('close', () => {
  test('every call afterwards names itself and says that the socket is closed', () => {
    const socket = new SocketDescriptor();
    expect(socket.closed).toBe(false);
    socket.close();
    expect(socket.closed).toBe(true);
    expect(socket.fileno()).toBe(-1);
    const calls: Record<string, () => unknown> = {
      bind: () => socket.bind(loopback()),
      listen: () => socket.listen(),
      accept: () => socket.tryAccept(),
      connect: () => socket.tryConnectEx(loopback()),
      recv: () => socket.tryRecvInto(new Uint8Array(1)),
      send: () => socket.trySend(new Uint8Array(1)),
      shutdown: () => socket.shutdown('both'),
      getsockname: () => socket.getsockname(),
      getpeername: () => socket.getpeername(),
      setsockopt: () => socket.setsockopt('SO_REUSEADDR', true),
      getsockopt: () => socket.getsockopt('SO_ERROR'),
    };
    for (const [attempt, call] of Object.entries(calls)) {
      expect(call).toThrow(new SocketClosedError(attempt));
    }
  });

  test('twice closes one descriptor: its number may be another socket by then', () => {
    const first = new SocketDescriptor();
    const number = first.fileno();
    first.close();
    const second = closing(new SocketDescriptor());
    expect(second.fileno(), 'the kernel gives the lowest free number').toBe(number);
    first.close();
    second.bind(loopback());
    expect(second.getsockname().port).toBeGreaterThan(0);
  });

  test('happens at the end of a `using` block', () => {
    let outside: SocketDescriptor;
    {
      using socket = new SocketDescriptor();
      outside = socket;
      expect(socket.closed).toBe(false);
    }
    expect(outside.closed).toBe(true);
  });

  test('a descriptor that was handed over is owned from then on', () => {
    const socket = listening();
    const owner = new SocketDescriptor({ fd: socket.fileno() });
    expect(owner.getsockname()).toEqual(socket.getsockname());
    owner.close();
    expect(() => socket.getsockname()).toThrow(expect.objectContaining({ code: 'EBADF' }));
  });
});
