/** What a wait reports, of each kind of descriptor, level, edge and one-shot. */
import { closeSync, openSync } from 'node:fs';
import { PermissionError, Socket, WOULD_BLOCK } from '@wireline/socket';
import {
  AlreadyRegisteredError,
  EVENT_HANGUP,
  EVENT_READ,
  EVENT_WRITE,
  NotRegisteredError,
  SelectorClosedError,
} from '@wireline/socket/selectors';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  byDescriptor,
  connection,
  counting,
  duplicateOf,
  End,
  kept,
  Pipe,
  WAITS,
} from '../scene.ts';
import { fill, nonBlocking, takerOf } from './means.ts';
import { A_WHILE_MS, MANY, type Subject } from './subject.ts';

/** A chapter of the contract. */
export function reporting({ made, hasEdges, files }: Subject): void {
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
}
