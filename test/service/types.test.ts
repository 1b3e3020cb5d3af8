/**
 * What the compiler infers from a contract, for handlers and for clients, and what it refuses. Nothing here runs but
 * the compiler. It is long because each wrong program is written out.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import {
  Client,
  defineContract,
  implement,
  type ActionContext,
  type ActionHandlers,
  type ActionName,
  type AnswerStream,
  type Contract,
  type ItemInput,
  type ItemOutput,
  type LendableParts,
  type NoContract,
  type PartInput,
  type PartOutput,
  type PlainAction,
  type RequestInput,
  type RequestOutput,
  type ResponseInput,
  type ResponseOutput,
  type StreamAction,
} from '@wireline/service';
import * as v from 'valibot';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';

/** Has the compiler look at `statements`, which are never carried out. */
function expectCompiles(statements: () => unknown): void {
  expect(statements).toBeTypeOf('function');
}

/** A schema that nobody's library made. */
const NAMED: StandardSchemaV1<{ name: string }, { name: string; seen: boolean }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: () => ({ value: { name: '', seen: true } }),
  },
};

const contract = defineContract({
  search: {
    request: z.object({ value: z.string(), limit: z.int().default(10) }),
    response: z.object({ result: z.string(), at: z.string().transform((text) => new Date(text)) }),
  },
  count: {
    request: v.object({ to: v.number() }),
    responseParts: v.object({ n: v.pipe(v.string(), v.transform(Number)) }),
  },
  list: {
    request: z.object({}),
    responseParts: z.object({ name: z.string() }),
    response: z.object({ total: z.int() }),
  },
  download: { request: NAMED, responseParts: 'bytes' },
  sum: {
    request: v.object({}),
    requestParts: z.object({ n: z.string().transform(Number) }),
    response: v.object({ sum: v.number() }),
  },
  upload: { request: NAMED, requestParts: 'bytes', response: NAMED },
});
type C = typeof contract;

type Search = {
  readonly to: { value: string; limit?: number | undefined };
  readonly from: { value: string; limit: number };
};

describe('what follows from a contract', () => {
  test('the names of its actions', () => {
    expectTypeOf<ActionName<C>>().toEqualTypeOf<
      'search' | 'count' | 'list' | 'download' | 'sum' | 'upload'
    >();
    expectTypeOf<PlainAction<C>>().toEqualTypeOf<'search' | 'sum' | 'upload'>();
    expectTypeOf<StreamAction<C>>().toEqualTypeOf<'count' | 'list' | 'download'>();
    expectTypeOf<PlainAction<NoContract>>().toEqualTypeOf<never>();
    expectTypeOf<StreamAction<NoContract>>().toEqualTypeOf<never>();
    expectTypeOf<NoContract>().toExtend<Contract>();
    expectTypeOf<C>().toExtend<Contract>();
  });

  test('inputs: what is sent, and what the handler gets', () => {
    expectTypeOf<RequestInput<C, 'search'>>().toEqualTypeOf<Search['to']>();
    expectTypeOf<RequestOutput<C, 'search'>>().toEqualTypeOf<Search['from']>();
    expectTypeOf<RequestInput<C, 'count'>>().toEqualTypeOf<{ to: number }>();
    expectTypeOf<RequestInput<C, 'download'>>().toEqualTypeOf<{ name: string }>();
    expectTypeOf<RequestOutput<C, 'download'>>().toEqualTypeOf<{ name: string; seen: boolean }>();
  });

  test('answers: what the handler gives, and what the client gets', () => {
    expectTypeOf<ResponseInput<C, 'search'>>().toEqualTypeOf<{ result: string; at: string }>();
    expectTypeOf<ResponseOutput<C, 'search'>>().toEqualTypeOf<{ result: string; at: Date }>();
    expectTypeOf<ResponseOutput<C, 'list'>>().toEqualTypeOf<{ total: number }>();
    expectTypeOf<ResponseOutput<C, 'count'>>().toEqualTypeOf<undefined>();
    expectTypeOf<ResponseOutput<C, 'download'>>().toEqualTypeOf<undefined>();
  });

  test('items of answers', () => {
    expectTypeOf<ItemInput<C, 'count'>>().toEqualTypeOf<{ n: string }>();
    expectTypeOf<ItemOutput<C, 'count'>>().toEqualTypeOf<{ n: number }>();
    expectTypeOf<ItemOutput<C, 'download'>>().toEqualTypeOf<Uint8Array>();
    expectTypeOf<ItemOutput<C, 'search'>>().toEqualTypeOf<never>();
  });

  test('parts of requests', () => {
    expectTypeOf<PartInput<C, 'sum'>>().toEqualTypeOf<{ n: string }>();
    expectTypeOf<PartOutput<C, 'sum'>>().toEqualTypeOf<{ n: number }>();
    expectTypeOf<PartInput<C, 'upload'>>().toEqualTypeOf<Uint8Array>();
    expectTypeOf<PartInput<C, 'search'>>().toEqualTypeOf<never>();
  });
});

