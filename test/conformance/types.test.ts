/**
 * What the compiler infers for users of either face: a socket's family decides where it can be bound and connected,
 * and what its addresses have. Nothing here runs but the compiler.
 */
import * as blocking from '@wireline/socket';
import type {
  Address,
  AddressOf,
  ControlMessage,
  Family,
  IncomingMessage,
  IpAddress,
  IpFamily,
  Ipv4Address,
  Ipv6Address,
  Received,
  ReceivedDescriptors,
  ReceivedFlag,
  ReceivedInto,
  UnixAddress,
  Where,
} from '@wireline/socket';
import * as awaited from '@wireline/socket/promises';
import { describe, expect, expectTypeOf, test } from 'vitest';

/** Has the compiler look at `statements`, which are never carried out. */
function expectCompiles(statements: () => unknown): void {
  expect(statements).toBeTypeOf('function');
}

type UnixSocket = blocking.Socket<'unix'>;

describe('addresses', () => {
  test('a family has its addresses', () => {
    expectTypeOf<AddressOf<'inet'>>().toEqualTypeOf<Ipv4Address>();
    expectTypeOf<AddressOf<'inet6'>>().toEqualTypeOf<Ipv6Address>();
    expectTypeOf<AddressOf<'unix'>>().toEqualTypeOf<UnixAddress>();
    expectTypeOf<AddressOf<IpFamily>>().toEqualTypeOf<IpAddress>();
    expectTypeOf<AddressOf<Family>>().toEqualTypeOf<Address>();
  });

  test('and its places', () => {
    expectTypeOf<{ path: string }>().toExtend<Where<'unix'>>();
    expectTypeOf<{ host: string; port: number }>().toExtend<Where<IpFamily>>();
    expectTypeOf<{ path: string }>().not.toExtend<Where<IpFamily>>();
    expectTypeOf<{ host: string; port: number }>().not.toExtend<Where<'unix'>>();
  });
});

describe('sockets', () => {
  test('one of the internet, unless told', () => {
    expectTypeOf<blocking.Socket['family']>().toEqualTypeOf<IpFamily>();
    expectTypeOf<awaited.Socket['family']>().toEqualTypeOf<IpFamily>();
    expectCompiles(() => {
      expectTypeOf(new blocking.Socket().getsockname().port).toBeNumber();
      expectTypeOf(new awaited.Socket().getpeername().host).toBeString();
      expectTypeOf(new blocking.Socket({ type: 'dgram' }).getsockname()).toEqualTypeOf<IpAddress>();
    });
  });

  test('the family that it is told', () => {
    expectCompiles(() => {
      const [one, other] = [
        new blocking.Socket({ family: 'unix' }),
        new awaited.Socket({ family: 'unix', type: 'seqpacket' }),
      ];
      expectTypeOf(one).toEqualTypeOf<UnixSocket>();
      expectTypeOf(other).toEqualTypeOf<awaited.Socket<'unix'>>();
      expectTypeOf(one.getsockname()).toEqualTypeOf<UnixAddress>();
      expectTypeOf(other.getpeername()).toEqualTypeOf<UnixAddress>();
      expectTypeOf(one.accept().address.path).toBeString();
      expectTypeOf(one.accept().socket).toEqualTypeOf<UnixSocket>();
      expectTypeOf(one.dup()).toEqualTypeOf<UnixSocket>();
      const six = new blocking.Socket({ family: 'inet6' });
      expectTypeOf(six.getsockname().scopeId).toBeNumber();
    });
  });

  test('any socket', () => {
    expectTypeOf<blocking.Socket>().toExtend<blocking.Socket<Family>>();
    expectTypeOf<UnixSocket>().toExtend<blocking.Socket<Family>>();
    expectTypeOf<awaited.Socket<'unix'>>().toExtend<awaited.Socket<Family>>();
    expectCompiles(() => {
      const socket = blocking.fromFd(0);
      expectTypeOf(socket).toEqualTypeOf<blocking.Socket<Family>>();
      expectTypeOf(awaited.fromFd(0)).toEqualTypeOf<awaited.Socket<Family>>();
      const address = socket.getsockname();
      // @ts-expect-error -- it may be a Unix socket's
      expectTypeOf(address.port).toBeNumber();
      if (address.family !== 'unix') expectTypeOf(address.port).toBeNumber();
    });
  });
});

