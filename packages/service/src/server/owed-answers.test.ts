import { jsonMessage } from '@wireline/message';
import { expect, test } from 'vitest';
import { OwedAnswers } from './owed-answers.ts';

const first = jsonMessage({ n: 1 });
const second = jsonMessage({ n: 2 });
const third = jsonMessage({ n: 3 });

test('answers leave in the order of their places, not of their making', () => {
  const owed = new OwedAnswers();
  const places = [owed.add(undefined), owed.add(undefined), owed.add(undefined, third)] as const;
  expect(owed.next()).toBeUndefined();
  owed.fill(places[1], second);
  expect(owed.next()).toBeUndefined();
  expect([owed.size, owed.ready]).toEqual([3, 2]);
  owed.fill(places[0], first);
  expect([owed.next(), owed.next(), owed.next(), owed.next()]).toEqual([...places, undefined]);
  expect([owed.size, owed.ready]).toEqual([0, 0]);
});
