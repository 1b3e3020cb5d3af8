/** A handler that fails is heard of, also by whoever has set up nothing to hear of it. */
import { once } from 'node:events';
import { jsonMessage } from '@wireline/message';
import { AnswerError, Client, Server, type ServerOptions } from '@wireline/service';
import { expect, test } from 'vitest';

/** Asks a server twice whose handler fails, and gives the warnings of the process. */
async function warningsOf(options: ServerOptions): Promise<readonly string[]> {
  const warnings: string[] = [];
  const onWarning = (warning: Error & { readonly code?: string }): void => {
    warnings.push(`${warning.code} ${warning.message}`);
  };
  process.on('warning', onWarning);
  await using server = new Server(() => {
    throw new Error('boom');
  }, options);
  await using client = new Client(await server.listen({ host: '127.0.0.1', port: 0 }));
  for (let n = 0; n < 2; n++) {
    await expect(client.request(jsonMessage({}))).rejects.toBeInstanceOf(AnswerError);
  }
  process.emitWarning('the last one');
  await once(process, 'warning');
  process.off('warning', onWarning);
  return warnings.filter((warning) => warning.startsWith('WIRELINE'));
}

test('a server without log and observer warns, once', async () => {
  const warnings = await warningsOf({});
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/^WIRELINE_HANDLER_FAILED .*"internal".*boom/s);
});

test('a server with either does not', async () => {
  const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const log = { ...silent, child: () => log };
  expect(await warningsOf({ log })).toEqual([]);
  expect(await warningsOf({ observer: { handlerFailed: () => {} } })).toEqual([]);
});
