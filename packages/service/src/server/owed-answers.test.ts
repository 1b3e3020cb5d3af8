import { jsonMessage } from '@wireline/message';
import { expect, test } from 'vitest';
import { OwedAnswers } from './owed-answers.ts';

const [first, second, third] = [1, 2, 3].map((n) => jsonMessage({ n }));

test('answers leave in the order of their places, not of their making', () => {
  const owed = new OwedAnswers();
  const places = [owed.add(undefined), owed.add(undefined), owed.add(undefined, third)] as const;
  expect(owed.next()).toBeUndefined();
  places[1].answer = second;
  expect(owed.next()).toBeUndefined();
  expect(owed.size).toBe(3);
  places[0].answer = first;
  expect([owed.next(), owed.next(), owed.next(), owed.next()]).toEqual([...places, undefined]);
  expect(owed.size).toBe(0);
});
