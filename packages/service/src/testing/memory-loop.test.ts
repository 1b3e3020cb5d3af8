import { EVENT_HANGUP, EVENT_READ, EVENT_WRITE } from '@wireline/socket/event-loop';
import { expect, test } from 'vitest';
import { MemoryLoop, type MemoryLoopOptions } from './memory-loop.ts';

/** A loop, and sources that are ready for what the test says. */
function scene(options: MemoryLoopOptions = {}) {
  const loop = new MemoryLoop(options);
  const heard: string[] = [];
  const add = (name: string, events: number, onReady?: () => void) => {
    const source = { events, readiness: () => source.events };
    const registration = loop.register(source, {
      onReady: (reported) => {
        heard.push(`${name} ${reported}`);
        onReady?.();
      },
    });
    registration.modify('read');
    return { source, registration };
  };
  return { loop, heard, add };
}

test('calls whoever is ready for what it waits for, turn by turn while it is', () => {
  const { loop, heard, add } = scene();
  const both = add('both', EVENT_READ | EVENT_WRITE);
  add('writable', EVENT_WRITE);
  expect([loop.turn(), loop.turn()]).toEqual([true, true]);
  expect(heard.splice(0)).toEqual(['both 1', 'both 1']);
  both.registration.modify('read-write');
  loop.turn();
  expect(heard.splice(0)).toEqual(['both 3']);
  both.registration.modify('none');
  expect(loop.turn()).toBe(false);
  both.source.events = EVENT_HANGUP;
  loop.turn();
  expect(heard).toEqual(['both 7']);
});

test('readiness is that of the beginning of the turn, and whoever is gone by then is not called', () => {
  const { loop, heard, add } = scene();
  add('first', EVENT_READ, () => {
    second.registration.unregister();
    third.source.events = EVENT_READ;
  });
  const second = add('second', EVENT_READ);
  const third = add('third', 0);
  loop.turn();
  expect(heard.splice(0)).toEqual(['first 1']);
  loop.turn();
  expect(heard).toEqual(['first 1', 'third 1']);
  expect(loop.size).toBe(2);
});

test('may call them in another order', () => {
  const { loop, heard, add } = scene({ arrange: (ready) => ready.reverse() });
  add('a', EVENT_READ);
  add('b', EVENT_READ);
  loop.turn();
  expect(heard).toEqual(['b 1', 'a 1']);
});

test('tasks run after all handlers; what they add runs in the next turn', () => {
  const { loop, heard, add } = scene();
  const again = { run: () => heard.push('again') };
  const task = {
    run: () => {
      heard.push('task');
      loop.atEndOfTurn(again);
    },
  };
  add('a', EVENT_READ, () => loop.atEndOfTurn(task));
  const b = add('b', EVENT_READ);
  loop.turn();
  expect(heard.splice(0)).toEqual(['a 1', 'b 1', 'task']);
  b.registration.unregister();
  loop.turn();
  expect(heard).toEqual(['a 1', 'again', 'task']);
});

test('a task that is added outside of a turn makes the next one worth while', () => {
  const { loop, heard } = scene();
  loop.atEndOfTurn({ run: () => heard.push('task') });
  expect([loop.turn(), loop.turn()]).toEqual([true, false]);
  expect(heard).toEqual(['task']);
});

test('what is thrown keeps nobody from its turn', () => {
  const { loop, heard, add } = scene();
  const boom = (): never => {
    throw new Error('boom');
  };
  const first = add('first', EVENT_READ, boom);
  add('second', EVENT_READ);
  loop.atEndOfTurn({ run: () => heard.push('task') });
  expect(() => loop.turn()).toThrow('boom');
  expect(heard).toEqual(['first 1', 'second 1', 'task']);
  loop.atEndOfTurn({ run: boom });
  expect(() => loop.turn()).toThrow(AggregateError);
  first.registration.unregister();
  expect(() => loop.turn()).not.toThrow();
});

test('received bytes are overwritten when their turn is over', () => {
  const { loop, add } = scene();
  add('a', EVENT_READ, () => loop.receiveBuffer.fill(1));
  loop.turn();
  expect(new Set(loop.receiveBuffer)).toEqual(new Set([0xdb]));
});
