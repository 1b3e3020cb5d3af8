/** A stream over a socket, on a kernel that follows a script: rare luck, and which calls are made. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { InterruptedError, SocketClosedError, type SystemError } from '../errors.ts';
import { EventLoop } from '../event-loop/event-loop.ts';
import { SocketDescriptor } from '../descriptor/socket-descriptor.ts';
import { encodeSockaddr } from '../libc/layouts.ts';
import { ManualClock, ScriptedKernel, type ScriptedStep } from '../testing/index.ts';
import type { SocketDuplexOptions } from './connection-stream.ts';
import { toDuplex } from './to-duplex.ts';

const FD = 5;
const [ADD, DEL, MOD] = [1, 2, 3];
const [IN, OUT, ERR, HUP] = [1, 4, 8, 16];
const PEER = { family: 'inet', host: '192.0.2.1', port: 7 } as const;

const receives = (text: string): ScriptedStep => ({
  call: 'recv',
  returns: text.length,
  fills: Buffer.from(text),
});
const BLOCKS: ScriptedStep = { call: 'recv', fails: 'EAGAIN' };
const END: ScriptedStep = { call: 'recv', returns: 0 };

/** A stream whose kernel plays `script`. */
function streamOver(script: readonly ScriptedStep[] = [], options: SocketDuplexOptions = {}) {
  const kernel = new ScriptedKernel({
    always: {
      epollCreate1: { returns: 3 },
      epollCtl: { returns: 0 },
      close: { returns: 0 },
      // SO_ACCEPTCONN: it does not listen.
      getsockopt: { returns: 0, fills: new Uint8Array(4) },
      getsockname: { returns: 0, fills: encodeSockaddr({ ...PEER, host: '192.0.2.9' }) },
      getpeername: { returns: 0, fills: encodeSockaddr(PEER) },
    },
  });
  kernel.expect(...script);
  const { libc } = kernel;
  const loop = new EventLoop({ libc });
  const clock = new ManualClock();
  const socket = new SocketDescriptor({ fd: FD, libc });
  const stream = toDuplex(socket, { libc, loop, clock, ...options });
  const errors: SystemError[] = [];
  stream.on('error', (error: SystemError) => errors.push(error));
  onTestFinished(() => {
    stream.destroy();
    loop.close();
  });

  /** What was asked of epoll: operation and interest. */
  const changes = (): unknown[] =>
    kernel.calls
      .filter(({ call }) => call === 'epollCtl')
      .map(({ arguments: [, operation, , bits] }) => [operation, bits]);
  const count = (name: string): number => kernel.calls.filter(({ call }) => call === name).length;
  return { kernel, loop, clock, stream, errors, changes, count };
}

