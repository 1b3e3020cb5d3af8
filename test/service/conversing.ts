/** Messages of a conversation as a test writes them, and answers as it looks at them. */
import {
  binaryMessage,
  jsonMessage,
  type Message,
  type OutgoingExtensions,
  type OutgoingMessage,
} from '@wireline/message';
import type { Handler } from '@wireline/service';
import { expect } from 'vitest';
import type { Peer } from './peer.ts';

/** A JSON message with extensions. */
export function json(value: object, extensions: OutgoingExtensions): OutgoingMessage {
  return jsonMessage(value, { extensions });
}

/** Bytes with extensions. */
export function bytes(text: string, extensions: OutgoingExtensions): OutgoingMessage {
  return binaryMessage(Buffer.from(text), 'text/plain', { extensions });
}

export function cancel(id: number): OutgoingMessage {
  return bytes('', { 'message-id': id, cancel: true });
}

/** What an answer says, and about which request. */
export async function next(peer: Peer): Promise<readonly [unknown, object]> {
  const message = await peer.message();
  return [contentOf(message), message.header.extensions];
}

export function contentOf(message: Message): unknown {
  return message.kind === 'json' ? message.value : Buffer.from(message.bytes).toString();
}

/** What an error answer looks like. */
export function failure(code: string): object {
  const text: unknown = expect.any(String);
  return { result: text, error: { code, message: text } };
}

/** Repeats a request with all that follows it, when it has come. */
export const gather: Handler = async (request, { parts }) => {
  const all = [contentOf(request)];
  for await (const part of parts) all.push(contentOf(part));
  return jsonMessage({ all });
};

/** Counts to `to`, a part for each number. */
export const count: Handler = async function* (request) {
  const to = Number(request.kind === 'json' ? request.value['to'] : 0);
  for (let n = 1; n <= to; n++) yield jsonMessage({ n });
  return jsonMessage({ counted: to });
};
