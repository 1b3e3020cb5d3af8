/** The ways in which Node people read a stream: each gives the digest of all that came, and pauses where it is told. */
import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { Writable, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** How somebody reads: `pauses` says for each chunk whether to stop for a moment. */
export type ReadToEnd = (stream: Readable, pauses: () => boolean) => Promise<string>;

/** All the ways, by name. */
export const WAYS_TO_READ: Readonly<Record<string, ReadToEnd>> = {
  async data(stream, pauses) {
    const hash = createHash('sha256');
    stream.on('data', (chunk: Uint8Array) => {
      hash.update(chunk);
      if (!pauses()) return;
      stream.pause();
      setImmediate(() => stream.resume());
    });
    await once(stream, 'end');
    return hash.digest('hex');
  },
  async readable(stream, pauses) {
    const hash = createHash('sha256');
    const drain = (): void => {
      // `null` says that nothing is there: the event comes again.
      for (let chunk = next(stream); chunk !== null; chunk = next(stream)) {
        hash.update(chunk);
        if (pauses()) return void setImmediate(drain);
      }
    };
    stream.on('readable', drain);
    await once(stream, 'end');
    return hash.digest('hex');
  },
  async iteration(stream, pauses) {
    const hash = createHash('sha256');
    // Without the option the end of what is read would destroy what is still being written.
    const chunks: AsyncIterable<Uint8Array> = stream.iterator({ destroyOnReturn: false });
    for await (const chunk of chunks) {
      hash.update(chunk);
      if (pauses()) await turn();
    }
    return hash.digest('hex');
  },
  async pipeline(stream, pauses) {
    const hash = createHash('sha256');
    await pipeline(stream, sinkOf(hash, pauses));
    return hash.digest('hex');
  },
};

/** A turn of Node's loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function next(stream: Readable): Uint8Array | null {
  return stream.read() as Uint8Array | null; // a stream of bytes gives bytes
}

function sinkOf(hash: Hash, pauses: () => boolean): Writable {
  return new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk);
      if (pauses()) setImmediate(done);
      else done();
    },
  });
}

/**
 * All that comes, as a text. `text` of `stream/consumers` destroys a stream at its end, and what is still being written
 * with it.
 */
export async function textOf(stream: Readable): Promise<string> {
  const chunks: Uint8Array[] = [];
  stream.on('data', (chunk: Uint8Array | string) =>
    chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk),
  );
  stream.resume();
  if (!stream.readableEnded) await once(stream, 'end');
  return Buffer.concat(chunks).toString();
}

/** Resolves when `stream` is closed, whether with an error or without. */
export async function untilClosed(stream: Readable): Promise<void> {
  if (!stream.closed) await new Promise<void>((resolve) => stream.once('close', () => resolve()));
}
