import { getEventListeners } from 'node:events';
import { beforeEach, expect, test } from 'vitest';
import { whenAborted } from './abort-listeners.ts';

let controller: AbortController;
let called: string[];
const note = (name: string) => (): void => void called.push(name);
const listeners = (): number => getEventListeners(controller.signal, 'abort').length;

beforeEach(() => {
  controller = new AbortController();
  called = [];
});

test('a hundred wait with one listener, and all hear of it once', () => {
  for (let i = 0; i < 100; i++) whenAborted(controller.signal, note(String(i)));
  expect(listeners()).toBe(1);
  controller.abort();
  expect(called).toHaveLength(100);
  expect(listeners()).toBe(0);
  controller.abort();
  expect(called).toHaveLength(100);
});

test('who took it back hears nothing, and the last one leaves no listener', () => {
  const stopFirst = whenAborted(controller.signal, note('first'));
  const stopSecond = whenAborted(controller.signal, note('second'));
  stopFirst();
  stopFirst();
  expect(listeners()).toBe(1);
  stopSecond();
  expect(listeners()).toBe(0);
  whenAborted(controller.signal, note('third'));
  controller.abort();
  expect(called).toEqual(['third']);
});

test('one that is taken back by another while they are called', () => {
  let stopSecond = (): void => {};
  whenAborted(controller.signal, () => stopSecond());
  stopSecond = whenAborted(controller.signal, note('second'));
  whenAborted(controller.signal, note('third'));
  controller.abort();
  expect(called).toEqual(['third']);
});
