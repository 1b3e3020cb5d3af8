/** A server of ours passes all checks. */
import { Server } from '@wireline/service/server';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SERVER_SECTIONS } from '../server/index.ts';
import { tryServer } from '../trial/run-checks.ts';
import { createConformanceHandler } from './application.ts';

let server: Server;
let port: number;
let closing: Promise<void> | undefined;

beforeEach(async () => {
  server = new Server(createConformanceHandler());
  ({ port } = await server.listen({ host: '127.0.0.1', port: 0 }));
  closing = undefined;
});

afterEach(async () => {
  await (closing ?? server.close());
});

test.each(SERVER_SECTIONS)('passes: $title', async (section) => {
  const { signal } = new AbortController();
  const tellToStop = (): void => {
    closing = server.close();
  };
  const options = { host: '127.0.0.1', port, timeoutMs: 5000, signal, tellToStop };
  const results = await tryServer([section], options);
  expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
  expect(results.length).toBe(section.checks.length);
});
