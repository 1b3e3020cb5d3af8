/** The body of an answer on its way out: to a terminal, a pipe, or into memory. */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { bodyFailure } from './failures.ts';
import { printable } from '../terminal/plain-text.ts';
import type { PageAnswer } from './page-request.ts';

/** 64 MiB: a page as one JSON value is for programs that hold all of it in memory. */
const MAX_IN_MEMORY = 64 * 1024 * 1024;

/** The statuses of answers that have none (RFC 9110, 15.3.5 and 15.4.5). */
const WITHOUT_BODY = new Set([204, 304]);

/** Takes a body. A promise stands for "not so fast". */
export interface BodySink {
  take(piece: Uint8Array): Promise<void> | void;
  /** That was all. */
  end(): void;
}

/**
 * Gives the body to `sink`, piece by piece as it comes. Resolves to how many bytes it had.
 *
 * @throws Error when it is not whole.
 */
export async function readBody(url: URL, answer: PageAnswer, sink: BodySink): Promise<number> {
  const { response, connection } = answer;
  let bytes = 0;
  const cut = (): Error => {
    const { 'content-length': announced } = response.headers;
    return bodyFailure(url, {
      bytes,
      announced: announced === undefined ? undefined : Number(announced),
      error: connection.failure,
    });
  };
  try {
    for await (const piece of response as AsyncIterable<Buffer>) {
      bytes += piece.length;
      await sink.take(piece);
    }
  } catch (error) {
    if (response.complete || !response.destroyed) throw error;
    throw cut();
  } finally {
    sink.end();
  }
  // The end of the connection is that of such a body, and to node:http any end will do.
  if (connection.failure !== undefined && endsWithConnection(answer)) throw cut();
  return bytes;
}

/** Whether nothing but the end of the connection says how long the body is (RFC 9112, 6.3). */
function endsWithConnection({ response, method }: PageAnswer): boolean {
  const { headers, statusCode = 0 } = response;
  const hasLength = 'content-length' in headers || 'transfer-encoding' in headers;
  return !hasLength && method !== 'HEAD' && !WITHOUT_BODY.has(statusCode);
}

/** Writes to `out`: to a terminal as text that it does not obey, otherwise the bytes as they are. */
export function streamSink(out: Writable & { readonly isTTY?: boolean }): BodySink {
  const decoder = out.isTTY ? new TextDecoder() : undefined;
  return {
    async take(piece) {
      const shown = decoder ? printable(decoder.decode(piece, { stream: true })) : piece;
      if (!out.write(shown)) await once(out, 'drain');
    },
    end() {
      if (decoder !== undefined) out.write(printable(decoder.decode())); // half a character
    },
  };
}

/** Keeps the body, as long as it is not too long. */
export function memorySink(): { readonly sink: BodySink; readonly body: () => Buffer } {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const take = (piece: Uint8Array): void => {
    length += piece.length;
    if (length > MAX_IN_MEMORY) {
      throw new Error(
        `--json: the body is longer than ${MAX_IN_MEMORY} bytes; without --json it is written as it comes`,
      );
    }
    pieces.push(piece);
  };
  return { sink: { take, end: () => {} }, body: () => Buffer.concat(pieces) };
}