declare const handlers: ActionHandlers<C>;

describe('handlers', () => {
  test('know their inputs, their parts, and what to answer', () => {
    expectCompiles(() =>
      implement(contract, {
        search: (input, { parts, signal, log }) => {
          expectTypeOf(input).toEqualTypeOf<Search['from']>();
          expectTypeOf(parts).toEqualTypeOf<AsyncIterable<never>>();
          expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
          expectTypeOf(log.info).toBeFunction();
          return { result: input.value, at: '1970-01-01' };
        },
        async *count({ to }) {
          for (let n = 1; n <= to; n++) yield { n: String(n) };
        },
        async *list() {
          yield { name: 'a' };
          return { total: 1 };
        },
        async *download({ name, seen }) {
          expectTypeOf(seen).toBeBoolean();
          yield new TextEncoder().encode(name);
        },
        async sum(_input, { parts }) {
          let sum = 0;
          for await (const { n } of parts) sum += n;
          return { sum };
        },
        upload: async ({ name }, { parts }) => {
          for await (const bytes of parts) expectTypeOf(bytes).toEqualTypeOf<Uint8Array>();
          return { name };
        },
      }),
    );
  });

  test('a context has the parts of its action', () => {
    expectTypeOf<ActionContext<never>['parts']>().toEqualTypeOf<AsyncIterable<never>>();
    expectTypeOf<ActionContext<Uint8Array>['parts']>().toEqualTypeOf<LendableParts<Uint8Array>>();
    expectTypeOf<ActionContext<{ n: 1 }>['parts']>().toEqualTypeOf<AsyncIterable<{ n: 1 }>>();
  });

  test('words, tuples and unions in answers keep their types in handlers that are written in place', () => {
    expectCompiles(() => {
      const exact = defineContract({
        word: {
          request: z.object({}),
          response: z.object({ k: z.enum(['a', 'b']), ok: z.literal(true) }),
        },
        pair: { request: z.object({}), response: z.object({ t: z.tuple([z.string(), z.int()]) }) },
        union: {
          request: z.object({}),
          responseParts: z.discriminatedUnion('k', [
            z.object({ k: z.literal('a'), n: z.int() }),
            z.object({ k: z.literal('b') }),
          ]),
        },
      });
      implement(exact, {
        word: () => ({ k: 'b', ok: true }),
        pair: async () => ({ t: ['a', 1] }),
        async *union() {
          yield { k: 'a', n: 1 };
          yield { k: 'b' };
        },
      });
      implement(exact, {
        // @ts-expect-error -- no such word
        word: () => ({ k: 'c', ok: true }),
        pair: async () => ({ t: ['a', 1] }),
        async *union() {
          yield { k: 'b' };
        },
      });
    });
  });

  test('what cannot be told from something else on the wire is refused', () => {
    expectCompiles(() => {
      const request = z.object({});
      // @ts-expect-error -- by such a member error answers are known
      defineContract({ a: { request, response: z.object({ error: z.string().optional() }) } });
      const list = z.union([z.object({ x: z.number() }), z.array(z.string())]);
      // @ts-expect-error -- a list is no object, whatever else it may be
      defineContract({ a: { request: list, response: request } });
    });
  });

  test('streams may be opened first', () => {
    expectCompiles(() =>
      implement(contract, {
        ...handlers,
        download: async () => {
          await Promise.resolve();
          return new Blob([]).stream();
        },
      }),
    );
  });

  test('one for each action, and no other', () => {
    expectCompiles(() => {
      const { search, ...others } = handlers;
      // @ts-expect-error: search is missing
      implement(contract, others);
      // @ts-expect-error: there is no such action
      implement(contract, { ...handlers, dance: () => ({}) });
      return search;
    });
  });

  test('that answer something else are refused', () => {
    expectCompiles(() => {
      // @ts-expect-error: a number is no string
      implement(contract, { ...handlers, search: () => ({ result: 1, at: '' }) });
      // @ts-expect-error: the same, later
      implement(contract, { ...handlers, search: async () => ({ result: 1, at: '' }) });
      // @ts-expect-error: what is on the wire is a text, and the client makes a date of it
      implement(contract, { ...handlers, search: () => ({ result: '', at: new Date() }) });
      // @ts-expect-error: no iterable
      implement(contract, { ...handlers, count: () => ({ n: '1' }) });
      implement(contract, {
        ...handlers,
        // @ts-expect-error: an item of another type
        async *count() {
          yield { n: 1 };
        },
      });
      implement(contract, {
        ...handlers,
        // @ts-expect-error: an answer of another type behind the items
        async *list() {
          yield { name: '' };
          return { total: '' };
        },
      });
      implement(contract, {
        ...handlers,
        // @ts-expect-error: no answer behind the items
        async *list() {
          yield { name: '' };
        },
      });
      implement(contract, {
        ...handlers,
        // @ts-expect-error: an answer that the contract has no schema for
        async *count() {
          yield { n: '' };
          return { total: 1 };
        },
      });
      implement(contract, {
        ...handlers,
        // @ts-expect-error: a text is no bytes
        async *download() {
          yield 'text';
        },
      });
    });
  });

  test('that ask for what is not there are refused', () => {
    expectCompiles(() => {
      implement(contract, {
        ...handlers,
        search: async (input, { parts }) => {
          // @ts-expect-error: the input has no such member
          void input.values;
          // @ts-expect-error: no part ever comes
          for await (const part of parts) void part.length;
          return { result: '', at: '' };
        },
      });
    });
  });
});

