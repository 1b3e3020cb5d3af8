/**
 * Contracts from end to end: a server that implements one and a client that knows it, over real sockets, with
 * schemas of two libraries and of none.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { errorAnswer, jsonMessage, type JsonObject } from '@wireline/message';
import { searchContract } from '@wireline/search';
import {
  AnswerInvalidError,
  Client,
  defineContract,
  implement,
  InputInvalidError,
  RequestRefusedError,
  type ActionHandlers,
} from '@wireline/service';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startServer } from '../support/search-server.ts';

/** A number from 1 to 9, in a schema that takes its time. */
const digit: StandardSchemaV1<{ n: number }, { n: number; square: number }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: async (value) => {
      await Promise.resolve();
      const n = typeof value === 'object' && value !== null && 'n' in value ? value.n : undefined;
      if (typeof n === 'number' && n >= 1 && n <= 9) return { value: { n, square: n * n } };
      return { issues: [{ message: 'expected 1 to 9', path: ['n'] }] };
    },
  },
};

const contract = defineContract({
  search: {
    request: z.strictObject({ value: z.string(), limit: z.int().default(10) }),
    response: z.object({
      result: z.string(),
      until: z.iso.date().transform((day) => new Date(day)),
    }),
  },
  refuse: { request: z.object({}), response: z.object({}) },
  lie: { request: z.object({}), response: v.object({ n: v.number() }) },
  count: {
    request: v.strictObject({ to: v.number() }),
    responseParts: digit,
    response: z.object({ counted: z.int() }),
  },
  endless: { request: z.object({}), responseParts: z.object({ n: z.int() }) },
  download: { request: v.object({ length: v.number() }), responseParts: 'bytes' },
  sum: {
    request: z.object({}),
    requestParts: digit,
    response: z.object({ sum: z.int(), squares: z.int() }),
  },
  upload: {
    request: z.strictObject({ name: z.string() }),
    requestParts: 'bytes',
    response: z.object({ name: z.string(), length: z.int() }),
  },
});

/** What the handlers saw of their ends. */
interface Witness {
  readonly stopped: (why: string) => void;
}

function handlersFor({ stopped }: Witness): ActionHandlers<typeof contract> {
  return {
    search: ({ value, limit }) => ({ result: `${value} ${limit}`, until: '2000-01-01' }),
    refuse: () => {
      throw new RequestRefusedError('rate-limited', 'come back later');
    },
    // As a handler without types may do.
    lie: () => ({ n: 'five' }) as unknown as { n: number },
    async *count({ to }) {
      for (let n = 1; n <= to; n++) yield { n };
      return { counted: to };
    },
    async *endless() {
      try {
        for (let n = 1; ; n++) yield { n };
      } finally {
        stopped('endless');
      }
    },
    async *download({ length }) {
      for (let at = 0; at < length; at += 1000) {
        yield new Uint8Array(Math.min(1000, length - at)).fill(at / 1000);
      }
    },
    async sum(_, { parts }) {
      let sum = 0;
      let squares = 0;
      for await (const { n, square } of parts) {
        sum += n;
        squares += square;
      }
      return { sum, squares };
    },
    async upload({ name }, { parts }) {
      let length = 0;
      for await (const bytes of parts) length += bytes.length;
      return { name, length };
    },
  };
}

/** A server, a client that knows its contract, and what the server saw. */
async function startBoth(): Promise<
  AsyncDisposable & {
    readonly client: Client<typeof contract>;
    readonly port: number;
    readonly failures: unknown[];
    readonly ended: Promise<string>;
  }
> {
  const failures: unknown[] = [];
  let stopped: Witness['stopped'] = () => {};
  const ended = new Promise<string>((resolve) => (stopped = resolve));
  const observer = {
    handlerFailed: (_connection: unknown, _request: unknown, error: unknown): void => {
      failures.push(error);
    },
  };
  const served = await startServer(implement(contract, handlersFor({ stopped })), { observer });
  const client = await Client.connect({ host: '127.0.0.1', port: served.port }, { contract });
  return {
    client,
    port: served.port,
    failures,
    ended,
    async [Symbol.asyncDispose]() {
      client.close();
      await served[Symbol.asyncDispose]();
    },
  };
}

async function readAll<T>(parts: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const part of parts) all.push(part);
  return all;
}

