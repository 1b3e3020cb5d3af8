/**
 * The contract of selectors, as tests: what `Selector` promises, tried on one implementation with real descriptors.
 *
 * Where implementations may differ, the contract says in which ways, and a profile says in which of them this one
 * does.
 */
import { closeSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import { getEventListeners, once } from 'node:events';
import {
  attach,
  BadDescriptorError,
  InterruptedError,
  PermissionError,
  Socket,
  UnsupportedPlatformError,
  WOULD_BLOCK,
  type Libc,
} from '@wireline/socket';
import { currentEventLoop, EventLoop } from '@wireline/socket/event-loop';
import * as awaited from '@wireline/socket/promises';
import {
  AlreadyRegisteredError,
  EVENT_HANGUP,
  EVENT_READ,
  EVENT_WRITE,
  NotRegisteredError,
  SelectorBusyError,
  SelectorClosedError,
  type SelectorOptions,
  type SelectorInterest,
  type Trigger,
} from '@wireline/socket/selectors';
import { ManualClock } from '@wireline/socket/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  byDescriptor,
  connection,
  counting,
  duplicateOf,
  End,
  kept,
  libcWith,
  NOT_OPEN,
  Pipe,
  WAITS,
  type TestSelector,
} from './scene.ts';

/** An implementation, and in which of the ways that are allowed it goes. */
export interface Profile {
  /** What it is called. */
  readonly name: string;
  readonly make: (options?: SelectorOptions) => TestSelector;
  /** Whether it knows edges. */
  readonly hasEdges: boolean;
  /** What becomes of regular files. */
  readonly files: 'refused' | 'always ready';
}

/** Long enough to tell a wait from none, short enough for a test that runs into it. */
const A_WHILE_MS = 30;

/** More than one wait of any implementation returns. */
const MANY = 2500;

/** Runs the contract; it is skipped where the implementation says that it is unsupported. */
export function selectorContract(profile: Profile): void {
  const { name, make } = profile;
  const reason = whyUnsupported(make);
  const skipped = reason === undefined ? '' : ` (skipped: ${reason})`;
  describe.skipIf(reason !== undefined)(`${name}${skipped}`, () => {
    runContract(profile);
  });
}

/** Why it cannot be made here, in its own words; undefined when it can. */
function whyUnsupported(make: Profile['make']): string | undefined {
  try {
    make().close();
    return undefined;
  } catch (error) {
    if (error instanceof UnsupportedPlatformError) return error.message;
    throw error;
  }
}

