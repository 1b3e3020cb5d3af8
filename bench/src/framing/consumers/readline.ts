/** Node's `readline`, as its documentation reads a file line by line. */
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { ChunkSource } from '../chunk-source.ts';
import type { Task } from '../consumer.ts';

/** Lines as texts, an event each. */
export async function consume(source: ChunkSource, { onFrame }: Task): Promise<void> {
  await once(open(source).on('line', onFrame), 'close');
}

/** Lines as texts, `for await`. */
export async function consumeAwaited(source: ChunkSource, { onFrame }: Task): Promise<void> {
  for await (const line of open(source)) onFrame(line);
}

function open(source: ChunkSource): Interface {
  // So that \r\n is one line end however long the \n takes.
  return createInterface({ input: source.toReadable(), crlfDelay: Infinity });
}
