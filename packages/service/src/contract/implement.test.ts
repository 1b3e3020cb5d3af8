/**
 * What becomes of requests, by action and by what the schemas say, without a server: one handler is all there is.
 *
 * The file is long because all of it asks the same question, with a few requests and contexts made by hand.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import {
  binaryMessage,
  jsonMessage,
  type JsonObject,
  type JsonValue,
  type Message,
  type OutgoingMessage,
} from '@wireline/message';
import * as v from 'valibot';
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { AnswerInvalidError, RequestRefusedError } from '../errors.ts';
import { SILENT } from '../log.ts';
import type { Answer, Handler, RequestContext } from '../server/handler.ts';
import { defineContract } from './contract.ts';
import type { ActionHandlers } from './handlers.ts';
import { implement } from './implement.ts';

const OCTETS = 'application/octet-stream';

function headerWith(extensions: JsonObject): Message['header'] {
  return {
    byteorder: 'big',
    contentType: 'text/json',
    contentEncoding: 'utf-8',
    contentLength: 0,
    extensions,
  };
}

function json(value: JsonObject, extensions: JsonObject = {}): Message {
  return { kind: 'json', header: headerWith(extensions), value };
}

function bytes(content: readonly number[], extensions: JsonObject = {}): Message {
  return { kind: 'binary', header: headerWith(extensions), bytes: Uint8Array.from(content) };
}

/** What a server gives to a handler, where these parts follow the request. */
function contextWith(...parts: Message[]): RequestContext {
  return {
    peer: { address: { family: 'inet', host: '127.0.0.1', port: 1 }, connection: 1 },
    deadline: { remainingMs: Infinity },
    signal: new AbortController().signal,
    log: SILENT,
    parts: lendable(
      (async function* () {
        yield* parts;
      })(),
    ),
  };
}

function lendable(parts: AsyncIterable<Message>): RequestContext['parts'] {
  return { [Symbol.asyncIterator]: () => parts[Symbol.asyncIterator](), lent: () => parts };
}

/** What the handler answered, or threw, without waiting. */
function ask(handler: Handler, request: Message): Answer | Promise<Answer> {
  return handler(request, contextWith());
}

/** All messages of an answer in parts; the last one is the final answer. */
async function readAll(answer: Answer | Promise<Answer>): Promise<unknown[]> {
  const parts = await answer;
  if ('kind' in parts) throw new Error('the answer is one message');
  const iterator = parts[Symbol.asyncIterator]();
  const all: unknown[] = [];
  for (;;) {
    const { value, done } = await iterator.next();
    all.push(value);
    if (done === true) return all;
  }
}

function refusal(code: string, message: unknown): unknown {
  return expect.objectContaining({ name: 'RequestRefusedError', code, message });
}

/** The same questions in three libraries, one of them nobody's. */
const byHand: StandardSchemaV1<{ value: string }, { value: string }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (input) =>
      typeof input === 'object' &&
      input !== null &&
      'value' in input &&
      typeof input.value === 'string'
        ? { value: { value: input.value } }
        : { issues: [{ message: 'expected a string', path: ['value'] }] },
  },
};

const later: StandardSchemaV1<{ value: string }, { value: string }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (input) => Promise.resolve(byHand['~standard'].validate(input)),
  },
};

