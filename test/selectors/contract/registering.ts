/** Registering, and changing what is registered. */
import { connect } from 'node:net';
import { once } from 'node:events';
import { attach, BadDescriptorError } from '@wireline/socket';
import * as awaited from '@wireline/socket/promises';
import {
  AlreadyRegisteredError,
  EVENT_WRITE,
  NotRegisteredError,
  type SelectorInterest,
  type Trigger,
} from '@wireline/socket/selectors';
import { describe, expect, onTestFinished, test } from 'vitest';
import { byDescriptor, connection, duplicateOf, kept, NOT_OPEN, Pipe } from '../scene.ts';
import { closedNumber } from './means.ts';
import type { Subject } from './subject.ts';

/** A chapter of the contract. */
export function registering({ made, hasEdges }: Subject): void {
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
}
