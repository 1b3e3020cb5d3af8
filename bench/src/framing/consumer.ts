/** What a contestant does: takes the frames of a stream, as its documentation says is right, and gives each away. */
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { ChunkSource } from './chunk-source.ts';
import type { Delimitation } from './condition.ts';

/** Something with a length: a text, bytes, a list of bytes. A number is the length that a frame said of itself. */
export type Taken = number | { readonly length: number };

/** What a contestant is asked for. */
export interface Task {
  readonly delimitation: Delimitation;
  /** Bytes of the longest content. Whoever has a limit sets it above that. */
  readonly longest: number;
  /** Is called with each frame. */
  readonly onFrame: (frame: Taken) => void;
}

/** Resolves when all frames of the source have been given to `onFrame`. */
export type Consumer = (source: ChunkSource, task: Task) => Promise<void>;

/** Lets chunks flow into a stream and its frames out of it. */
export async function flowThrough(
  source: ChunkSource,
  { stream, onFrame }: Pick<Task, 'onFrame'> & { readonly stream: Readable & Writable },
): Promise<void> {
  source.toReadable().pipe(stream).on('data', onFrame);
  await finished(stream);
}
