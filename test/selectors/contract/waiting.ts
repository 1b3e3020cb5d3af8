/** How the two ways to wait end: signals, time-outs, and what happens meanwhile. */
import { getEventListeners } from 'node:events';
import { openSync } from 'node:fs';
import { InterruptedError } from '@wireline/socket';
import { currentEventLoop, EventLoop } from '@wireline/socket/event-loop';
import {
  EVENT_READ,
  EVENT_WRITE,
  SelectorBusyError,
  SelectorClosedError,
} from '@wireline/socket/selectors';
import { ManualClock } from '@wireline/socket/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  byDescriptor,
  connection,
  End,
  libcWith,
  Pipe,
  WAITS,
  type TestSelector,
} from '../scene.ts';
import { turn } from './means.ts';
import { A_WHILE_MS, type Subject } from './subject.ts';

/** A chapter of the contract. */
export function waiting({ made }: Subject): void {
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

    test('ends when the event loop is interrupted, and can begin again', async () => {
      const loop = new EventLoop();
      onTestFinished(() => loop.close());
      const selector = made({ loop });
      const pipe = new Pipe();
      selector.register(pipe.reader.fd, 'read');
      const waiting = selector.ready();
      await turn();
      loop.interrupt();
      await expect(waiting).rejects.toThrow(InterruptedError);
      expect(loop.size).toBe(0);
      pipe.put();
      expect(await selector.ready()).toHaveLength(1);
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
}
