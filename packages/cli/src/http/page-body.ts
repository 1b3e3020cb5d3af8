/** The body of an answer on its way out: to a terminal, a pipe, or into memory. */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { bodyFailure } from './failures.ts';
import { printable } from '../terminal/plain-text.ts';
import type { PageAnswer } from './page-request.ts';

/** 64 MiB: a page as one JSON value is for programs that hold all of it in memory. */
const MAX_IN_MEMORY = 64 * 1024 * 1024;

/** Takes the pieces of a body; a promise stands for "not so fast". */
export type BodySink = (piece: Uint8Array) => Promise<void> | void;

/**
 * Gives the body to `sink`, piece by piece as it comes. Resolves to how many bytes it had.
 *
 * @throws Error when it is not whole.
 */
export async function readBody(url: URL, answer: PageAnswer, sink: BodySink): Promise<number> {
  const { response, connection } = answer;
  let bytes = 0;
  try {
    for await (const piece of response as AsyncIterable<Buffer>) {
      bytes += piece.length;
      await sink(piece);
    }
  } catch (error) {
    if (response.complete || !response.destroyed) throw error;
    const { 'content-length': announced } = response.headers;
    throw bodyFailure(url, {
      bytes,
      announced: announced === undefined ? undefined : Number(announced),
      error: connection.failure,
    });
  }
  return bytes;
}

/** Writes to `out`: to a terminal as text that it does not obey, otherwise the bytes as they are. */
export function streamSink(out: Writable & { readonly isTTY?: boolean }): BodySink {
  const decoder = out.isTTY ? new TextDecoder() : undefined;
  return async (piece) => {
    const shown = decoder ? printable(decoder.decode(piece, { stream: true })) : piece;
    if (!out.write(shown)) await once(out, 'drain');
  };
}

/** Keeps the body, as long as it is not too long. */
export function memorySink(): { readonly sink: BodySink; readonly body: () => Buffer } {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const sink: BodySink = (piece) => {
    length += piece.length;
    if (length > MAX_IN_MEMORY) {
      throw new Error(
        `--json: the body is longer than ${MAX_IN_MEMORY} bytes; without --json it is written as it comes`,
      );
    }
    pieces.push(piece);
  };
  return { sink, body: () => Buffer.concat(pieces) };
}
