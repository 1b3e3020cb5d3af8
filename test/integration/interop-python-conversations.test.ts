/**
 * Conversations with the Python peers, which were written from the specification alone: ids, parts, cancel,
 * deadline, goodbye. The conformance trial is between the two, and then each side talks to the other.
 */
import { jsonMessage } from '@wireline/message';
import { Client } from '@wireline/service';
import { Server } from '@wireline/service/server';
import { describe, expect, test } from 'vitest';
import { commandDriver } from '../../protocol/conformance/src/client/driver.ts';
import { CLIENT_SECTIONS } from '../../protocol/conformance/src/client/index.ts';
import { tryClient } from '../../protocol/conformance/src/client/run-scenarios.ts';
import { createConformanceHandler } from '../../protocol/conformance/src/peers/application.ts';
import { SERVER_SECTIONS } from '../../protocol/conformance/src/server/index.ts';
import type { CheckResult } from '../../protocol/conformance/src/trial/result.ts';
import { tryServer } from '../../protocol/conformance/src/trial/run-checks.ts';
import { Program } from '../support/program.ts';

const SERVER = 'interop/python/conversation_server.py';
const CLIENT = 'interop/python/conversation_client.py';

const MORPHEUS = { answer: { result: 'Follow the white rabbit. \u{1F430}' } };
const RING = { answer: { result: 'In the caves beneath the Misty Mountains. \u{1F48D}' } };
const PLAYING = { answer: { result: '\u{1F43E} Playing ball! \u{1F3D0}' } };
const ESCAPES = '"\\/\b\f\n\r\t\u0000\u001f\u007f\u00e9\u2028\u{1F430}';

/** Bytes of the pattern that `bytes` and `measure` are about, and their sum. */
const LENGTH = 600_001;
const SUM = Array.from({ length: LENGTH }, (_, at) => at % 251).reduce((sum, byte) => sum + byte);

/** Each scenario, and the lines of a client that was answered by a server which is right. */
const SCENARIOS: readonly (readonly [string, readonly object[]])[] = [
  ['search', [MORPHEUS]],
  ['escapes', [{ answer: { result: `No match for '${ESCAPES}'.` } }]],
  ['binary', [{ bytes: 37, sum: firstTenSum() }]],
  ['two-searches', [MORPHEUS, RING]],
  ['old-server', [MORPHEUS, RING, PLAYING]],
  ['pipelining', [MORPHEUS, RING, PLAYING, { answer: { result: "No match for 'x'." } }]],
  ['count', [...[1, 2, 3].map((n) => ({ item: { n } })), { answer: { counted: 3 } }]],
  ['download', [{ bytes: LENGTH, sum: SUM }]],
  ['sum', [{ answer: { sum: 321 } }]],
  ['measure', [{ answer: { name: 'a file', length: LENGTH, sum: SUM } }]],
  ['cancel', [{ item: { n: 1 } }, { error: 'cancelled' }, RING]],
  ['cancel-unproven', [{ error: 'cancelled' }]],
  ['closed', [MORPHEUS, { failed: true }]],
  ['deadline', [{ error: 'deadline-exceeded' }]],
];

function firstTenSum(): number {
  const bytes = Buffer.from('First 10 bytes of request: binary\u{1F603}');
  return bytes.reduce((sum, byte) => sum + byte, 0);
}

async function playScenario(port: number, scenario: string): Promise<unknown[]> {
  await using client = Program.run('python3', CLIENT, '127.0.0.1', String(port), scenario);
  const { code, stdout, stderr } = await client.exited();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}

async function startPythonServer(): Promise<Program> {
  return Program.start('python3', [SERVER, '127.0.0.1', '0'], { deadlineMs: 60_000 });
}

/** What did not pass, and why. */
function complaints(results: readonly CheckResult[]): readonly object[] {
  return results.filter(({ outcome }) => outcome !== 'passed');
}

describe('the conformance trial', () => {
  test('of the Python server', { timeout: 60_000 }, async () => {
    await using server = await startPythonServer();
    const results = await tryServer(SERVER_SECTIONS, {
      host: '127.0.0.1',
      port: await server.port(),
      timeoutMs: 10_000,
      signal: new AbortController().signal,
      tellToStop: () => server.signal('SIGTERM'),
    });
    expect(complaints(results)).toEqual([]);
    expect(results.length).toBeGreaterThan(200);
    expect(await server.exited()).toMatchObject({ code: 0, stderr: '' });
  });

  // What is malformed has its tests beside the client; a start of Python for each case takes its time.
  test.each(CLIENT_SECTIONS.filter(({ name }) => name !== 'errors'))(
    'of the Python client: $title',
    { timeout: 60_000 },
    async (section) => {
      const driver = commandDriver(['python3', '-B', CLIENT], process.cwd());
      const signal = new AbortController().signal;
      const results = await tryClient([section], { driver, timeoutMs: 10_000, signal });
      expect(complaints(results)).toEqual([]);
      expect(results).toHaveLength(section.scenarios.length);
    },
  );
});

describe('a Python client', () => {
  test.each(SCENARIOS)('and our server: %s', async (scenario, lines) => {
    const server = new Server(createConformanceHandler());
    const address = await server.listen({ host: '127.0.0.1', port: 0 });
    try {
      expect(await playScenario('port' in address ? address.port : 0, scenario)).toEqual(lines);
    } finally {
      await server.close();
    }
  });

  test('and a Python server: every scenario', { timeout: 60_000 }, async () => {
    await using server = await startPythonServer();
    const port = await server.port();
    for (const [scenario, lines] of SCENARIOS) {
      expect(await playScenario(port, scenario)).toEqual(lines);
    }
  });
});

describe('our client and a Python server', () => {
  test('many requests at once, quick ones and slow ones', async () => {
    await using server = await startPythonServer();
    const client = new Client({ host: '127.0.0.1', port: await server.port() });
    try {
      const first = await client.request(jsonMessage({ action: 'search', value: 'ring' }));
      expect(first).toMatchObject({ kind: 'json', value: RING.answer });
      const times = Array.from({ length: 40 }, (_, index) => 40 - index);
      const answers = await Promise.all(
        times.map(async (ms) => client.request(jsonMessage({ action: 'wait', ms }))),
      );
      expect(answers).toMatchObject(times.map((ms) => ({ kind: 'json', value: { waited: ms } })));
    } finally {
      client.close();
    }
  });
});