describe.each([
  ['zod', z.object({ value: z.string() }), true],
  ['zod, strict', z.strictObject({ value: z.string() }), true],
  [
    'zod, with a check that takes its time',
    z.object({ value: z.string().refine(async () => true) }),
    false,
  ],
  ['valibot', v.object({ value: v.string() }), true],
  ['valibot, strict', v.strictObject({ value: v.string() }), true],
  ['valibot, with a check that takes its time', v.objectAsync({ value: v.string() }), false],
  ['written by hand', byHand, true],
  ['written by hand, with a promise', later, false],
] as const)('one message for one: %s', (_, schema, isSync) => {
  const contract = defineContract({ echo: { request: schema, response: schema } });
  const handler = implement(contract, { echo: ({ value }) => ({ value }) });

  test('is answered', async () => {
    const answer = ask(handler, json({ action: 'echo', value: 'x' }));
    expect(answer instanceof Promise).toBe(!isSync);
    expect(await answer).toEqual(jsonMessage({ value: 'x' }));
  });

  test('is answered later where the handler takes its time', async () => {
    const slow = implement(contract, { echo: async ({ value }) => ({ value }) });
    expect(await ask(slow, json({ value: 'x', action: 'echo' }))).toEqual(
      jsonMessage({ value: 'x' }),
    );
  });

  test.each([[{}], [{ value: 5 }], [{ value: null }], [{ VALUE: 'x' }]])(
    '%j does not fit',
    async (input) => {
      const answer = async (): Promise<Answer> => ask(handler, json({ action: 'echo', ...input }));
      await expect(answer()).rejects.toThrow(RequestRefusedError);
      await expect(answer()).rejects.toEqual(
        refusal('input-invalid', expect.stringMatching(/^invalid input of 'echo': value: /)),
      );
    },
  );

  test('an answer that does not fit is the fault of the server', async () => {
    // What a handler without types may do.
    const bad = { value: 5 } as unknown as { value: string };
    const answer = async (): Promise<Answer> =>
      implement(contract, { echo: () => bad })(json({ action: 'echo', value: 'x' }), contextWith());
    await expect(answer()).rejects.toThrow(AnswerInvalidError);
    await expect(answer()).rejects.toThrow(/^send the response of 'echo': value: /);
  });
});

const search = {
  request: z.strictObject({ value: z.string() }),
  response: z.object({ result: z.string() }),
};
const searching = implement(defineContract({ search }), {
  search: ({ value }) => ({ result: value }),
});