declare const client: Client<C>;

describe('clients', () => {
  test('ask by name, and know what comes', () => {
    expectCompiles(() => {
      expectTypeOf(client.request('search', { value: '' })).resolves.toEqualTypeOf<{
        result: string;
        at: Date;
      }>();
      expectTypeOf(client.stream('count', { to: 1 })).toEqualTypeOf<
        AnswerStream<{ n: number }, undefined>
      >();
      expectTypeOf(client.stream('list', {})).toEqualTypeOf<
        AnswerStream<{ name: string }, { total: number }>
      >();
      expectTypeOf(client.stream('download', { name: '' })).toEqualTypeOf<
        AnswerStream<Uint8Array, undefined>
      >();
    });
  });

  test('send parts that fit', () => {
    expectCompiles(async () => {
      await client.request('sum', {}, { parts: [{ n: '1' }] });
      await client.request('upload', { name: '' }, { parts: new Blob([]).stream() });
      // @ts-expect-error: a number is no text
      await client.request('sum', {}, { parts: [{ n: 1 }] });
      // @ts-expect-error: a text is no bytes
      await client.request('upload', { name: '' }, { parts: ['text'] });
      // @ts-expect-error: this action takes none
      await client.request('search', { value: '' }, { parts: [{}] });
    });
  });

  test('that ask for what is not there are refused', () => {
    expectCompiles(async () => {
      // @ts-expect-error: there is no such action
      await client.request('dance', {});
      // @ts-expect-error: its answer comes in parts
      await client.request('count', { to: 1 });
      // @ts-expect-error: its answer comes in one
      client.stream('search', { value: '' });
      // @ts-expect-error: another input
      await client.request('search', { value: 5 });
      // @ts-expect-error: no input
      await client.request('search');
      // @ts-expect-error: a member that does not exist
      await client.request('search', { value: '', values: '' });
      // @ts-expect-error: a client without a contract knows no actions
      await new Client({ host: '', port: 1 }).request('search', { value: '' });
    });
  });

  test('have the contract that they are given', () => {
    expectCompiles(() => {
      const endpoint = { host: '', port: 1 };
      expectTypeOf(new Client(endpoint, { contract })).toEqualTypeOf<Client<C>>();
      expectTypeOf(new Client(endpoint)).toEqualTypeOf<Client>();
      expectTypeOf(Client.connect(endpoint, { contract })).resolves.toEqualTypeOf<Client<C>>();
    });
  });
});

