/**
 * A client to be tried: a driver around the `Client` of `@wireline/service`. What it does for each scenario, and
 * what it prints, stands in the README.
 *
 *     node client.js HOST PORT SCENARIO
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  binaryMessage,
  jsonMessage,
  readErrorAnswer,
  type JsonObject,
  type Message,
} from '@wireline/message';
import {
  AnswerError,
  Client,
  ConnectionBrokenError,
  ConnectionClosedError,
  ConnectError,
  StreamCancelledError,
} from '@wireline/service/client';
import { conformanceContract } from './contract.ts';

type ConformanceClient = Client<typeof conformanceContract>;
type Scenario = (client: ConformanceClient) => Promise<void>;

const ESCAPES = '"\\/\b\f\n\r\t\u0000\u001f\u007f\u00e9\u2028\u{1F430}';
const LONG = 600_001;
const MODULUS = 251;
const SUM_LIMIT = 2 ** 32;
const GIVEN_UP_AFTER_MS = 200;
const DEADLINE_MS = 2000;
const BETWEEN_ITEMS_MS = 2;

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  search: (client) => search(client, 'morpheus'),
  escapes: (client) => search(client, ESCAPES),
  'not-repeated': (client) => search(client, 'morpheus'),
  repeated: (client) => search(client, 'morpheus', true),
  binary: (client) =>
    answered(async () => {
      const content = new TextEncoder().encode('binary\u{1F603}');
      const answer = await client.request(
        binaryMessage(content, 'binary/custom-client-binary-type'),
      );
      printMessage(answer);
    }),
  'two-searches': (client) => searchTogether(client, ['morpheus', 'ring']),
  'one-by-one': async (client) => {
    await search(client, 'morpheus');
    await search(client, 'ring');
  },
  'old-server': async (client) => {
    for (const value of ['morpheus', 'ring', '\u{1F436}']) await search(client, value, true);
  },
  pipelining: async (client) => {
    await search(client, 'morpheus');
    await searchTogether(client, ['ring', '\u{1F436}', 'x']);
  },
  count: (client) =>
    answered(async () => {
      const stream = client.stream('count', { to: 3 });
      for await (const item of stream) print({ item });
      print({ answer: await stream.answer });
    }),
  download: (client) =>
    answered(async () => {
      let length = 0;
      let sum = 0;
      for await (const piece of client.stream('bytes', { length: LONG })) {
        length += piece.length;
        for (const byte of piece) sum = (sum + byte) % SUM_LIMIT;
      }
      print({ bytes: length, sum });
    }),
  sum: (client) =>
    answered(async () => {
      const parts = [{ n: 1 }, { n: 20 }, { n: 300 }];
      print({ answer: await client.request('sum', {}, { parts }) });
    }),
  measure: (client) =>
    answered(async () => {
      const content = Uint8Array.from({ length: LONG }, (_, index) => index % MODULUS);
      const answer = await client.request('measure', { name: 'a file' }, { parts: [content] });
      print({ answer });
    }),
  'early-no': async (client) => {
    await answered(async () => {
      print({ answer: await client.request('sum', {}, { parts: withoutEnd() }) });
    });
    await search(client, 'ring');
  },
  cancel: async (client) => {
    await answered(async () => {
      const stream = client.stream('count', { to: 1_000_000 });
      for await (const item of stream) {
        print({ item });
        stream.cancel();
      }
      print({ answer: await stream.answer });
    });
    await search(client, 'ring');
  },
  'cancel-unproven': (client) =>
    answered(async () => {
      const signal = AbortSignal.timeout(GIVEN_UP_AFTER_MS);
      print({ answer: await client.request('stop', {}, { signal }) });
    }),
  closed: async (client) => {
    await search(client, 'morpheus');
    await answered(async () => {
      const answer = client.request('stop', {});
      // Whoever awaits the answer hears of it; until then nobody does.
      answer.catch(() => undefined);
      await sleep(GIVEN_UP_AFTER_MS);
      client.close();
      print({ answer: await answer });
    });
  },
  deadline: (client) =>
    answered(async () => {
      print({ answer: await client.request('stop', {}, { deadlineMs: DEADLINE_MS }) });
    }),
};

async function search(client: ConformanceClient, value: string, idempotent = false): Promise<void> {
  await answered(async () => {
    // Without the contract: some scenarios answer what it would refuse.
    printMessage(await client.request(searchFor(value), { idempotent }));
  });
}

async function searchTogether(client: ConformanceClient, values: readonly string[]): Promise<void> {
  const answers = values.map(async (value) => client.request(searchFor(value)));
  await Promise.allSettled(answers);
  for (const answer of answers) await answered(async () => printMessage(await answer));
}

function searchFor(value: string): ReturnType<typeof jsonMessage> {
  return jsonMessage({ action: 'search', value });
}

async function* withoutEnd(): AsyncGenerator<{ n: number }> {
  for (let n = 1; ; n++) {
    yield { n };
    await sleep(BETWEEN_ITEMS_MS);
  }
}

/** There was no answer. */
const NO_ANSWER = [ConnectionBrokenError, ConnectionClosedError, ConnectError];

/** Prints what went wrong, if that belongs to the scenario. */
async function answered(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof AnswerError) print({ error: error.code });
    else if (error instanceof StreamCancelledError || isTimeout(error))
      print({ error: 'cancelled' });
    else if (NO_ANSWER.some((kind) => error instanceof kind) && error instanceof Error) {
      process.stderr.write(`${error.message}\n`);
      print({ failed: true });
    } else throw error;
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}

function printMessage(message: Message): void {
  if (message.kind === 'json') {
    const error = readErrorAnswer(message);
    print(error === undefined ? { answer: message.value } : { error: error.code });
    return;
  }
  const sum = message.bytes.reduce((total, byte) => (total + byte) % SUM_LIMIT, 0);
  print({ bytes: message.bytes.length, sum });
}

function print(line: JsonObject): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const [host = '', port = '', name = ''] = process.argv.slice(2);
const scenario = SCENARIOS[name];
if (scenario === undefined) {
  process.stderr.write(`do a scenario: '${name}' is none; see the README\n`);
  process.exitCode = 77;
} else {
  const client: ConformanceClient = new Client(
    { host, port: Number(port) },
    { contract: conformanceContract },
  );
  await scenario(client);
  client.close();
}