/** Lets ticks, promises and a turn of Node's loop pass. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('what is written', () => {
  test('goes at once, and in one piece where it was corked', async () => {
    const { kernel, stream, count, changes } = streamOver([{ call: 'send', returns: 6 }]);
    stream.cork();
    for (const word of ['ab', 'cd', 'ef']) stream.write(word);
    stream.uncork();
    await settle();
    kernel.done();
    expect(count('send')).toBe(1);
    expect(changes(), 'only what comes is waited for').toEqual([[ADD, IN]]);
    expect(stream.bytesWritten).toBe(6);
  });

  test('waits for writable with what the kernel did not take, and calls back behind it', async () => {
    const { kernel, stream, changes } = streamOver([
      { call: 'send', returns: 4 },
      { call: 'send', fails: 'EAGAIN' },
    ]);
    const told: string[] = [];
    stream.write('abcdef', () => told.push('first'));
    stream.write('gh', () => told.push('second'));
    await settle();
    kernel.done();
    expect(told).toEqual([]);
    expect(stream.bytesWritten).toBe(8);
    kernel.expect({ call: 'send', returns: 1 }, { call: 'send', fails: 'EAGAIN' });
    await kernel.turn({ fd: FD, bits: OUT });
    expect(told).toEqual([]);
    kernel.expect({ call: 'send', returns: 1 }, { call: 'send', returns: 2 });
    await kernel.turn({ fd: FD, bits: OUT });
    await settle();
    kernel.done();
    expect(told).toEqual(['first', 'second']);
    expect(changes()).toEqual([
      [ADD, IN],
      [MOD, IN | OUT],
      [MOD, IN],
    ]);
  });

  test('fails: its callback and the stream hear why, once', async () => {
    const { stream, errors, count } = streamOver([{ call: 'send', fails: 'EPIPE' }]);
    const told: unknown[] = [];
    stream.write('a', (error) => told.push(error));
    await settle();
    expect(errors.map(({ code }) => code)).toEqual(['EPIPE']);
    expect(told).toEqual(errors);
    expect(count('close')).toBe(1);
  });

  test('and still waits when the stream is destroyed: its callback hears that it was not sent', async () => {
    const { stream, errors } = streamOver([{ call: 'send', fails: 'EAGAIN' }]);
    const told: unknown[] = [];
    stream.write('a', (error) => told.push(error));
    stream.write('b', (error) => told.push(error));
    stream.destroy();
    await settle();
    expect(told).toHaveLength(2);
    expect(told[0]).toBeInstanceOf(SocketClosedError);
    expect(errors).toEqual([]);
  });

  test('cannot be waited for: the stream is over', async () => {
    const { stream, errors, count } = streamOver([
      { call: 'send', fails: 'EAGAIN' },
      { call: 'epollCtl', fails: 'ENOSPC' },
    ]);
    stream.write('a');
    await settle();
    expect(errors.map(({ code }) => code)).toEqual(['ENOSPC']);
    expect(count('close')).toBe(1);
  });
});

describe('what is read', () => {
  test('is received once a turn, and asking for it costs one call to epoll in all', async () => {
    const { kernel, stream, changes } = streamOver();
    const chunks: string[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
    await settle();
    for (const text of ['one', 'two', 'three']) {
      kernel.expect(receives(text));
      await kernel.turn({ fd: FD, bits: IN });
      await settle();
    }
    kernel.done();
    expect(chunks).toEqual(['one', 'two', 'three']);
    expect(stream.bytesRead).toBe(11);
    expect(changes()).toEqual([[ADD, IN]]);
  });

  test('and would block after all: nothing happens', async () => {
    const { kernel, stream, errors } = streamOver();
    stream.resume();
    await settle();
    kernel.expect(BLOCKS);
    await kernel.turn({ fd: FD, bits: IN });
    expect(errors).toEqual([]);
    expect(stream.destroyed).toBe(false);
  });

  test('is not received when nobody wants it; interest is taken back once, and comes again', async () => {
    const { kernel, stream, changes } = streamOver([], { readableHighWaterMark: 4 });
    stream.on('readable', () => {});
    await settle();
    kernel.expect(receives('abcd'));
    await kernel.turn({ fd: FD, bits: IN });
    await settle();
    for (let i = 0; i < 3; i++) await kernel.turn({ fd: FD, bits: IN });
    expect(changes()).toEqual([
      [ADD, IN],
      [MOD, 0],
    ]);
    expect(String(stream.read())).toBe('abcd');
    await settle();
    expect(changes().at(-1)).toEqual([MOD, IN]);
    kernel.done();
  });

  test('is the end: it is told once, and the other direction ends too', async () => {
    const { kernel, stream, count } = streamOver();
    const told: string[] = [];
    for (const event of ['end', 'finish', 'close']) stream.on(event, () => told.push(event));
    stream.resume();
    await settle();
    kernel.expect(END, { call: 'shutdown', returns: 0 });
    await kernel.turn({ fd: FD, bits: IN });
    await settle();
    expect(told).toEqual(['end', 'finish', 'close']);
    expect(count('close')).toBe(1);
    kernel.done();
  });

  test('is the end, with allowHalfOpen: the other direction stays', async () => {
    const { kernel, stream, changes, count } = streamOver([], { allowHalfOpen: true });
    stream.resume();
    await settle();
    kernel.expect(END);
    await kernel.turn({ fd: FD, bits: IN });
    await settle();
    expect(stream.writable).toBe(true);
    expect(changes(), 'the end is reported turn after turn').toEqual([
      [ADD, IN],
      [MOD, 0],
    ]);
    kernel.expect({ call: 'send', returns: 1 }, { call: 'shutdown', returns: 0 });
    stream.end('a');
    await settle();
    kernel.done();
    expect(count('close')).toBe(1);
  });

  test('fails: the stream is over', async () => {
    const { kernel, stream, errors, count } = streamOver();
    stream.resume();
    await settle();
    kernel.expect({ call: 'recv', fails: 'ECONNRESET' });
    await kernel.turn({ fd: FD, bits: IN | ERR | HUP });
    await settle();
    expect(errors.map(({ code, syscall }) => [code, syscall])).toEqual([['ECONNRESET', 'recv']]);
    expect(count('close')).toBe(1);
  });

  test('destroys the stream in its own handler: nothing more is asked of the kernel', async () => {
    const { kernel, stream, changes } = streamOver();
    stream.on('data', () => stream.destroy());
    await settle();
    kernel.expect(receives('a'), { call: 'close', returns: 0 });
    await kernel.turn({ fd: FD, bits: IN });
    await settle();
    expect(kernel.callNames.at(-1)).toBe('close');
    expect(changes().at(-1)).toEqual([DEL, expect.anything()]);
  });

  test('cannot be watched: the stream is over', async () => {
    const { stream, errors, count } = streamOver([{ call: 'epollCtl', fails: 'ENOMEM' }]);
    stream.resume();
    await settle();
    expect(errors.map(({ code }) => code)).toEqual(['ENOMEM']);
    expect(count('close')).toBe(1);
  });

  test('begins with what was received already', async () => {
    const { kernel, stream } = streamOver([], { head: Buffer.from('before ') });
    const chunks: string[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
    await settle();
    kernel.expect(receives('after'));
    await kernel.turn({ fd: FD, bits: IN });
    expect(chunks.join('')).toBe('before after');
  });
});

describe('a hang-up', () => {
  test('that nobody waits for is not reported turn after turn', async () => {
    const { kernel, stream, changes, loop } = streamOver([], { readableHighWaterMark: 1 });
    stream.on('readable', () => {});
    await settle();
    kernel.expect(receives('a'));
    await kernel.turn({ fd: FD, bits: IN });
    await kernel.turn({ fd: FD, bits: IN | HUP });
    expect(changes().at(-1)).toEqual([DEL, expect.anything()]);
    expect(loop.size).toBe(0);
    // Whoever reads on gets the rest.
    expect(String(stream.read())).toBe('a');
    await settle();
    expect(loop.size).toBe(1);
    kernel.expect(receives('b'));
    await kernel.turn({ fd: FD, bits: IN | HUP });
    expect(String(stream.read())).toBe('b');
    kernel.done();
  });

  test('fails the write that waits', async () => {
    const { kernel, stream, errors } = streamOver([{ call: 'send', fails: 'EAGAIN' }]);
    stream.write('a');
    await settle();
    kernel.expect(BLOCKS, { call: 'send', fails: 'ECONNRESET' });
    await kernel.turn({ fd: FD, bits: OUT | ERR | HUP });
    await settle();
    expect(errors.map(({ code }) => code)).toEqual(['ECONNRESET']);
  });

  test('that is a report which nobody reads is thrown away, and does not wake it again', async () => {
    const { kernel, stream, errors } = streamOver();
    stream.resume();
    await settle();
    // The queue of errors: one report, and no more.
    kernel.expect(BLOCKS, { call: 'recv', returns: 0 }, BLOCKS);
    await kernel.turn({ fd: FD, bits: ERR });
    kernel.done();
    expect(errors).toEqual([]);
    expect(stream.destroyed).toBe(false);
  });
});

describe('the end of writing', () => {
  test('of a connection that is over already is no error', async () => {
    const { stream, errors } = streamOver([{ call: 'shutdown', fails: 'ENOTCONN' }]);
    stream.end();
    await settle();
    expect(errors).toEqual([]);
    expect(stream.writableFinished).toBe(true);
  });

  test('that fails otherwise is one', async () => {
    const { stream, errors } = streamOver([{ call: 'shutdown', fails: 'EINVAL' }]);
    stream.end();
    await settle();
    expect(errors.map(({ code }) => code)).toEqual(['EINVAL']);
  });
});

describe('the event loop', () => {
  test('is closed: the stream is over, and says why', async () => {
    const { stream, loop, errors } = streamOver();
    stream.resume();
    await settle();
    loop.close();
    await settle();
    expect(errors[0]).toBeInstanceOf(SocketClosedError);
    expect(stream.fileno()).toBe(-1);
  });

  test('is interrupted: a stream does not notice', async () => {
    const { stream, loop, errors } = streamOver([{ call: 'send', fails: 'EAGAIN' }]);
    stream.resume();
    stream.write('a');
    await settle();
    loop.interrupt();
    await settle();
    expect(errors.filter((error) => error instanceof InterruptedError)).toEqual([]);
    expect(stream.destroyed).toBe(false);
  });
});

describe('the time-out', () => {
  test('comes after silence, and bytes in either direction put it off', async () => {
    const { kernel, stream, clock } = streamOver();
    let timeouts = 0;
    stream.on('timeout', () => timeouts++);
    stream.resume();
    expect(stream.setTimeout(100).timeout).toBe(100);
    await settle();
    clock.advance(99);
    kernel.expect(receives('a'));
    await kernel.turn({ fd: FD, bits: IN });
    clock.advance(99);
    kernel.expect({ call: 'send', returns: 1 });
    stream.write('b');
    clock.advance(99);
    expect(timeouts).toBe(0);
    clock.advance(1);
    expect(timeouts).toBe(1);
    clock.advance(1000);
    expect(timeouts, 'it is said once').toBe(1);
    kernel.expect(receives('c'));
    await kernel.turn({ fd: FD, bits: IN });
    clock.advance(100);
    expect(timeouts, 'until something happens').toBe(2);
    expect(stream.destroyed).toBe(false);
  });

  test('of 0 is none, and takes its listener back', () => {
    const { stream, clock } = streamOver();
    const listener = (): void => {};
    stream.setTimeout(100, listener);
    expect(stream.listeners('timeout')).toContain(listener);
    stream.setTimeout(0, listener);
    expect(stream.listeners('timeout')).toEqual([]);
    expect(stream.timeout).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  test.each([-1, NaN])('of %s is refused, and the one before stays', (ms) => {
    const { stream } = streamOver();
    stream.setTimeout(100);
    expect(() => stream.setTimeout(ms)).toThrow(RangeError);
    expect(stream.timeout).toBe(100);
  });

  test('does not outlive the stream', async () => {
    const { stream, clock } = streamOver();
    stream.setTimeout(100);
    stream.destroy();
    await settle();
    expect(clock.pending).toBe(0);
  });
});

describe('what it says of itself', () => {
  test('is known after the connection is over', async () => {
    const { stream } = streamOver();
    stream.destroy();
    await settle();
    const { remoteAddress, remotePort, remoteFamily, localAddress, localPort, localFamily } =
      stream;
    expect([remoteAddress, remotePort, remoteFamily]).toEqual(['192.0.2.1', 7, 'IPv4']);
    expect([localAddress, localPort, localFamily]).toEqual(['192.0.2.9', 7, 'IPv4']);
    expect(stream.address()).toEqual({ address: '192.0.2.9', port: 7, family: 'IPv4' });
  });

  test('is nothing where the connection is over from the beginning', () => {
    const { stream } = streamOver([{ call: 'getpeername', fails: 'ENOTCONN' }]);
    expect(stream.remoteAddress).toBeUndefined();
    expect(stream.localPort).toBe(7);
  });
});
