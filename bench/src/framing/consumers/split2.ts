/** `split2`: a stream from bytes to lines. It has no limit unless told. */
import split2 from 'split2';
import type { ChunkSource } from '../chunk-source.ts';
import { flowThrough, type Task } from '../consumer.ts';

/** Lines as texts. */
export async function consume(source: ChunkSource, { onFrame }: Task): Promise<void> {
  await flowThrough(source, { stream: split2(), onFrame });
}
