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
import type { Handler, RequestContext } from '@wireline/service/server';
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

/** What comes in one message is answered at once. */
function echo(
  { header, bytes }: BinaryMessage,
  { parts }: RequestContext,
): OutgoingMessage | Promise<OutgoingMessage> {
  return header.extensions['more'] === true ? echoJoined(bytes, parts) : echoOf(bytes);
}

/** All parts joined are the request; those behind the first bytes are read and forgotten. */
async function echoJoined(
  first: Uint8Array,
  parts: RequestContext['parts'],
): Promise<OutgoingMessage> {
  const echoed = [...first.subarray(0, ECHOED_BYTES)];
  for await (const part of parts.lent()) {
    if (part.kind !== 'binary') continue; // never: parts are of one type
    echoed.push(...part.bytes.subarray(0, ECHOED_BYTES - echoed.length));
  }
  return echoOf(Uint8Array.from(echoed));
}

function echoOf(bytes: Uint8Array): OutgoingMessage {
  const echoed = bytes.subarray(0, ECHOED_BYTES);
  const content = new Uint8Array(ECHO_PREFIX.length + echoed.length);
  content.set(ECHO_PREFIX);
  content.set(echoed, ECHO_PREFIX.length);
  return binaryMessage(content, BINARY_ANSWER_TYPE);
}