describe('contracts that are refused', () => {
  const text = z.object({ text: z.string() });

  test('for what a schema is of', () => {
    expectCompiles(() => {
      // @ts-expect-error: the input is no object
      defineContract({ a: { request: z.string(), response: text } });
      // @ts-expect-error: the input is a list
      defineContract({ a: { request: z.array(text), response: text } });
      // @ts-expect-error: the input may be anything
      defineContract({ a: { request: z.unknown(), response: text } });
      // @ts-expect-error: the response is no object
      defineContract({ a: { request: text, response: v.string() } });
      // @ts-expect-error: the items are no objects
      defineContract({ a: { request: text, responseParts: v.number() } });
      // @ts-expect-error: the parts are no objects
      defineContract({ a: { request: text, requestParts: z.string(), response: text } });
      // @ts-expect-error: JSON has no dates
      defineContract({ a: { request: z.object({ at: z.date() }), response: text } });
      // @ts-expect-error: nor big integers, wherever they are
      defineContract({ a: { request: text, response: z.object({ n: z.array(z.bigint()) }) } });
      // @ts-expect-error: nor bytes
      defineContract({ a: { request: text, response: z.object({ b: z.instanceof(Uint8Array) }) } });
    });
  });

  test('for a member of an input that is called action', () => {
    expectCompiles(() => {
      // @ts-expect-error: the name of the action stands there
      defineContract({ a: { request: z.object({ action: z.string() }), response: text } });
      const either = z.union([text, z.object({ action: z.string() })]);
      // @ts-expect-error: in one of the alternatives, too
      defineContract({ a: { request: either, response: text } });
      const optional = v.object({ action: v.optional(v.string()) });
      // @ts-expect-error: where it need not be given, too
      defineContract({ a: { request: optional, response: text } });
    });
  });

  test('for their members', () => {
    expectCompiles(() => {
      // @ts-expect-error: no answer
      defineContract({ a: { request: text } });
      // @ts-expect-error: no request
      defineContract({ a: { response: text } });
      // @ts-expect-error: bytes and a response
      defineContract({ a: { request: text, responseParts: 'bytes', response: text } });
      // @ts-expect-error: parts of another kind
      defineContract({ a: { request: text, responseParts: 'text' } });
      // @ts-expect-error: a member that does not exist
      defineContract({ a: { request: text, response: text, respones: text } });
      // @ts-expect-error: no Standard Schema
      defineContract({ a: { request: { type: 'object' }, response: text } });
    });
  });
});

test('schemas of every shape of JSON are fine', () => {
  interface Tree {
    name: string;
    children: Tree[];
  }
  const tree: z.ZodType<Tree, Tree> = z.object({
    name: z.string(),
    get children() {
      return z.array(tree);
    },
  });
  const made = defineContract({
    trees: { request: tree, response: tree },
    loose: {
      request: z.looseObject({ a: z.null() }),
      response: z.record(z.string(), z.unknown()),
    },
    either: {
      request: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('a'), list: z.array(z.number()) }),
        z.object({ kind: z.literal('b'), pair: z.tuple([z.string(), z.boolean()]) }),
      ]),
      response: z.object({ text: z.string().brand('text') }),
    },
    coerced: {
      request: z.object({ at: z.coerce.date() }),
      response: v.looseObject({ a: v.nullish(v.string()) }),
    },
  });
  expectTypeOf<RequestInput<typeof made, 'trees'>>().toEqualTypeOf<Tree>();
  expectTypeOf<RequestOutput<typeof made, 'coerced'>>().toEqualTypeOf<{ at: Date }>();
});
