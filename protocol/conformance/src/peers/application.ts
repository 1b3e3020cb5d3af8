/** The conformance application on `@wireline/service`: what a server of ours is tried with. */
import { setTimeout as sleep } from 'node:timers/promises';
import { binaryMessage, type BinaryMessage, type OutgoingMessage } from '@wireline/message';
import { BINARY_ANSWER_TYPE, Directory } from '@wireline/search';
import { implement } from '@wireline/service/contract';
import type { Handler, RequestContext } from '@wireline/service/server';
import { conformanceContract } from './contract.ts';

/** How many bytes of a request without an action are answered with. */
const FIRST = 10;

/** One part of an answer of bytes: enough that a part is no burden, little enough that none waits for much. */
const PIECE_BYTES = 64 * 1024;

/** The byte at offset i is i modulo this: a prime, so that no cut at a round number goes unnoticed. */
const MODULUS = 251;

/** A sum of bytes stays below this. */
const SUM_LIMIT = 2 ** 32;

/** A handler for one server: it counts what that one was told to stop. */
export function createConformanceHandler(): Handler {
  const directory = Directory.builtIn();
  let stopped = 0;

  return implement(
    conformanceContract,
    {
      search: ({ value }) => ({ result: directory.find(value) ?? `No match for '${value}'.` }),
      wait: async ({ ms }, { signal }) => {
        await sleep(ms, undefined, { signal });
        return { waited: ms };
      },
      stop: async (_input, { signal }) => {
        await aborted(signal);
        stopped++;
        return {};
      },
      stopped: () => ({ stopped }),
      async *count({ to }) {
        yield* numbers(to);
        return { counted: to };
      },
      async *fail({ after }) {
        yield* numbers(after);
        throw new Error('fail: it was asked to');
      },
      async *bytes({ length }) {
        for (let from = 0; from < length; from += PIECE_BYTES) {
          const size = Math.min(PIECE_BYTES, length - from);
          yield Uint8Array.from({ length: size }, (_, index) => (from + index) % MODULUS);
        }
      },
      sum: async (_input, { parts }) => {
        let sum = 0;
        for await (const { n } of parts) sum += n;
        return { sum };
      },
      measure: async ({ name }, { parts }) => {
        let length = 0;
        let sum = 0;
        for await (const piece of parts) {
          length += piece.length;
          for (const byte of piece) sum = (sum + byte) % SUM_LIMIT;
        }
        return { name, length, sum };
      },
    },
    { binary: answerFirstBytes },
  );
}

function* numbers(to: number): Generator<{ n: number }, void> {
  for (let n = 1; n <= to; n++) yield { n };
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Answers with the first bytes, in however many parts they come. */
async function answerFirstBytes(
  request: BinaryMessage,
  { parts }: RequestContext,
): Promise<OutgoingMessage> {
  const first = [Buffer.from(request.bytes)];
  let length = request.bytes.length;
  for await (const part of parts) {
    if (part.kind !== 'binary' || length >= FIRST) continue;
    first.push(Buffer.from(part.bytes));
    length += part.bytes.length;
  }
  const prefix = Buffer.from(`First ${FIRST} bytes of request: `);
  return binaryMessage(
    Buffer.concat([prefix, Buffer.concat(first).subarray(0, FIRST)]),
    BINARY_ANSWER_TYPE,
  );
}