describe('which action', () => {
  test.each<[JsonValue, string]>([
    ['dance', 'dance'],
    ['constructor', 'constructor'],
    ['__proto__', '__proto__'],
    ['toString', 'toString'],
    ['', ''],
    ['two\nlines', 'two\nlines'],
    [5, '5'],
    [null, 'null'],
    [['search'], '["search"]'],
    [{ search: true }, '{"search":true}'],
    ['x'.repeat(257), `${'x'.repeat(256)}...`],
    [Array<string>(1000).fill('x'), `["x","x",${'"x",'.repeat(63)}`.slice(0, 256) + '...'],
  ])('%j is none', (action, shown) => {
    expect(() => ask(searching, json({ action }))).toThrow(
      refusal('action-invalid', `invalid action '${shown}'.`),
    );
  });

  test('what every object inherits is not what the peer sent', () => {
    // As JSON.parse makes it: an own property of that name.
    const request = JSON.parse('{"__proto__": {"action": "search", "value": "x"}}') as JsonObject;
    expect(() => ask(searching, json(request))).toThrow(
      refusal(
        'action-invalid',
        expect.stringMatching(/^no action; a request looks like {"action": /),
      ),
    );
  });

  test('none is refused, unless somebody is there for it', () => {
    const freeForm = (): OutgoingMessage => jsonMessage({ free: true });
    const binary = (): OutgoingMessage => jsonMessage({ binary: true });
    const contract = defineContract({ search });
    const handlers = { search: () => ({ result: '' }) };
    const handler = implement(contract, handlers, { freeForm, binary });
    expect(ask(handler, json({ value: 'x' }))).toEqual(jsonMessage({ free: true }));
    expect(ask(handler, bytes([1]))).toEqual(jsonMessage({ binary: true }));
    expect(ask(handler, bytes([1], { action: 5 }))).toEqual(jsonMessage({ binary: true }));
    for (const request of [bytes([1]), json({})]) {
      expect(() => ask(searching, request)).toThrow(
        refusal('action-invalid', expect.stringMatching(/^no action; /)),
      );
    }
    expect(() => ask(handler, json({ action: 'dance' }))).toThrow("invalid action 'dance'.");
    expect(() => ask(handler, bytes([], { action: 'dance' }))).toThrow("invalid action 'dance'.");
  });

  test('names that objects have are names like any other', () => {
    const contract = defineContract({ constructor: search, hasOwnProperty: search });
    const handler = implement(contract, {
      constructor: () => ({ result: 'one' }),
      hasOwnProperty: () => ({ result: 'two' }),
    });
    const answers = ['constructor', 'hasOwnProperty'].map((action) =>
      ask(handler, json({ action, value: '' })),
    );
    expect(answers).toEqual([jsonMessage({ result: 'one' }), jsonMessage({ result: 'two' })]);
  });
});

describe('what does not belong to an action', () => {
  test('bytes for JSON', () => {
    expect(() => ask(searching, bytes([], { action: 'search', input: { value: 'x' } }))).toThrow(
      refusal('input-invalid', "invalid input of 'search': it came as bytes; send JSON"),
    );
  });

  test('parts for an action without', () => {
    expect(() => ask(searching, json({ action: 'search', value: 'x' }, { more: true }))).toThrow(
      refusal('input-invalid', expect.stringContaining('takes no parts')),
    );
    expect(ask(searching, json({ action: 'search', value: 'x' }, { more: false }))).toEqual(
      jsonMessage({ result: 'x' }),
    );
  });
});

describe('handlers', () => {
  test('may be methods of a class', () => {
    class Service implements ActionHandlers<{ readonly search: typeof search }> {
      readonly #result = 'mine';
      search(): { result: string } {
        return { result: this.#result };
      }
    }
    const handler = implement(defineContract({ search }), new Service());
    expect(ask(handler, json({ action: 'search', value: '' }))).toEqual(
      jsonMessage({ result: 'mine' }),
    );
  });

  test('that are missing are found when the handler is made', () => {
    // As a program gives them that no compiler has looked at.
    const none = {} as ActionHandlers<{ readonly search: typeof search }>;
    expect(() => implement(defineContract({ search }), none)).toThrow(TypeError);
    expect(() => implement(defineContract({ search }), none)).toThrow("implement 'search': ");
  });

  test('get what the server knows', () => {
    const context = contextWith();
    const handler = vi.fn<() => { result: string }>(() => ({ result: '' }));
    const served = implement(defineContract({ search }), { search: handler });
    expect(served(json({ action: 'search', value: 'x' }), context)).toEqual(
      jsonMessage({ result: '' }),
    );
    expect(handler).toHaveBeenCalledExactlyOnceWith({ value: 'x' }, context);
  });

  test('fail as they like', async () => {
    const failing = implement(defineContract({ search }), {
      search: () => {
        throw new RequestRefusedError('unauthorized', 'not you');
      },
    });
    expect(() => ask(failing, json({ action: 'search', value: '' }))).toThrow('not you');
    const failingLater = implement(defineContract({ search }), {
      search: async () => {
        throw new RequestRefusedError('rate-limited', 'not now');
      },
    });
    await expect(ask(failingLater, json({ action: 'search', value: '' }))).rejects.toThrow(
      'not now',
    );
  });

  test.each([undefined, null, 5, 'text', [], [{ result: '' }], new Date(0), new Map()])(
    'whose answer %o is no plain object are at fault',
    (answer) => {
      const loose = z.looseObject({});
      const handler = implement(defineContract({ act: { request: loose, response: loose } }), {
        act: () => answer as unknown as object as Record<string, unknown>,
      });
      expect(() => ask(handler, json({ action: 'act' }))).toThrow(AnswerInvalidError);
      expect(() => ask(handler, json({ action: 'act' }))).toThrow('expected a plain object');
    },
  );

  test('may call a member `then`: what no function is, is no promise', () => {
    const loose = z.looseObject({});
    const contract = defineContract({ act: { request: loose, response: loose } });
    const request = JSON.parse('{"action": "act", "then": "x"}') as JsonObject;
    const handler = implement(contract, { act: (input) => input });
    expect(ask(handler, json(request))).toEqual(jsonMessage(JSON.parse('{"then": "x"}') as object));
  });

  test('answer with what they gave, not with what the schema makes of it', () => {
    const schema = z.object({ at: z.string().transform((text) => new Date(text)) });
    const response = { at: '2000-01-01', besides: true };
    const handler = implement(
      defineContract({ act: { request: z.object({}), response: schema } }),
      {
        act: () => response,
      },
    );
    const answer = ask(handler, json({ action: 'act' }));
    expect('value' in answer && answer.value).toBe(response);
  });
});

describe('schemas', () => {
  test('that throw are the fault of the server', () => {
    const broken: StandardSchemaV1<object, object> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () => {
          throw new Error('a bug');
        },
      },
    };
    const contract = defineContract({ act: { request: broken, response: broken } });
    const handler = implement(contract, { act: () => ({}) });
    expect(() => ask(handler, json({ action: 'act' }))).toThrow(new Error('a bug'));
  });

  test('may say that nothing is wrong in any way that is false', () => {
    const schema: StandardSchemaV1<object, object> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        // Without types, as some do.
        validate: (value) => ({ value, issues: null }) as unknown as { value: object },
      },
    };
    const contract = defineContract({ act: { request: schema, response: schema } });
    const handler = implement(contract, { act: () => ({}) });
    expect(ask(handler, json({ action: 'act' }))).toEqual(jsonMessage({}));
  });

  test('never see the action, and see __proto__ as data', () => {
    const seen: unknown[] = [];
    const schema = z.looseObject({}).refine((input) => seen.push(input) > 0);
    const contract = defineContract({ act: { request: schema, response: z.object({}) } });
    const request = JSON.parse('{"a": 1, "action": "act", "__proto__": {"b": 2}}') as JsonObject;
    const answer = ask(implement(contract, { act: () => ({}) }), json(request));
    expect(answer).toEqual(jsonMessage({}));
    expect(Object.keys(request)).toEqual(['a', 'action', '__proto__']);
    expect(seen).toHaveLength(1);
    expect(seen[0]).not.toHaveProperty('action');
    expect(seen[0]).not.toHaveProperty('b');
  });

  test.each([
    ['zod', z.object({ list: z.array(z.string()) })],
    ['valibot', v.object({ list: v.array(v.string()) })],
  ] as const)('of %s: a hundred thousand faults are told in a few words', (_, schema) => {
    const contract = defineContract({ act: { request: schema, response: z.object({}) } });
    const handler = implement(contract, { act: () => ({}) });
    const list = Array<number>(100_000).fill(5);
    const told =
      /^invalid input of 'act': list\[0\]: [^;]+; list\[1\]: [^;]+; list\[2\]: [^;]+; and 99997 more$/;
    expect(() => ask(handler, json({ action: 'act', list }))).toThrow(told);
  });

  test('that repeat what they met: a stranger does not make the answer long', () => {
    const schema = v.strictObject({ kind: v.literal('a') });
    const contract = defineContract({ act: { request: schema, response: z.object({}) } });
    const handler = implement(contract, { act: () => ({}) });
    const long = 'x'.repeat(1_000_000);
    for (const input of [{ kind: long }, { kind: 'a', [long]: 1 }, { kind: `\n\u0000${long}` }]) {
      const answer = (): unknown => ask(handler, json({ action: 'act', ...input }));
      expect(answer).toThrow(RequestRefusedError);
      expect(answer).toThrow(/^.{10,500}$/);
    }
  });

  test('that nest: a deep fault is found by the end of its path', () => {
    interface Nest {
      in?: Nest | undefined;
    }
    const nest: z.ZodType<Nest, Nest> = z.object({
      get in() {
        return nest.optional();
      },
    });
    const contract = defineContract({ act: { request: nest, response: z.object({}) } });
    let value: JsonObject = { in: 5 };
    for (let depth = 0; depth < 60; depth++) value = { in: value };
    const handler = implement(contract, { act: () => ({}) });
    expect(() => ask(handler, json({ action: 'act', ...value }))).toThrow(
      /^invalid input of 'act': \.\.\.(in\.){7}in: /,
    );
  });
});