function runContract({ make, hasEdges, files }: Profile): void {
  /** A selector that is closed when the test is over. */
  function made(options?: SelectorOptions): TestSelector {
    return kept(make(options));
  }

  describe('registering', () => {
    test('gives a key with all that was told', () => {
      const selector = made();
      const { near } = connection();
      const key = selector.register(near, 'read-write', 'data', { oneShot: true });
      const { fileObject, ...rest } = key;
      // Not compared by value, which would receive from it: it can be iterated over.
      expect(fileObject === near).toBe(true);
      expect(rest).toEqual({
        fd: near.fileno(),
        interest: 'read-write',
        data: 'data',
        trigger: 'level',
        oneShot: true,
      });
      expect(selector.getKey(near)).toBe(key);
      expect(selector.getKey(near.fileno())).toBe(key);
    });

    test('a number, or anything with a fileno, is as good as a socket', () => {
      const selector = made();
      const { reader, writer } = new Pipe();
      const odd = { fileno: () => writer.fd };
      const keys = [selector.register(reader.fd, 'read'), selector.register(odd, 'write')];
      expect(keys.map(({ fileObject, fd }) => [fileObject, fd])).toEqual([
        [reader.fd, reader.fd],
        [odd, writer.fd],
      ]);
      expect(selector.getKey(writer.fd).fileObject).toBe(odd);
      expect(byDescriptor(selector.select(0))).toEqual({ [writer.fd]: EVENT_WRITE });
    });

    test('sockets of the awaited face, and of Node', async () => {
      const selector = made();
      const { listener } = connection();
      const ours = kept(await awaited.createConnection(listener.getsockname()));
      const nodes = connect(listener.getsockname().port, '127.0.0.1');
      onTestFinished(() => void nodes.destroy());
      await once(nodes, 'connect');
      selector.register(ours, 'write');
      selector.register(attach(nodes), 'write');
      expect(byDescriptor(selector.select(0))).toEqual({
        [ours.fileno()]: EVENT_WRITE,
        [attach(nodes).fileno()]: EVENT_WRITE,
      });
    });

    test('the map has all keys, as they are', () => {
      const selector = made();
      const { reader, writer } = new Pipe();
      const map = selector.getMap();
      expect([selector.size, map.size]).toEqual([0, 0]);
      const key = selector.register(reader.fd, 'read', 'first');
      selector.register(writer.fd, 'write');
      expect([selector.size, map.get(reader.fd)]).toEqual([2, key]);
      selector.unregister(writer.fd);
      const changed = selector.modify(reader.fd, 'read', 'second');
      expect([...map]).toEqual([[reader.fd, changed]]);
      expect([selector.size, map.get(reader.fd)?.data]).toEqual([1, 'second']);
    });

    test('twice is an error, by object and by number, and changes nothing', () => {
      const selector = made();
      const { near } = connection();
      const key = selector.register(near, 'read', 'first');
      const copy = { fileno: () => near.fileno() };
      for (const what of [near, near.fileno(), copy]) {
        expect(() => selector.register(what, 'write')).toThrow(AlreadyRegisteredError);
      }
      expect([...selector.getMap().values()]).toEqual([key]);
      expect(selector.select(0)).toEqual([]); // not for writing
    });

    test.each([
      ['a number that is not open', () => NOT_OPEN],
      ['a number that was closed', closedNumber],
      ['-1', () => -1],
      ['no whole number', () => 1.5],
      ['no number', () => Number.NaN],
      ['more than a descriptor can be', () => 2 ** 31],
    ])('%s is a BadDescriptorError', (_, number) => {
      const selector = made();
      expect(() => selector.register(number(), 'read')).toThrow(BadDescriptorError);
      expect(selector.size).toBe(0);
    });

    test('a closed socket is a BadDescriptorError that shows it', () => {
      const selector = made();
      const { near } = connection();
      near.close();
      expect(() => selector.register(near, 'read')).toThrow(BadDescriptorError);
      expect(() => selector.register(near, 'read')).toThrow('register [Socket -1 inet closed]: ');
      expect(selector.size).toBe(0);
    });

    test('wrong words and things are TypeErrors', () => {
      const selector = made();
      const { reader } = new Pipe();
      // What callers without types may pass.
      const wrong = {
        interest: 'reading' as SelectorInterest,
        trigger: 'sometimes' as Trigger,
        what: 'socket' as unknown as number,
        object: {} as unknown as number,
      };
      const calls = [
        () => selector.register(reader.fd, wrong.interest),
        () => selector.register(reader.fd, 'none' as SelectorInterest),
        () => selector.register(reader.fd, 'read', '', { trigger: wrong.trigger }),
        () => selector.register(wrong.what, 'read'),
        () => selector.register(wrong.object, 'read'),
      ];
      for (const call of calls) expect(call).toThrow(TypeError);
      expect(selector.size).toBe(0);
      selector.register(reader.fd, 'read');
      expect(() => selector.modify(reader.fd, wrong.interest)).toThrow("expected 'read', 'write'");
    });

    test('what is not registered is a NotRegisteredError', () => {
      const selector = made();
      const { near, far } = connection();
      selector.register(near, 'read');
      selector.unregister(near);
      for (const what of [near, far, near.fileno(), NOT_OPEN]) {
        expect(() => selector.modify(what, 'read')).toThrow(NotRegisteredError);
        expect(() => selector.unregister(what)).toThrow(NotRegisteredError);
        expect(() => selector.getKey(what)).toThrow(NotRegisteredError);
      }
    });

    test('unregister gives the key, and the number is free', () => {
      const selector = made();
      const { near } = connection();
      const key = selector.register(near, 'write', 'first');
      expect(selector.unregister(near.fileno())).toBe(key);
      expect(selector.select(0)).toEqual([]);
      selector.register(near, 'write', 'second');
      expect(selector.select(0).map((event) => event.key.data)).toEqual(['second']);
    });
  });

  describe('modify', () => {
    test('changes what is waited for', () => {
      const selector = made();
      const pipe = new Pipe();
      pipe.put();
      const { near } = connection();
      selector.register(near, 'read');
      expect(selector.select(0)).toEqual([]);
      selector.modify(near, 'write');
      expect(byDescriptor(selector.select(0))).toEqual({ [near.fileno()]: EVENT_WRITE });
      selector.modify(near, 'read-write');
      expect(byDescriptor(selector.select(0))).toEqual({ [near.fileno()]: EVENT_WRITE });
      selector.modify(near, 'read');
      expect(selector.select(0)).toEqual([]);
    });

    test('gives another key; what is not given stays', () => {
      const selector = made();
      const { reader } = new Pipe();
      const first = selector.register(reader.fd, 'read', 'data', { oneShot: true });
      const second = selector.modify(reader.fd, 'write');
      expect(second).toEqual({ ...first, interest: 'write' });
      expect(first.interest).toBe('read');
      expect(selector.getKey(reader.fd)).toBe(second);
      const third = selector.modify(reader.fd, 'write', 'other', { oneShot: false });
      expect(third).toEqual({ ...second, data: 'other', oneShot: false });
    });

    test('a change of the data alone shows in the next event', () => {
      const selector = made();
      const pipe = new Pipe();
      selector.register(pipe.reader.fd, 'read', 'first');
      pipe.put();
      selector.modify(pipe.reader.fd, 'read', 'second');
      expect(selector.select(0).map((event) => event.key.data)).toEqual(['second']);
    });

    test('of what was closed is an error, and the key stays as it was', () => {
      const selector = made();
      const { near } = connection();
      const key = selector.register(near, 'read');
      near.close();
      expect(() => selector.modify(near, 'write')).toThrow(BadDescriptorError);
      expect(() => selector.modify(near, 'write')).toThrow('unregister it');
      expect(selector.getKey(near)).toBe(key);
    });

    test('of a number that was closed is an error', () => {
      const selector = made();
      const end = duplicateOf(connection().near);
      selector.register(end.fd, 'read');
      end.close();
      expect(() => selector.modify(end.fd, 'write')).toThrow(BadDescriptorError);
    });
  });

  describe.each(WAITS)('what %s reports', (way, wait) => {
    test('nothing, when the time is over and not before', async () => {
      const selector = made();
      selector.register(new Pipe().reader.fd, 'read');
      const before = performance.now();
      expect(await wait(selector, A_WHILE_MS)).toEqual([]);
      expect(performance.now() - before).toBeGreaterThanOrEqual(A_WHILE_MS);
    });

    test('nothing at once, with a time of 0 or less', async () => {
      const selector = made();
      const pipe = new Pipe();
      selector.register(pipe.reader.fd, 'read');
      for (const none of [0, -1, -Infinity]) expect(await wait(selector, none)).toEqual([]);
      pipe.put();
      for (const none of [0, -1, -Infinity]) expect(await wait(selector, none)).toHaveLength(1);
    });

    test('a time that is none is a RangeError', async () => {
      const selector = made();
      await expect(wait(selector, Number.NaN)).rejects.toThrow(`${way} for NaN ms: `);
      await expect(wait(selector, '5' as unknown as number)).rejects.toThrow(RangeError);
      expect(await wait(selector, 0)).toEqual([]); // not busy
    });

    test('nothing registered: the time passes', async () => {
      const before = performance.now();
      expect(await wait(made(), A_WHILE_MS)).toEqual([]);
      expect(performance.now() - before).toBeGreaterThanOrEqual(A_WHILE_MS);
    });

    test('what can be read, as long as it can', async () => {
      const selector = made();
      const pipe = new Pipe();
      const key = selector.register(pipe.reader.fd, 'read', 'the pipe');
      pipe.put();
      pipe.put();
      for (const left of [2, 1]) {
        expect(await wait(selector), `with ${left} bytes`).toEqual([{ key, events: EVENT_READ }]);
        pipe.take();
      }
      expect(await wait(selector, 0)).toEqual([]);
    });

    test('what can be written, and no longer than it can', async () => {
      const selector = made();
      const { near, far } = connection();
      selector.register(near, 'write');
      expect(byDescriptor(await wait(selector))).toEqual({ [near.fileno()]: EVENT_WRITE });
      fill(near);
      expect(await wait(selector, 0)).toEqual([]);
      far.close(); // resets: all that was sent is thrown away
      expect(byDescriptor(await wait(selector))).toEqual({
        [near.fileno()]: EVENT_WRITE | EVENT_HANGUP,
      });
    });

    test('both, where both are asked for', async () => {
      const selector = made();
      const { near, far } = connection();
      selector.register(near, 'read-write');
      far.sendAll(Uint8Array.of(1));
      expect(byDescriptor(await wait(selector))).toEqual({
        [near.fileno()]: EVENT_READ | EVENT_WRITE,
      });
    });

    test('several at once', async () => {
      const selector = made();
      const pipes = [new Pipe(), new Pipe(), new Pipe()];
      for (const { reader } of pipes) selector.register(reader.fd, 'read');
      const [first, , third] = pipes;
      first?.put();
      third?.put();
      expect(byDescriptor(await wait(selector))).toEqual({
        [first?.reader.fd ?? -1]: EVENT_READ,
        [third?.reader.fd ?? -1]: EVENT_READ,
      });
    });

    test('a connection to accept', async () => {
      const selector = made();
      const { listener } = connection();
      selector.register(listener, 'read');
      expect(await wait(selector, 0)).toEqual([]);
      const socket = kept(new Socket());
      socket.connect(listener.getsockname());
      expect(byDescriptor(await wait(selector))).toEqual({ [listener.fileno()]: EVENT_READ });
      const accepted = listener.tryAccept();
      if (accepted === WOULD_BLOCK) throw new Error('it was not to be accepted');
      kept(accepted.socket);
    });

    test('a connect that is decided: it stands, or is refused', async () => {
      const selector = made();
      const { listener } = connection();
      const where = listener.getsockname();
      const standing = nonBlocking();
      standing.connectEx(where);
      selector.register(standing, 'write');
      expect(byDescriptor(await wait(selector))).toEqual({ [standing.fileno()]: EVENT_WRITE });
      selector.unregister(standing);
      listener.close();
      const refused = nonBlocking();
      refused.connectEx(where);
      selector.register(refused, 'write');
      expect(byDescriptor(await wait(selector))).toEqual({
        [refused.fileno()]: EVENT_WRITE | EVENT_HANGUP,
      });
    });

    test("the end of the peer's stream, as something to read and no hang-up", async () => {
      const selector = made();
      const { near, far } = connection();
      selector.register(near, 'read');
      far.shutdown('write');
      expect(byDescriptor(await wait(selector))).toEqual({ [near.fileno()]: EVENT_READ });
      expect(near.recv(1)).toHaveLength(0);
    });

    test.each([
      ['read', EVENT_READ],
      ['write', EVENT_WRITE],
      ['read-write', EVENT_READ | EVENT_WRITE],
    ] as const)('a hang-up, as readiness for %s', async (interest, asked) => {
      const selector = made();
      const { near, far } = connection();
      selector.register(near, interest);
      near.sendAll(Uint8Array.of(1));
      far.close(); // with something unread: resets
      const seen = { [near.fileno()]: asked | EVENT_HANGUP };
      expect(byDescriptor(await wait(selector))).toEqual(seen);
      expect(byDescriptor(await wait(selector)), 'still').toEqual(seen);
    });

    test('the hang-up of a pipe, at either end', async () => {
      const selector = made();
      const [left, right] = [new Pipe(), new Pipe()];
      selector.register(left.reader.fd, 'read');
      left.writer.close();
      selector.register(right.writer.fd, 'write');
      right.reader.close();
      expect(byDescriptor(await wait(selector))).toEqual({
        [left.reader.fd]: EVENT_READ | EVENT_HANGUP,
        [right.writer.fd]: EVENT_WRITE | EVENT_HANGUP,
      });
    });

    test('two descriptors of one socket, each for itself', async () => {
      const selector = made();
      const { near, far } = connection();
      const copy = duplicateOf(near);
      selector.register(near, 'read', 'near');
      selector.register(copy.fd, 'write', 'copy');
      far.sendAll(Uint8Array.of(1));
      expect(byDescriptor(await wait(selector))).toEqual({
        [near.fileno()]: EVENT_READ,
        [copy.fd]: EVENT_WRITE,
      });
    });

    test('a one-shot key once, until it is modified', async () => {
      const { libc, counts } = counting();
      const selector = made({ libc });
      const pipe = new Pipe();
      selector.register(pipe.reader.fd, 'read', 'first', { oneShot: true });
      pipe.put();
      expect(await wait(selector)).toHaveLength(1);
      pipe.put(); // more comes
      expect(await wait(selector, A_WHILE_MS)).toEqual([]);
      expect(counts.poll + counts.epollWait, 'it does not spin').toBeLessThan(20);
      expect(selector.getKey(pipe.reader.fd).data, 'it stays registered').toBe('first');
      selector.modify(pipe.reader.fd, 'read', 'second');
      expect((await wait(selector)).map((event) => event.key.data)).toEqual(['second']);
      expect(await wait(selector, 0)).toEqual([]);
      selector.modify(pipe.reader.fd, 'read', 'third', { oneShot: false });
      for (const time of ['first', 'second']) {
        expect(await wait(selector), time).toHaveLength(1);
      }
    });

    test('a one-shot key whose other end hangs up afterwards: nothing', async () => {
      const selector = made();
      const pipe = new Pipe();
      selector.register(pipe.reader.fd, 'read', 'once', { oneShot: true });
      pipe.put();
      expect(await wait(selector)).toHaveLength(1);
      pipe.writer.close();
      expect(await wait(selector, 0)).toEqual([]);
      selector.modify(pipe.reader.fd, 'read');
      expect(byDescriptor(await wait(selector))).toEqual({
        [pipe.reader.fd]: EVENT_READ | EVENT_HANGUP,
      });
    });

    test.runIf(hasEdges)('an edge once, and again when more comes', async () => {
      const selector = made();
      const { near, far } = connection();
      selector.register(near, 'read', 'edge', { trigger: 'edge' });
      far.sendAll(Uint8Array.of(1));
      expect(await wait(selector)).toHaveLength(1);
      expect(await wait(selector, 0), 'it was told').toEqual([]);
      far.sendAll(Uint8Array.of(2));
      expect(await wait(selector)).toHaveLength(1);
      expect(await wait(selector, 0)).toEqual([]);
      selector.modify(near, 'read');
      expect(await wait(selector), 'modify looks anew').toHaveLength(1);
      expect(await wait(selector, 0), 'it is an edge still').toEqual([]);
      selector.modify(near, 'read', 'level', { trigger: 'level' });
      for (const time of ['first', 'second']) {
        expect(await wait(selector), time).toHaveLength(1);
      }
    });

    test('more than one wait returns: all have their turn', { timeout: 60_000 }, async () => {
      const selector = made();
      const { near } = connection();
      const fds = Array.from({ length: MANY }, () => duplicateOf(near).fd);
      for (const fd of fds) selector.register(fd, 'write');
      const seen = new Set<number>();
      let waits = 0;
      for (; seen.size < MANY && waits < MANY; waits++) {
        for (const { key } of await wait(selector)) seen.add(key.fd);
      }
      expect(seen.size).toBe(MANY);
      expect(waits, 'the queue goes round').toBeLessThanOrEqual(Math.ceil(MANY / 1024));
    });

    test('what was closed without being unregistered: nothing, and its time passes', async () => {
      const { libc, counts } = counting();
      const selector = made({ libc });
      const { near, far } = connection();
      const fd = near.fileno();
      selector.register(near, 'read-write', 'closed');
      far.sendAll(Uint8Array.of(1));
      near.close();
      const taker = takerOf(fd); // has its number now, and can be written
      const before = performance.now();
      expect(await wait(selector, A_WHILE_MS)).toEqual([]);
      expect(performance.now() - before).toBeGreaterThanOrEqual(A_WHILE_MS);
      expect(counts.poll + counts.epollWait, 'it does not spin').toBeLessThan(20);
      expect(selector.size).toBe(1);
      expect(() => selector.register(taker, 'write')).toThrow(AlreadyRegisteredError);
      expect(() => selector.register(taker, 'write')).toThrow('was closed: unregister it');
      expect(() => selector.getKey(taker), 'the key is not its own').toThrow(NotRegisteredError);
      expect(selector.unregister(near).data).toBe('closed');
      selector.register(taker, 'write', 'new');
      expect(await wait(selector)).toEqual([{ key: selector.getKey(taker), events: EVENT_WRITE }]);
    });

    test('a number that was closed without being unregistered: nothing, and no spinning', async () => {
      const { libc, counts } = counting();
      const selector = made({ libc });
      const end = new End(connection().near.detach());
      selector.register(end.fd, 'write');
      end.close();
      expect(await wait(selector, A_WHILE_MS)).toEqual([]);
      expect(counts.poll + counts.epollWait).toBeLessThan(20);
      expect(selector.unregister(end.fd).fd).toBe(end.fd);
    });

    test('the ghost of what was duplicated and closed: nothing, and no spinning', async () => {
      const { libc, counts } = counting();
      const selector = made({ libc });
      const { near, far } = connection();
      duplicateOf(near);
      const pipe = new Pipe();
      selector.register(near, 'read', 'ghost');
      selector.register(pipe.reader.fd, 'read', 'pipe');
      far.sendAll(Uint8Array.of(1));
      near.close();
      expect(await wait(selector, A_WHILE_MS)).toEqual([]);
      expect(counts.poll + counts.epollWait, 'it does not spin').toBeLessThan(20);
      pipe.put();
      expect((await wait(selector)).map((event) => event.key.data)).toEqual(['pipe']);
    });

    test('a ghost whose number is another that is ready: nothing, and no spinning', async () => {
      const { libc, counts } = counting();
      const selector = made({ libc });
      const { near, far } = connection();
      const fd = near.fileno();
      duplicateOf(near);
      selector.register(near, 'write', 'ghost');
      far.sendAll(Uint8Array.of(1));
      near.close();
      takerOf(fd); // can be written
      expect(await wait(selector, A_WHILE_MS)).toEqual([]);
      expect(counts.poll + counts.epollWait, 'it does not spin').toBeLessThan(20);
    });

    test('the ghost of what was closed and then unregistered: nothing, and no spinning', async () => {
      const { libc, counts } = counting();
      const selector = made({ libc });
      const { near, far } = connection();
      const fd = near.fileno();
      duplicateOf(near);
      selector.register(near, 'read', 'ghost');
      near.close();
      selector.unregister(near);
      const taker = takerOf(fd);
      selector.register(taker, 'read', 'taker');
      far.sendAll(Uint8Array.of(1));
      expect(await wait(selector, A_WHILE_MS)).toEqual([]);
      expect(counts.poll + counts.epollWait, 'it does not spin').toBeLessThan(20);
      selector.modify(taker, 'write');
      expect((await wait(selector)).map((event) => event.key.data)).toEqual(['taker']);
    });

    test(`regular files: ${files}`, async () => {
      const selector = made();
      const fd = openSync(import.meta.filename, 'r');
      onTestFinished(() => closeSync(fd));
      if (files === 'refused') {
        expect(() => selector.register(fd, 'read')).toThrow(PermissionError);
        expect(() => selector.register(fd, 'read')).toThrow('they are always ready');
        expect(selector.size).toBe(0);
      } else {
        selector.register(fd, 'read');
        expect(byDescriptor(await wait(selector))).toEqual({ [fd]: EVENT_READ });
      }
    });

    test('once it is closed, an error', async () => {
      const selector = made();
      selector.close();
      await expect(wait(selector, 0)).rejects.toThrow(SelectorClosedError);
      await expect(wait(selector, 0)).rejects.toThrow(`${way}: the selector is closed`);
    });
  });

  test.runIf(!hasEdges)('edges are refused, with a word on what to do', () => {
    const selector = made();
    const { reader } = new Pipe();
    const register = (): unknown => selector.register(reader.fd, 'read', '', { trigger: 'edge' });
    expect(register).toThrow(TypeError);
    expect(register).toThrow('EpollSelector');
    expect(selector.size).toBe(0);
    const key = selector.register(reader.fd, 'read');
    expect(() => selector.modify(reader.fd, 'read', '', { trigger: 'edge' })).toThrow(TypeError);
    expect(selector.getKey(reader.fd)).toBe(key);
  });

  describe('signals and select', () => {
    /** What the kernel says about signals that wait. */
    function selectorWith(signal: { waits: boolean }): TestSelector {
      const handler = (): void => {};
      process.on('SIGUSR2', handler);
      onTestFinished(() => void process.removeListener('SIGUSR2', handler));
      return made({ libc: libcWith({ signalWaits: () => signal.waits }) });
    }

    test('one that waits ends a wait before it begins', () => {
      const selector = selectorWith({ waits: true });
      expect(() => selector.select()).toThrow(InterruptedError);
      expect(() => selector.select(A_WHILE_MS)).toThrow('select: ');
    });

    test('one ends a program that always finds something, and nothing is lost', () => {
      const signal = { waits: false };
      const selector = selectorWith(signal);
      const pipe = new Pipe();
      pipe.put();
      selector.register(pipe.reader.fd, 'read', 'once', { oneShot: true });
      const busy = new Pipe();
      busy.put();
      selector.register(busy.reader.fd, 'read', 'busy');
      signal.waits = true;
      let found = 0;
      const goOn = (): void => {
        for (let rounds = 0; rounds < 100; rounds++) {
          found += selector.select().filter(({ key }) => key.data === 'once').length;
        }
      };
      expect(goOn).toThrow(InterruptedError);
      signal.waits = false;
      goOn();
      expect(found).toBe(1);
    });

    test('one does not disturb a call that does not wait', () => {
      const selector = selectorWith({ waits: true });
      for (let rounds = 0; rounds < 100; rounds++) {
        expect(selector.select(0 - (rounds % 2))).toEqual([]);
      }
    });
  });

  describe('an awaited wait', () => {
    test('lets everything else go on, and ends when something comes', async () => {
      const selector = made();
      const pipe = new Pipe();
      selector.register(pipe.reader.fd, 'read');
      const waiting = selector.ready();
      await turn();
      pipe.put();
      expect(byDescriptor(await waiting)).toEqual({ [pipe.reader.fd]: EVENT_READ });
    });

    test('hears of what is registered, modified and unregistered meanwhile', async () => {
      const selector = made();
      const [first, second] = [new Pipe(), new Pipe()];
      const { near } = connection();
      selector.register(first.reader.fd, 'read');
      selector.register(near, 'read');
      const waiting = selector.ready();
      await turn();
      selector.unregister(first.reader.fd);
      first.put();
      await turn();
      selector.register(second.reader.fd, 'read');
      await turn();
      second.put();
      expect(byDescriptor(await waiting)).toEqual({ [second.reader.fd]: EVENT_READ });
      second.take();
      const again = selector.ready();
      await turn();
      selector.modify(near, 'write');
      expect(byDescriptor(await again)).toEqual({ [near.fileno()]: EVENT_WRITE });
    });

    test('reports nothing that was unregistered in the turn that woke it', async () => {
      const selector = made();
      const [pipe, other] = [new Pipe(), new Pipe()];
      selector.register(pipe.reader.fd, 'read', 'pipe');
      selector.register(other.reader.fd, 'read', 'other');
      const waiting = selector.ready();
      await turn();
      const copy = new End(openSync(`/proc/self/fd/${pipe.reader.fd}`, 'r'));
      const registration = currentEventLoop().register(copy.fd, 'read', {
        onReady() {
          registration.unregister();
          selector.unregister(pipe.reader.fd);
          other.put();
        },
      });
      pipe.put();
      expect((await waiting).map(({ key }) => key.data)).toEqual(['other']);
    });

    test('is the only one: another, and select, are errors that change nothing', async () => {
      const selector = made();
      const pipe = new Pipe();
      selector.register(pipe.reader.fd, 'read');
      const waiting = selector.ready();
      for (const [, wait] of WAITS)
        await expect(wait(selector, 0)).rejects.toThrow(SelectorBusyError);
      pipe.put();
      expect(await waiting).toHaveLength(1);
      for (const [, wait] of WAITS) expect(await wait(selector)).toHaveLength(1);
    });

    test('ends when the selector is closed', async () => {
      const selector = made();
      selector.register(new Pipe().reader.fd, 'read');
      const waiting = selector.ready();
      await turn();
      selector.close();
      await expect(waiting).rejects.toThrow(SelectorClosedError);
    });

    test('ends when the event loop is closed', async () => {
      const loop = new EventLoop();
      const selector = made({ loop });
      const waiting = selector.ready();
      await turn();
      loop.close();
      await expect(waiting).rejects.toThrow('the event loop is closed');
      await expect(selector.ready()).rejects.toThrow('the event loop is closed');
    });

    test('ends by its signal, before it begins and while it waits; nothing is lost', async () => {
      const selector = made();
      const pipe = new Pipe();
      selector.register(pipe.reader.fd, 'read', 'once', { oneShot: true });
      const reason = new Error('enough');
      const controller = new AbortController();
      const waiting = selector.ready({ signal: controller.signal });
      await turn();
      pipe.put();
      controller.abort(reason);
      await expect(waiting).rejects.toBe(reason);
      await expect(selector.ready({ signal: controller.signal })).rejects.toBe(reason);
      expect(await selector.ready()).toHaveLength(1);
    });

    test('leaves nothing behind at a signal that lives longer', async () => {
      const selector = made();
      const pipe = new Pipe();
      selector.register(pipe.reader.fd, 'read');
      const { signal } = new AbortController();
      const waiting = selector.ready({ signal });
      await turn();
      expect(getEventListeners(signal, 'abort')).toHaveLength(1);
      pipe.put();
      await waiting;
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    });

    test('measures its time with the clock that it was given, and leaves no timer behind', async () => {
      const clock = new ManualClock();
      const selector = made({ clock });
      const pipe = new Pipe();
      selector.register(pipe.reader.fd, 'read');
      const waiting = selector.ready({ timeoutMs: 1000 });
      await turn();
      clock.advance(999);
      expect(clock.pending).toBe(1);
      clock.advance(1);
      expect(await waiting).toEqual([]);
      const second = selector.ready({ timeoutMs: 1000 });
      await turn();
      pipe.put();
      expect(await second).toHaveLength(1);
      expect(clock.pending).toBe(0);
    });

    test('what came in time is reported, though this thread was busy', async () => {
      const clock = new ManualClock();
      const selector = made({ clock });
      const pipe = new Pipe();
      selector.register(pipe.reader.fd, 'read');
      const waiting = selector.ready({ timeoutMs: 1000 });
      await turn();
      pipe.put();
      clock.advance(1000); // before the loop came round
      expect(await waiting).toHaveLength(1);
    });

    test('that always finds something lets the loop run all the same', async () => {
      const selector = made();
      const pipe = new Pipe();
      pipe.put();
      selector.register(pipe.reader.fd, 'read');
      let rounds = 0;
      const count = (): void => {
        rounds++;
        next = setImmediate(count);
      };
      let next = setImmediate(count);
      for (let waits = 0; waits < 200; waits++) {
        await selector.ready(waits % 2 === 0 ? {} : { timeoutMs: 0 });
      }
      clearImmediate(next);
      expect(rounds).toBeGreaterThanOrEqual(10);
    });
  });

  describe('closing', () => {
    test('forgets all keys, closes none of what was registered, and its own descriptor', () => {
      const closed: number[] = [];
      const opened: number[] = [];
      const real = libcWith({});
      const libc: Libc = libcWith({
        epollCreate1(flags) {
          const fd = real.epollCreate1(flags);
          opened.push(fd);
          return fd;
        },
        close(fd) {
          closed.push(fd);
          return real.close(fd);
        },
      });
      const selector = made({ libc });
      const { near, far } = connection();
      const map = selector.getMap();
      selector.register(near, 'read');
      selector.close();
      selector.close();
      expect(closed).toEqual(opened);
      expect([selector.size, map.size, selector.getMap().size]).toEqual([0, 0, 0]);
      far.sendAll(Uint8Array.of(7));
      expect(near.recv(1)).toEqual(Uint8Array.of(7));
    });

    test('then all calls but close are errors', () => {
      const selector = made();
      const { near } = connection();
      selector.register(near, 'read');
      selector.close();
      for (const call of [
        () => selector.register(near, 'read'),
        () => selector.modify(near, 'read'),
        () => selector.unregister(near),
        () => selector.getKey(near),
        () => selector.select(0),
      ]) {
        expect(call).toThrow(SelectorClosedError);
      }
    });

    test('`using` does it', () => {
      let left: TestSelector;
      {
        using selector = make();
        left = selector;
      }
      expect(() => left.select(0)).toThrow(SelectorClosedError);
    });
  });
}

/** A number that was a descriptor, and is none. */
function closedNumber(): number {
  const end = duplicateOf(connection().near);
  end.close();
  return end.fd;
}

/** A socket of ours that has the number `fd`: the kernel gives the lowest free one. */
function takerOf(fd: number): Socket {
  for (;;) {
    const socket = kept(new Socket({ type: 'dgram' }));
    if (socket.fileno() === fd) return socket;
  }
}

function nonBlocking(): Socket {
  const socket = kept(new Socket());
  socket.setBlocking(false);
  return socket;
}

/** Sends until nothing more is taken, not even later. */
function fill(socket: Socket): void {
  const bytes = new Uint8Array(1024 * 1024);
  socket.setTimeout(A_WHILE_MS);
  try {
    for (;;) socket.send(bytes);
  } catch {
    // The peer receives nothing, so that is the end.
  }
}

/** Lets what waits come to wait: promise jobs, and two rounds of the loop. */
async function turn(): Promise<void> {
  for (let rounds = 0; rounds < 2; rounds++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
