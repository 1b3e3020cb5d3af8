import type { Message } from '@wireline/message';
import { ManualClock } from '@wireline/socket/testing';
import { expect, test } from 'vitest';
import { SILENT } from '../log.ts';
import { Requests } from './requests.ts';
import { ServerRequest } from './server-request.ts';

const MESSAGE: Message = {
  kind: 'json',
  value: {},
  header: {
    byteorder: 'little',
    contentType: 'text/json',
    contentEncoding: 'utf-8',
    contentLength: 2,
    extensions: {},
  },
};

function request(id?: number, more = false): ServerRequest {
  const conversation = {
    id,
    inReplyTo: undefined,
    more,
    cancel: false,
    deadlineMs: undefined,
    closing: false,
  };
  const owner = {
    peer: { address: { family: 'unix', path: '' }, connection: 1 } as const, // a family is a word of its own
    log: SILENT,
    clock: new ManualClock(),
    maxStreamQueued: 1000,
    hold: () => {},
    onFull: () => {},
    onDrained: () => {},
    onAbandoned: () => {},
    giveBack: () => {},
    forgetSpares: () => {},
  };
  return new ServerRequest(MESSAGE, conversation, { owner, headerAt: undefined });
}

function counts({ unanswered, busy, incomplete }: Requests): readonly number[] {
  return [unanswered, busy, incomplete];
}

test('nothing is there before the first', () => {
  const requests = new Requests();
  expect([...requests]).toEqual([]);
  expect(requests.withId(1)).toBeUndefined();
  expect(requests.withId(undefined)).toBeUndefined();
});

/** The three things that have to happen, in every order: only then nothing is left. */
const ORDERS = [
  ['answered', 'whole', 'done'],
  ['answered', 'done', 'whole'],
  ['whole', 'answered', 'done'],
  ['whole', 'done', 'answered'],
  ['done', 'whole', 'answered'],
  ['done', 'answered', 'whole'],
] as const; // the items are names of methods

test.each(ORDERS)('one in parts that is %s, then %s, then %s', (...order) => {
  const requests = new Requests();
  const it = request(7, true);
  requests.add(it);
  requests.begun(it);
  expect(counts(requests)).toEqual([1, 0, 1]);
  const past = new Set<string>();
  for (const event of order) {
    requests[event](it);
    past.add(event);
    const has = (name: string): number => (past.has(name) ? 1 : 0);
    const isBusy = has('done') === 0 && has('answered') + has('whole') > 0;
    expect(counts(requests), [...past].join()).toEqual([
      1 - has('answered'),
      isBusy ? 1 : 0,
      1 - has('whole'),
    ]);
    const isInFlight = has('answered') + has('whole') < 2;
    expect(requests.withId(7)).toBe(isInFlight ? it : undefined);
    expect([...requests]).toEqual(past.size < 3 ? [it] : []);
  }
});

test('an id that is used again while the handler of the first one works belongs to the second', () => {
  const requests = new Requests();
  const [first, second] = [request(1), request(1)];
  for (const each of [first, second]) {
    requests.add(each);
    requests.begun(each);
    if (each === first) requests.answered(first);
  }
  expect(requests.withId(1)).toBe(second);
  expect(counts(requests)).toEqual([1, 2, 0]);
  requests.done(first);
  expect(requests.withId(1)).toBe(second);
  expect([...requests]).toEqual([second]);
  requests.answered(second);
  requests.done(second);
  expect(requests.withId(1)).toBeUndefined();
  expect(counts(requests)).toEqual([0, 0, 0]);
});

test('those without ids are counted, and found by none', () => {
  const requests = new Requests();
  const it = request();
  requests.add(it);
  requests.begun(it);
  expect(counts(requests)).toEqual([1, 1, 0]);
  expect(requests.withId(undefined)).toBeUndefined();
  requests.answered(it);
  requests.done(it);
  expect([...requests]).toEqual([]);
});

test('they may be over while they are gone through', () => {
  const requests = new Requests();
  const all = [request(1), request(2), request(3)];
  for (const each of all) requests.add(each);
  const seen: (number | undefined)[] = [];
  for (const each of requests) {
    seen.push(each.id);
    requests.answered(each);
  }
  expect(seen).toEqual([1, 2, 3]);
  expect([...requests]).toEqual([]);
});