describe('answers in parts', () => {
  const contract = defineContract({
    count: { request: z.object({ to: z.int() }), responseParts: v.object({ n: v.number() }) },
    list: {
      request: z.object({}),
      responseParts: z.object({ n: z.number().refine(async (n) => n < 3) }),
      response: z.object({ total: z.int() }),
    },
    download: { request: z.object({}), responseParts: 'bytes' },
  });
  const handlers: ActionHandlers<typeof contract> = {
    async *count({ to }) {
      for (let n = 1; n <= to; n++) yield { n };
    },
    async *list() {
      yield { n: 1 };
      return { total: 1 };
    },
    async *download() {
      yield Uint8Array.of(1, 2);
      yield new Uint8Array(0);
    },
  };
  const handler = implement(contract, handlers);

  test('are items and an answer behind them', async () => {
    const count = ask(handler, json({ action: 'count', to: 2 }));
    expect(await readAll(count)).toEqual(
      [{ n: 1 }, { n: 2 }, {}].map((value) => jsonMessage(value)),
    );
    expect(await readAll(ask(handler, json({ action: 'count', to: 0 })))).toEqual([
      jsonMessage({}),
    ]);
    const list = ask(handler, json({ action: 'list' }));
    expect(await readAll(list)).toEqual(
      [{ n: 1 }, { total: 1 }].map((value) => jsonMessage(value)),
    );
  });

  test('are bytes', async () => {
    expect(await readAll(ask(handler, json({ action: 'download' })))).toEqual([
      binaryMessage(Uint8Array.of(1, 2), OCTETS),
      binaryMessage(new Uint8Array(0), OCTETS),
      binaryMessage(new Uint8Array(0), OCTETS),
    ]);
  });

  test('may be opened first, and may be anything that is iterated', async () => {
    const opened = implement(contract, {
      ...handlers,
      download: async () => new Blob(['ab']).stream(),
    });
    expect(await readAll(ask(opened, json({ action: 'download' })))).toEqual([
      binaryMessage(Uint8Array.of(97, 98), OCTETS),
      binaryMessage(new Uint8Array(0), OCTETS),
    ]);
  });

  test('are refused at once where the input does not fit', () => {
    expect(() => ask(handler, json({ action: 'count', to: 0.5 }))).toThrow(
      "input of 'count': to: ",
    );
  });

  test.each<[keyof typeof contract, () => AsyncGenerator<unknown, unknown>, string]>([
    [
      'count',
      async function* () {
        yield { n: 'x' };
      },
      "send an item of 'count': n: ",
    ],
    [
      'count',
      async function* () {
        yield 5;
      },
      "send an item of 'count': expected a plain object",
    ],
    [
      'list',
      async function* () {
        yield { n: 3 };
      },
      "send an item of 'list': n: ",
    ],
    ['list', async function* () {}, "send the response of 'list': expected a plain object"],
    [
      'list',
      async function* () {
        yield { n: 1 };
        return { total: 'x' };
      },
      "send the response of 'list': total: ",
    ],
    [
      'download',
      async function* () {
        yield 'text';
      },
      "send an item of 'download': expected a Uint8Array",
    ],
  ])('of %s that do not fit are the fault of the server', async (action, generate, words) => {
    const answers = { ...handlers, [action]: generate } as typeof handlers; // as without types
    const parts = readAll(ask(implement(contract, answers), json({ action, to: 1 })));
    await expect(parts).rejects.toThrow(AnswerInvalidError);
    await expect(parts).rejects.toThrow(words);
  });

  test('that are none are the fault of the server', () => {
    const answers = { ...handlers, count: () => ({ n: 1 }) } as unknown as typeof handlers; // as without types
    expect(() => ask(implement(contract, answers), json({ action: 'count', to: 1 }))).toThrow(
      "send an answer in parts of 'count': the handler gave no async iterable",
    );
  });

  test('that nobody reads to the end are cleaned up; what fails in the middle passes', async () => {
    const cleaned = vi.fn<() => void>();
    const failing = implement(contract, {
      ...handlers,
      async *count() {
        try {
          yield { n: 1 };
          throw new RequestRefusedError('overloaded', 'that is all for today');
        } finally {
          cleaned();
        }
      },
    });
    const request = json({ action: 'count', to: 1 });
    const parts = await ask(failing, request);
    if ('kind' in parts) throw new Error('the answer is one message');
    for await (const part of parts) {
      expect(part).toEqual(jsonMessage({ n: 1 }));
      break;
    }
    expect(cleaned).toHaveBeenCalledOnce();
    await expect(readAll(ask(failing, request))).rejects.toThrow('that is all for today');
  });
});

