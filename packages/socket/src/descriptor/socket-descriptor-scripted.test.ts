/**
 * What real kernels do rarely: interruptions, odd errors, short writes at a chosen byte.
 */
import { describe, expect, test } from 'vitest';
import { ResourceExhaustedError, SystemError } from '../errors.ts';
import { encodeSockaddr } from '../libc/layouts.ts';
import { WOULD_BLOCK } from '../libc/syscall.ts';
import { SocketDescriptor } from './socket-descriptor.ts';
import {
  ScriptedKernel,
  type ScriptedAnswer,
  type ScriptedCall,
  type ScriptedStep,
} from '../testing/index.ts';

const FD = 5;
const PEER = { family: 'inet', host: '192.0.2.1', port: 7 } as const;
const SOME = new Uint8Array(10);

/** A socket whose calls after the first, `socket`, are scripted. */
function scripted(...script: readonly ScriptedStep[]): {
  kernel: ScriptedKernel;
  socket: SocketDescriptor;
} {
  const kernel = new ScriptedKernel({ script: [{ call: 'socket', returns: FD }, ...script] });
  return { kernel, socket: new SocketDescriptor({ libc: kernel.libc }) };
}

interface CallCase {
  readonly call: ScriptedCall;
  readonly make: (socket: SocketDescriptor) => unknown;
  readonly answer: ScriptedAnswer;
  readonly result: unknown;
  /** Whether it may have to wait. */
  readonly waits?: true;
}

const sockaddr = encodeSockaddr(PEER);
const CALLS: readonly CallCase[] = [
  { call: 'bind', make: (s) => s.bind(PEER), answer: { returns: 0 }, result: undefined },
  { call: 'listen', make: (s) => s.listen(), answer: { returns: 0 }, result: undefined },
  {
    call: 'accept4',
    make: (s) => s.tryAccept(),
    answer: { returns: 6, fills: sockaddr },
    result: { socket: expect.any(SocketDescriptor), address: PEER },
    waits: true,
  },
  {
    call: 'recv',
    make: (s) => s.tryRecvInto(SOME),
    answer: { returns: 3 },
    result: 3,
    waits: true,
  },
  { call: 'send', make: (s) => s.trySend(SOME), answer: { returns: 4 }, result: 4, waits: true },
  { call: 'shutdown', make: (s) => s.shutdown('read'), answer: { returns: 0 }, result: undefined },
  {
    call: 'getsockname',
    make: (s) => s.getsockname(),
    answer: { returns: 0, fills: sockaddr },
    result: PEER,
  },
  {
    call: 'getpeername',
    make: (s) => s.getpeername(),
    answer: { returns: 0, fills: sockaddr },
    result: PEER,
  },
  {
    call: 'setsockopt',
    make: (s) => s.setsockopt('TCP_NODELAY', true),
    answer: { returns: 0 },
    result: undefined,
  },
  {
    call: 'getsockopt',
    make: (s) => s.getsockopt('SO_ERROR'),
    answer: { returns: 0, fills: Uint8Array.of(111, 0, 0, 0) },
    result: 111,
  },
];

describe.each(CALLS)('$call', ({ call, make, answer, result, waits }) => {
  test('is repeated when a signal interrupted it', () => {
    const interrupted = { call, fails: 'EINTR' } as const;
    const { kernel, socket } = scripted(interrupted, interrupted, { call, ...answer });
    expect(make(socket)).toEqual(result);
    kernel.done();
  });

  test(`EAGAIN is ${waits ? 'would-block' : 'an error like any other'}`, () => {
    const { kernel, socket } = scripted({ call, fails: 'EAGAIN' });
    const outcome = (): unknown => {
      try {
        return make(socket);
      } catch (error) {
        return error instanceof SystemError ? error.code : error;
      }
    };
    expect(outcome()).toBe(waits ? WOULD_BLOCK : 'EAGAIN');
    kernel.done();
  });

  test('fails once, with the name of the call', () => {
    const { kernel, socket } = scripted({ call, fails: 'EBADF', fd: FD });
    expect(() => make(socket)).toThrow(expect.objectContaining({ code: 'EBADF', syscall: call }));
    kernel.done();
  });

  test('an error without a name carries its number', () => {
    const { socket } = scripted({ call, fails: 130 });
    expect(() => make(socket)).toThrow(expect.objectContaining({ code: 'ERRNO_130', errno: 130 }));
  });
});

test('what is asked of the kernel: stream, non-blocking, close-on-exec, and no SIGPIPE', () => {
  const { kernel, socket } = scripted(
    { call: 'accept4', returns: 6, fills: sockaddr },
    { call: 'send', returns: 10 },
  );
  socket.tryAccept();
  socket.trySend(SOME);
  const [open, accept, send] = kernel.calls;
  expect(open?.arguments).toEqual([2, 1 | 0o4000 | 0o2000000, 0]);
  expect(accept?.arguments[3]).toBe(0o4000 | 0o2000000);
  expect(send?.arguments[3]).toBe(0x4000);
});

test('a socket that cannot be opened', () => {
  const kernel = new ScriptedKernel({ script: [{ call: 'socket', fails: 'EMFILE' }] });
  expect(() => new SocketDescriptor({ libc: kernel.libc })).toThrow(ResourceExhaustedError);
});

describe('connectEx returns the error number and never repeats the call', () => {
  test.each([
    [0, { returns: 0 }],
    [115, { fails: 'EINPROGRESS' }],
    [4, { fails: 'EINTR' }],
    [111, { fails: 'ECONNREFUSED' }],
  ] as const)('%d', (errno, answer) => {
    const { kernel, socket } = scripted({ call: 'connect', ...answer });
    expect(socket.tryConnectEx(PEER)).toBe(errno);
    kernel.done();
  });
});

test.each(['EINTR', 'EIO'] as const)('close that fails with %s is not repeated', (fails) => {
  const { kernel, socket } = scripted({ call: 'close', fails });
  socket.close();
  socket.close();
  expect(kernel.callNames).toEqual(['socket', 'close']);
  expect(socket.closed).toBe(true);
});

test('the peer that closed while being accepted leaves the listener as it was', () => {
  const { kernel, socket } = scripted(
    { call: 'accept4', fails: 'ECONNABORTED' },
    { call: 'accept4', returns: 6, fills: sockaddr },
  );
  expect(() => socket.tryAccept()).toThrow(expect.objectContaining({ code: 'ECONNABORTED' }));
  expect(socket.tryAccept()).toMatchObject({ address: PEER });
  kernel.done();
});
