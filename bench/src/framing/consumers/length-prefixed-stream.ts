/** `length-prefixed-stream`: a stream from bytes to contents. It has no limit unless told. */
import { decode } from 'length-prefixed-stream';
import type { ChunkSource } from '../chunk-source.ts';
import { flowThrough, type Task } from '../consumer.ts';

/** Contents as buffers; those that lie in one chunk are views of it. */
export async function consume(source: ChunkSource, { onFrame }: Task): Promise<void> {
  await flowThrough(source, { stream: decode(), onFrame });
}
