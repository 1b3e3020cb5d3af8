/** The three lists of `select`, on whatever has a descriptor. */
import { closeSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import {
  attach,
  BadDescriptorError,
  InterruptedError,
  InvalidArgumentError,
} from '@wireline/socket';
import * as awaited from '@wireline/socket/promises';
import { select } from '@wireline/socket/selectors';
import { ScriptedKernel, type ScriptedStep } from '@wireline/socket/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connection, counting, duplicateOf, kept, libcWith, NOT_OPEN, Pipe } from './scene.ts';

const A_WHILE_MS = 30;

/** More than the lists of select(2) can have. */
const MANY = 1500;

describe('what is ready comes back', () => {
  test('in the list that it was given in', () => {
    const [readable, quiet] = [new Pipe(), new Pipe()];
    readable.put();
    const readers = [quiet.reader.fd, readable.reader.fd];
    const writers = [quiet.writer.fd, readable.writer.fd];
    expect(select(readers, writers, readers)).toEqual([[readable.reader.fd], writers, []]);
  });

  test('as the very objects: sockets of both faces, of Node, and numbers', async () => {
    const { listener, near } = connection();
    const ours = kept(await awaited.createConnection(listener.getsockname()));
    const nodes = connect(listener.getsockname().port, '127.0.0.1');
    onTestFinished(() => void nodes.destroy());
    await once(nodes, 'connect');
    const attached = attach(nodes);
    const odd = { fileno: () => near.fileno() };
    const all = [near, ours, attached, odd, near.fileno()];
    const [readable, writable] = select([listener], all, []);
    expect(isSame(readable, [listener])).toBe(true);
    expect(isSame(writable, all)).toBe(true);
  });

  test('wherever it was given, and as often', () => {
    const { near, far } = connection();
    far.sendAll(Uint8Array.of(1));
    const [readable, writable, exceptional] = select([near, near], [near], [near]);
    expect(isSame(readable, [near, near])).toBe(true);
    expect(isSame(writable, [near])).toBe(true);
    expect(exceptional).toEqual([]);
  });

  test('in the third list, when urgent data has come', () => {
    const { near, far } = connection();
    expect(select([], [], [near], 0)[2]).toEqual([]);
    far.send(Uint8Array.of(1), { flags: 'MSG_OOB' });
    expect(isSame(select([], [], [near])[2], [near])).toBe(true);
  });

  test('more than 1024 of them', () => {
    const { near, far } = connection();
    const idle = connection().near;
    const fds = Array.from({ length: MANY }, () => duplicateOf(idle).fd);
    far.sendAll(Uint8Array.of(1));
    const last = duplicateOf(near).fd;
    expect(last).toBeGreaterThan(1024);
    expect(select([...fds, last], [], [])).toEqual([[last], [], []]);
    expect(select([], [...fds, last], [])[1]).toHaveLength(MANY + 1);
  });

  test('regular files always', () => {
    const fd = openSync(import.meta.filename, 'r');
    onTestFinished(() => closeSync(fd));
    expect(select([fd], [fd], [fd])).toEqual([[fd], [fd], []]);
  });

  test('what hung up can be read or written; what was reset can be both', () => {
    const pipe = new Pipe();
    pipe.writer.close();
    expect(select([pipe.reader.fd], [], [])).toEqual([[pipe.reader.fd], [], []]);
    const full = new Pipe();
    full.fill();
    full.reader.close(); // it takes nothing, but there is nobody to wait for
    expect(select([], [full.writer.fd], [])).toEqual([[], [full.writer.fd], []]);
    const { near, far } = connection();
    near.sendAll(Uint8Array.of(1));
    far.close();
    const [readable, writable] = select([near], [near], [near]);
    expect([readable.length, writable.length]).toEqual([1, 1]);
  });
});

describe('the time', () => {
  test.each([
    ['nothing to wait for', []],
    ['nothing that comes', () => [new Pipe().reader.fd]],
  ] as const)('passes, with %s', (_, readers) => {
    const before = performance.now();
    const lists = select(typeof readers === 'function' ? readers() : readers, [], [], A_WHILE_MS);
    expect(lists).toEqual([[], [], []]);
    expect(performance.now() - before).toBeGreaterThanOrEqual(A_WHILE_MS);
  });

  test.each([0, -1, -Infinity])('%s does not wait', (none) => {
    const pipe = new Pipe();
    expect(select([pipe.reader.fd], [], [], none)).toEqual([[], [], []]);
    pipe.put();
    expect(select([pipe.reader.fd], [], [], none)).toEqual([[pipe.reader.fd], [], []]);
  });

  test('passes without spinning when what is over was only asked for urgent data', () => {
    const { libc, counts } = counting();
    const { near, far } = connection();
    near.sendAll(Uint8Array.of(1));
    far.close(); // a reset, which poll reports whatever it is asked for
    const before = performance.now();
    expect(select([], [], [near], A_WHILE_MS, { libc })).toEqual([[], [], []]);
    expect(performance.now() - before).toBeGreaterThanOrEqual(A_WHILE_MS);
    expect(counts.poll).toBeLessThan(10);
  });

  test('that is none is a RangeError', () => {
    expect(() => select([], [], [], Number.NaN)).toThrow(RangeError);
    expect(() => select([], [], [], '5' as unknown as number)).toThrow('select for 5 ms');
  });
});

describe('what cannot be waited for is named', () => {
  test('a closed socket', () => {
    const { near, far } = connection();
    near.close();
    const call = (): unknown => select([far], [far, near], [], 0);
    expect(call).toThrow(BadDescriptorError);
    expect(call).toThrow('select writers[1], [Socket -1 inet closed]: ');
  });

  test.each([
    ['a number that was never open', () => NOT_OPEN],
    ['a number that was closed', closedNumber],
  ])('%s', (_, number) => {
    const { reader } = new Pipe();
    const fd = number(); // the last to be opened, so that nobody else has it now
    const call = (): unknown => select([], [], [reader.fd, fd], 0);
    expect(call).toThrow(BadDescriptorError);
    expect(call).toThrow(`select exceptional[1], descriptor ${fd}: `);
  });

  test.each([-1, 1.5, 2 ** 31])('%s, which is no descriptor', (fd) => {
    expect(() => select([fd], [], [], 0)).toThrow(`select readers[0], descriptor ${fd}: `);
  });

  test('something else altogether', () => {
    const wrong = ['socket', null, {}] as unknown as number[];
    for (const what of wrong) {
      expect(() => select([what], [], [], 0)).toThrow(TypeError);
      expect(() => select([what], [], [], 0)).toThrow('expected a socket');
    }
  });
});

describe('bad luck', () => {
  function kernel(...script: readonly ScriptedStep[]): ScriptedKernel {
    return new ScriptedKernel({ script });
  }

  test('a signal that nobody handles: it goes on waiting', () => {
    const played = kernel(
      { call: 'poll', fails: 'EINTR' },
      { call: 'poll', returns: 1, fills: pollfd(7, 1, 1) },
    );
    expect(select([7], [], [], null, { libc: played.libc })).toEqual([[7], [], []]);
    played.done();
  });

  test('a signal that is handled ends it, also one that came before', () => {
    const handler = (): void => {};
    process.on('SIGUSR2', handler);
    onTestFinished(() => void process.removeListener('SIGUSR2', handler));
    const played = kernel({ call: 'poll', fails: 'EINTR' });
    expect(() => select([7], [], [], null, { libc: played.libc })).toThrow(InterruptedError);
    played.done();
    const libc = libcWith({ signalWaits: () => true });
    expect(() => select([], [], [], A_WHILE_MS, { libc })).toThrow(InterruptedError);
    expect(select([], [], [], 0, { libc })).toEqual([[], [], []]);
  });

  test('more of them than the process may have descriptors', () => {
    const played = kernel({ call: 'poll', fails: 'EINVAL' });
    const call = (): unknown => select([7], [], [], 10, { libc: played.libc });
    expect(call).toThrow(InvalidArgumentError);
  });
});

/** A pollfd: |fd i32|events u16|revents u16| */
function pollfd(fd: number, events: number, revents: number): Uint8Array {
  return new Uint8Array(new Int32Array([fd, events | (revents << 16)]).buffer);
}

function closedNumber(): number {
  const end = duplicateOf(connection().near);
  end.close();
  return end.fd;
}

/** Whether both have the same things. Sockets are not compared by value, which would receive from them. */
function isSame(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((each, index) => each === right[index]);
}
