/** What is closed: selectors, and descriptors under them. */
import type { Libc } from '@wireline/socket';
import { SelectorClosedError } from '@wireline/socket/selectors';
import { describe, expect, test } from 'vitest';
import { connection, libcWith, type TestSelector } from '../scene.ts';
import type { Subject } from './subject.ts';

/** A chapter of the contract. */
export function closing({ made, make }: Subject): void {
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