describe('where to', () => {
  test('a socket of the internet has no paths', () => {
    expectCompiles(async () => {
      const [one, other] = [new blocking.Socket(), new awaited.Socket()];
      // @ts-expect-error -- it needs a host and a port
      one.connect({ path: '/run/service.sock' });
      // @ts-expect-error -- it needs a host and a port
      await other.bind({ path: '/run/service.sock' });
      // @ts-expect-error -- it needs a host and a port
      one.sendTo(new Uint8Array(1), { path: '/run/service.sock' });
      // @ts-expect-error -- it needs a host and a port
      await other.sendMsg({ parts: [], to: { path: '/run/service.sock' } });
      // @ts-expect-error -- the address is of another family
      new blocking.Socket({ family: 'inet6' }).bind({ family: 'inet', host: '', port: 0 });
      one.connect({ host: 'localhost', port: 80 });
      one.connect({ family: 'inet', host: '127.0.0.1', port: 80 });
      await other.sendMsg({ parts: [], to: { host: 'localhost', port: 80 } });
    });
  });

  test('a Unix socket has no hosts', () => {
    expectCompiles(async () => {
      const [one, other] = [
        new blocking.Socket({ family: 'unix' }),
        new awaited.Socket({ family: 'unix' }),
      ];
      // @ts-expect-error -- it needs a path
      one.connect({ host: 'localhost', port: 80 });
      // @ts-expect-error -- it needs a path
      await other.sendTo(new Uint8Array(1), { host: 'localhost', port: 80 });
      one.connect({ path: '/run/service.sock' });
      await other.bind({ family: 'unix', path: '' });
    });
  });
});

describe('in one call', () => {
  test('a server, a connection, a pair', () => {
    expectCompiles(async () => {
      const [path, host] = [{ path: '' }, { host: '', port: 0 }];
      expectTypeOf(blocking.createServer(host)).toEqualTypeOf<blocking.Socket>();
      expectTypeOf(blocking.createServer(path)).toEqualTypeOf<UnixSocket>();
      expectTypeOf(blocking.createConnection(host)).toEqualTypeOf<blocking.Socket>();
      expectTypeOf(blocking.createConnection(path)).toEqualTypeOf<UnixSocket>();
      expectTypeOf(await awaited.createServer(host)).toEqualTypeOf<awaited.Socket>();
      expectTypeOf(await awaited.createServer(path)).toEqualTypeOf<awaited.Socket<'unix'>>();
      expectTypeOf(await awaited.createConnection(host)).toEqualTypeOf<awaited.Socket>();
      expectTypeOf(await awaited.createConnection(path)).toEqualTypeOf<awaited.Socket<'unix'>>();
      expectTypeOf(blocking.socketpair()).toEqualTypeOf<[one: UnixSocket, other: UnixSocket]>();
      expectTypeOf(awaited.socketpair()[1]).toEqualTypeOf<awaited.Socket<'unix'>>();
      const either = path as Where;
      expectTypeOf(blocking.createServer(either)).toEqualTypeOf<blocking.Socket<Family>>();
      // @ts-expect-error -- neither a place nor a path
      blocking.createServer({ port: 80 });
      // @ts-expect-error -- pairs are of three types
      blocking.socketpair({ type: 'raw' });
    });
  });
});

describe('messages', () => {
  test('from whom they come', () => {
    expectCompiles(async () => {
      const [one, other] = [new blocking.Socket({ family: 'unix' }), new awaited.Socket()];
      expectTypeOf(one.recvFrom(1)).toEqualTypeOf<Received<'unix'>>();
      expectTypeOf(one.recvFrom(1).address).toEqualTypeOf<UnixAddress>();
      expectTypeOf(one.recvFromInto(new Uint8Array(1))).toEqualTypeOf<ReceivedInto<'unix'>>();
      expectTypeOf((await other.recvFrom(1)).address).toEqualTypeOf<IpAddress>();
      expectTypeOf((await other.recvMsg(1)).address.port).toBeNumber();
      expectTypeOf(await other.recvMsg(1)).toEqualTypeOf<IncomingMessage<IpFamily>>();
      expectTypeOf(one.recvFds(1, 1)).toEqualTypeOf<ReceivedDescriptors>();
    });
  });

  test('control messages are told apart by their type', () => {
    expectCompiles((): void => {
      const { control, flags } = new blocking.Socket().recvMsg(1);
      expectTypeOf(flags).toEqualTypeOf<readonly ReceivedFlag[]>();
      for (const message of control) {
        if (message.type === 'SCM_RIGHTS')
          expectTypeOf(message.fds).toEqualTypeOf<readonly number[]>();
        else if (message.type === 'SCM_CREDENTIALS') expectTypeOf(message.pid).toBeNumber();
        else expectTypeOf(message.data).toEqualTypeOf<Uint8Array>();
      }
    });
    expectTypeOf<{ type: 'SCM_RIGHTS'; fds: number[] }>().toExtend<ControlMessage>();
    expectTypeOf<{ type: 'SCM_RIGHTS' }>().not.toExtend<ControlMessage>();
    expectTypeOf<{
      level: number;
      type: 'SCM_FOO';
      data: Uint8Array;
    }>().not.toExtend<ControlMessage>();
  });
});
