import { expect, test } from 'vitest';
import { nextState, TRANSITIONS, type ConnectionEvent, type ConnectionState } from './state.ts';

// Object.keys forgets the literal names.
const states = Object.keys(TRANSITIONS) as ConnectionState[];
const events: readonly ConnectionEvent[] = [
  'input-ended',
  'input-stopped',
  'output-done',
  'linger-over',
  'broken',
];

test('every legal move leads to a state of the table, every other one is an error', () => {
  for (const state of states) {
    for (const event of events) {
      const next = TRANSITIONS[state][event];
      if (next === undefined) {
        expect(() => nextState(state, event)).toThrow(`${state}: no move on ${event}`);
      } else {
        expect(states).toContain(nextState(state, event));
      }
    }
  }
});

test('closed is final, and every other state can break', () => {
  expect(TRANSITIONS.closed).toEqual({});
  for (const state of states) {
    if (state !== 'closed') expect(nextState(state, 'broken')).toBe('closed');
  }
});

test('a connection whose last answer is out lingers, unless the peer has finished before', () => {
  expect(nextState(nextState('open', 'input-stopped'), 'output-done')).toBe('lingering');
  expect(nextState(nextState('open', 'input-ended'), 'output-done')).toBe('closed');
});