describe('one message for one', () => {
  test('the handler gets what the schema made, and so does the client', async () => {
    await using both = await startBoth();
    expect(await both.client.request('search', { value: 'x' })).toEqual({
      result: 'x 10',
      until: new Date('2000-01-01'),
    });
  });

  test('many at once', async () => {
    await using both = await startBoth();
    const values = Array.from({ length: 100 }, (_, index) => `v${index}`);
    const answers = await Promise.all(
      values.map((value) => both.client.request('search', { value, limit: 1 })),
    );
    expect(answers.map(({ result }) => result)).toEqual(values.map((value) => `${value} 1`));
  });

  test('what the client gives and does not fit is not sent', async () => {
    await using both = await startBoth();
    // As a program asks that no compiler has looked at.
    const bad = { value: 5 } as unknown as { value: string };
    await expect(both.client.request('search', bad)).rejects.toThrow(InputInvalidError);
    await expect(both.client.request('search', bad)).rejects.toThrow(
      "the input of 'search': value: ",
    );
  });

  test.each<[JsonObject, string, RegExp]>([
    [{ action: 'search' }, 'input-invalid', /^invalid input of 'search': value: /],
    [{ action: 'search', value: 5, limit: 0.5 }, 'input-invalid', /: value: .*; limit: /],
    [{ action: 'search', value: '', more: 1 }, 'input-invalid', /more/],
    [{ action: 'dance' }, 'action-invalid', /^invalid action 'dance'\.$/],
    [{ action: 'constructor' }, 'action-invalid', /^invalid action 'constructor'\.$/],
    [{ value: 'x' }, 'action-invalid', /^no action; a request looks like /],
    [{ action: 'refuse' }, 'rate-limited', /^come back later$/],
    [{ action: 'upload', name: 'a' }, 'input-invalid', /it came as JSON/],
  ])('%j is refused, and the connection goes on', async (request, code, message) => {
    await using both = await startBoth();
    const asked = both.client.request(jsonMessage(request));
    await expect(asked).rejects.toMatchObject({ name: 'AnswerError', code });
    await expect(asked).rejects.toThrow(message);
    expect(await both.client.request('search', { value: 'x' })).toHaveProperty('result');
    expect(both.failures).toEqual([]);
  });

  test('an answer that does not fit is the fault of the server, which alone hears why', async () => {
    await using both = await startBoth();
    const asked = both.client.request('lie', {});
    await expect(asked).rejects.toMatchObject({ code: 'internal' });
    await expect(asked).rejects.not.toThrow('five');
    expect(both.failures).toEqual([expect.any(AnswerInvalidError)]);
    expect(String(both.failures[0])).toContain("send the response of 'lie': n: ");
  });

  test('an answer that does not fit what the client knows is told by the client', async () => {
    await using served = await startServer(() => jsonMessage({ result: 5 }));
    await using client = await Client.connect(
      { host: '127.0.0.1', port: served.port },
      { contract: searchContract },
    );
    const asked = client.request('search', { value: 'x' });
    await expect(asked).rejects.toThrow(AnswerInvalidError);
    await expect(asked).rejects.toThrow("read the answer of 'search': result: ");
  });

  test('an error answer is no answer that does not fit', async () => {
    await using served = await startServer(() => errorAnswer('overloaded', 'not now'));
    await using client = await Client.connect(
      { host: '127.0.0.1', port: served.port },
      { contract: searchContract },
    );
    await expect(client.request('search', { value: 'x' })).rejects.toMatchObject({
      code: 'overloaded',
    });
  });
});

describe('answers in parts', () => {
  test('are items, and an answer', async () => {
    await using both = await startBoth();
    const stream = both.client.stream('count', { to: 3 });
    expect(await readAll(stream)).toEqual([1, 2, 3].map((n) => ({ n, square: n * n })));
    expect(await stream.answer).toEqual({ counted: 3 });
  });

  test('are bytes', async () => {
    await using both = await startBoth();
    const stream = both.client.stream('download', { length: 2500 });
    const bytes = Buffer.concat(await readAll(stream));
    expect(bytes).toEqual(Buffer.from(Uint8Array.from({ length: 2500 }, (_, at) => at / 1000)));
    expect(await stream.answer).toBeUndefined();
  });

  test('end in the middle where an item does not fit', async () => {
    await using both = await startBoth();
    const stream = both.client.stream('count', { to: 12 });
    const seen: number[] = [];
    await expect(async () => {
      for await (const { n } of stream) seen.push(n);
    }).rejects.toMatchObject({ code: 'internal' });
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(String(both.failures[0])).toContain("send an item of 'count': n: expected 1 to 9");
  });

  test('that are left have their handler clean up', async () => {
    await using both = await startBoth();
    for await (const { n } of both.client.stream('endless', {})) if (n === 3) break;
    expect(await both.ended).toBe('endless');
    expect(both.failures).toEqual([]);
  });
});

describe('requests in parts', () => {
  test('are items', async () => {
    await using both = await startBoth();
    const parts = [{ n: 1 }, { n: 2 }, { n: 3 }];
    expect(await both.client.request('sum', {}, { parts })).toEqual({ sum: 6, squares: 14 });
    expect(await both.client.request('sum', {})).toEqual({ sum: 0, squares: 0 });
  });

  test('are bytes', async () => {
    await using both = await startBoth();
    const parts = [new Uint8Array(1000), new Uint8Array(0), new Uint8Array(500_000)];
    expect(await both.client.request('upload', { name: 'a' }, { parts })).toEqual({
      name: 'a',
      length: 501_000,
    });
    expect(await both.client.request('upload', { name: 'b' })).toEqual({ name: 'b', length: 0 });
  });

  test('that do not fit are not sent', async () => {
    await using both = await startBoth();
    const asked = both.client.request('sum', {}, { parts: [{ n: 1 }, { n: 10 }] });
    await expect(asked).rejects.toThrow(InputInvalidError);
    await expect(asked).rejects.toThrow("send a part of 'sum': n: expected 1 to 9");
  });

  test('that do not fit and were sent are refused', async () => {
    await using both = await startBoth();
    const parts = [jsonMessage({ n: 1 }), jsonMessage({ n: 10 })];
    const asked = both.client.request(jsonMessage({ action: 'sum' }), { parts });
    await expect(asked).rejects.toMatchObject({ code: 'input-invalid' });
    await expect(asked).rejects.toThrow("invalid part of 'sum': n: expected 1 to 9");
    expect(both.failures).toEqual([]);
  });
});
