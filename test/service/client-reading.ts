/**
 * Streams read to their end, and servers that answer with them.
 */
import type { Message } from '@wireline/message';
import type { AnswerStream } from '@wireline/service';
import type { Clock } from '@wireline/socket/event-loop';
import { expect } from 'vitest';
import { answerTo, extensionOf, itemTo, valueOf } from './client-answers.ts';
import type { Peer } from './peer.ts';

/** Everything that a stream brings before its end. */
export async function itemsOf(stream: AsyncIterable<Message>): Promise<object[]> {
  const items: object[] = [];
  for await (const item of stream) items.push(valueOf(item));
  return items;
}

/** A stream that is to fail, read as far as it goes. */
export async function readToFailure(
  stream: AnswerStream<Message, Message>,
): Promise<{ readonly items: object[]; readonly error: unknown }> {
  const items: object[] = [];
  try {
    for await (const item of stream) items.push(valueOf(item));
  } catch (error) {
    await expect(stream.answer).rejects.toBe(error);
    return { items, error };
  }
  throw new Error('the stream ended, and did not fail');
}

/** Answers with the items 1 to `count` and how many they were. */
export function count(peer: Peer, request: Message, to: number): void {
  for (let n = 1; n <= to; n++) peer.send(itemTo(request, { n }));
  peer.send(answerTo(request, { counted: to }));
}

/** Answers each request so, until the connection ends. */
export async function answerAll(
  peer: Peer,
  answer: (request: Message) => void | Promise<void>,
): Promise<void> {
  for (;;) {
    let request: Message;
    try {
      request = await peer.message();
    } catch {
      return;
    }
    if (extensionOf(request, 'cancel') !== true) await answer(request); // a cancel has none
  }
}

/** Resolves after so much time of the scene's clock. */
export function later(
  { timed }: { readonly timed: { readonly clock: Clock } },
  ms: number,
): Promise<void> {
  return new Promise((resolve) => void timed.clock.after(ms, resolve));
}
