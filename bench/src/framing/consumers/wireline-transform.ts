/** `createDecodeStream` of `@wireline/framing/node`: a stream from bytes to frames. */
import { createDecodeStream } from '@wireline/framing/node';
import type { ChunkSource } from '../chunk-source.ts';
import { flowThrough, type Task } from '../consumer.ts';
import { framingOf } from '../wireline-framing.ts';

/** Frames as they are asked for. */
export async function consume(source: ChunkSource, task: Task): Promise<void> {
  await flowThrough(source, { stream: createDecodeStream(framingOf(task)), onFrame: task.onFrame });
}
