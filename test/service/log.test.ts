/** What a server and its handlers write, with a logger that people have: pino. */
import { Writable } from 'node:stream';
import { jsonMessage } from '@wireline/message';
import { AnswerError, Client, Server } from '@wireline/service';
import { pino } from 'pino';
import { expect, test } from 'vitest';

/** A logger and the lines that it has written. */
function logger(): { readonly log: pino.Logger; readonly lines: () => readonly unknown[] } {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return {
    log: pino({ level: 'debug', base: null, timestamp: false }, stream),
    lines: () => lines.map((line): unknown => JSON.parse(line)),
  };
}

test('a handler writes with its connection and its request in each line', async () => {
  const { log, lines } = logger();
  await using server = new Server(
    (_request, context) => {
      context.log.info({ price: 5 }, 'sold');
      return jsonMessage({});
    },
    { log },
  );
  await using client = new Client(await server.listen({ host: '127.0.0.1', port: 0 }));
  await client.request(jsonMessage({}));
  await client.request(jsonMessage({}));
  expect(lines()).toEqual([
    { level: 30, connection: 1, request: 1, price: 5, msg: 'sold' },
    { level: 30, connection: 1, request: 2, price: 5, msg: 'sold' },
  ]);
});

test('what a handler throws is written, and its peer is told nothing of it', async () => {
  const { log, lines } = logger();
  await using server = new Server(
    () => {
      throw new Error('the disk is full');
    },
    { log },
  );
  await using client = new Client(await server.listen({ host: '127.0.0.1', port: 0 }));
  const told: unknown = await client.request(jsonMessage({})).catch((error: unknown) => error);
  expect(told).toBeInstanceOf(AnswerError);
  expect(String(told)).not.toContain('disk');
  expect(lines()).toMatchObject([
    { level: 50, connection: 1, request: 1, err: { message: 'the disk is full' } },
  ]);
});
