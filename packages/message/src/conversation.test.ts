import { describe, expect, test } from 'vitest';
import { isCancel, readConversation } from './conversation.ts';
import { createHeader, type Header } from './header.ts';
import type { JsonValue } from './json.ts';

/** A header with these extensions. */
function header(extensions: Readonly<Record<string, JsonValue>>, contentLength = 0): Header {
  return createHeader('little', 'text/plain', 'binary', contentLength, { ...extensions });
}

const PLAIN = {
  id: undefined,
  inReplyTo: undefined,
  more: false,
  cancel: false,
  deadlineMs: undefined,
  closing: false,
};

test('headers without extensions share one conversation, which nobody can change', () => {
  const conversation = readConversation(header({}));
  expect(conversation).toEqual(PLAIN);
  expect(readConversation(header({}, 3))).toBe(conversation);
  expect(conversation).toSatisfy(Object.isFrozen);
});

test.each<[Record<string, JsonValue>, object]>([
  [{ trace: 'a' }, {}],
  [{ 'message-id': 1 }, { id: 1 }],
  [{ 'message-id': Number.MAX_SAFE_INTEGER }, { id: 2 ** 53 - 1 }],
  [{ 'in-reply-to': 7 }, { inReplyTo: 7 }],
  [{ 'deadline-ms': 1 }, { deadlineMs: 1 }],
  [
    { more: true, cancel: true, closing: true },
    { more: true, cancel: true, closing: true },
  ],
  [{ more: false, cancel: false, closing: false }, {}],
  [{ 'Message-Id': 0, MORE: 1, constructor: 1, toString: 2 }, {}],
])('%o says %o', (extensions, expected) => {
  expect(readConversation(header(extensions))).toEqual({ ...PLAIN, ...expected });
});

/** One of each kind that JSON has, and the numbers that are no whole ones from 1. */
const NO_INTEGERS: readonly JsonValue[] = [
  0,
  -1,
  1.5,
  2 ** 53,
  1e300,
  5e-324,
  '1',
  '',
  true,
  false,
  null,
  [],
  [1],
  {},
  { valueOf: 1 },
];

const NO_FLAGS: readonly JsonValue[] = [0, 1, 'true', '', null, [], [true], {}];

describe.each([
  ['message-id', 'id-invalid', NO_INTEGERS],
  ['in-reply-to', 'id-invalid', NO_INTEGERS],
  ['deadline-ms', 'header-invalid', NO_INTEGERS],
  ['more', 'header-invalid', NO_FLAGS],
  ['cancel', 'header-invalid', NO_FLAGS],
] as const)('%s', (key, code, values) => {
  test.each(values.map((value) => [value]))(`that is %j is ${code}`, (value) => {
    const given = header({ [key]: value });
    expect(() => readConversation(given)).toThrow(
      expect.objectContaining({ code, field: key, framing: 'lost', header: given }),
    );
  });
});

test.each(NO_FLAGS.map((value) => [value]))('closing that is %j is ignored', (closing) => {
  expect(readConversation(header({ closing })).closing).toBe(false);
});

test('a cancel has no content, and says so with true', () => {
  expect(isCancel(header({ 'message-id': 1, cancel: true }))).toBe(true);
  expect(isCancel(header({ cancel: true }, 1))).toBe(false);
  for (const cancel of NO_FLAGS) expect(isCancel(header({ cancel }))).toBe(false);
  expect(isCancel(header({}))).toBe(false);
});