describe('requests in parts', () => {
  const contract = defineContract({
    sum: {
      request: z.object({}),
      requestParts: z.object({ n: z.string().transform(Number) }),
      response: z.object({ sum: z.number() }),
    },
    measure: {
      request: z.strictObject({ name: z.string() }),
      requestParts: 'bytes',
      response: z.object({ name: z.string(), lengths: z.array(z.int()) }),
    },
  });
  const handler = implement(contract, {
    async sum(_, { parts }) {
      let sum = 0;
      for await (const { n } of parts) sum += n;
      return { sum };
    },
    async measure({ name }, { parts, peer, deadline, signal, log }) {
      if (peer.connection !== 1 || deadline.remainingMs !== Infinity || signal.aborted)
        throw new Error('other context');
      log.info({ name }, 'measure');
      const lengths: number[] = [];
      for await (const part of parts) lengths.push(part.length);
      return { name, lengths };
    },
  });
  const more = { more: true };

  test('are items; the message that ends them is none', async () => {
    const items = [json({ n: '1' }, more), json({ n: '2' }, more), json({})];
    const answer = handler(json({ action: 'sum' }, more), contextWith(...items));
    expect(await answer).toEqual(jsonMessage({ sum: 3 }));
    expect(await ask(handler, json({ action: 'sum' }))).toEqual(jsonMessage({ sum: 0 }));
  });

  test('are bytes, with those of the request itself', async () => {
    const extensions = { action: 'measure', input: { name: 'a' } };
    const whole = handler(bytes([1, 2, 3], extensions), contextWith());
    expect(await whole).toEqual(jsonMessage({ name: 'a', lengths: [3] }));
    const first = bytes([1], { ...extensions, more: true });
    const parts = handler(first, contextWith(bytes([2, 3], more), bytes([], more), bytes([4])));
    expect(await parts).toEqual(jsonMessage({ name: 'a', lengths: [1, 2, 1] }));
    const empty = handler(bytes([], extensions), contextWith());
    expect(await empty).toEqual(jsonMessage({ name: 'a', lengths: [] }));
  });

  test('that do not fit are refused when it is their turn', async () => {
    const cleaned = vi.fn<() => void>();
    async function* parts(): AsyncGenerator<Message> {
      try {
        yield json({ n: '1' }, more);
        yield json({ n: 2 }, more);
      } finally {
        cleaned();
      }
    }
    const answer = handler(json({ action: 'sum' }, more), {
      ...contextWith(),
      parts: lendable(parts()),
    });
    await expect(answer).rejects.toEqual(
      refusal('input-invalid', expect.stringMatching(/^invalid part of 'sum': n: /)),
    );
    expect(cleaned).toHaveBeenCalledOnce();
  });

  test.each<[string, Message, Message[], string]>([
    [
      'bytes for items',
      bytes([], { action: 'sum' }),
      [],
      "input of 'sum': it came as bytes; send JSON",
    ],
    [
      'JSON for bytes',
      json({ action: 'measure', name: 'a' }),
      [],
      "input of 'measure': it came as JSON; send bytes",
    ],
    [
      'bytes among items',
      json({ action: 'sum' }, more),
      [bytes([1], more)],
      "part of 'sum': it came as bytes",
    ],
    ['no input', bytes([], { action: 'measure' }), [], "input of 'measure': name: "],
    [
      'a list for an input',
      bytes([], { action: 'measure', input: [] }),
      [],
      "input of 'measure': name: ",
    ],
    [
      'a text for an input',
      bytes([], { action: 'measure', input: 'a' }),
      [],
      "input of 'measure': name: ",
    ],
  ])('%s', async (_, request, parts, words) => {
    const answer = async (): Promise<Answer> => handler(request, contextWith(...parts));
    await expect(answer()).rejects.toThrow(RequestRefusedError);
    await expect(answer()).rejects.toThrow(`invalid ${words}`);
  });

  test('that are cut off fail as the server says', async () => {
    const reason = new Error('the connection is gone');
    const context = {
      ...contextWith(),
      parts: lendable({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(reason) }) }),
    };
    await expect(handler(json({ action: 'sum' }, more), context)).rejects.toBe(reason);
  });
});
