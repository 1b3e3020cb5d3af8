/**
 * The search application: what a request means, and what it gets.
 *
 * | request | answer |
 * |---|---|
 * | `{"action": "search", "value": V}` | the entry, or `No match for 'V'.` |
 * | any other action | refused with `action-invalid` |
 * | binary content | its first 10 bytes, echoed behind a prefix |
 *
 * The texts are the guide's, byte for byte.
 */
import { binaryMessage, type BinaryMessage, type OutgoingMessage } from '@wireline/message';
import { implement } from '@wireline/service/contract';
import type { Handler } from '@wireline/service/server';
import type { Directory } from './directory.ts';
import { searchContract } from './search-contract.ts';

/** The content type of binary answers. */
export const BINARY_ANSWER_TYPE = 'binary/custom-server-binary-type';

/** How much of a binary request its answer repeats. */
const ECHOED_BYTES = 10;

const ECHO_PREFIX = new TextEncoder().encode(`First ${ECHOED_BYTES} bytes of request: `);

/**
 * A handler that looks names up in `directory`.
 *
 * @example
 * ```ts
 * const server = new Server(createSearchHandler(Directory.builtIn()));
 * ```
 */
export function createSearchHandler(directory: Directory): Handler {
  return implement(
    searchContract,
    { search: ({ value }) => ({ result: directory.find(value) ?? `No match for '${value}'.` }) },
    { binary: echo },
  );
}

function echo({ bytes }: BinaryMessage): OutgoingMessage {
  const echoed = bytes.subarray(0, ECHOED_BYTES);
  const content = new Uint8Array(ECHO_PREFIX.length + echoed.length);
  content.set(ECHO_PREFIX);
  content.set(echoed, ECHO_PREFIX.length);
  return binaryMessage(content, BINARY_ANSWER_TYPE);
}
