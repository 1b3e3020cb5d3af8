/** `readFrames` of `@wireline/framing`: `for await`. */
import { readFrames } from '@wireline/framing';
import type { ChunkSource } from '../chunk-source.ts';
import type { Task } from '../consumer.ts';
import { framingOf } from '../wireline-framing.ts';

/** Frames as they are asked for. */
export async function consume(source: ChunkSource, task: Task): Promise<void> {
  const { onFrame } = task;
  for await (const frame of readFrames(source.awaited(), framingOf(task))) {
    onFrame(frame);
  }
}
