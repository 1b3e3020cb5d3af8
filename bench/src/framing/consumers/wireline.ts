/** `@wireline/framing`: a decoder and a `ReceiveBuffer`, in the loop that the decoder's contract shows. */
import { NEED_DATA, ReceiveBuffer, type ComposableFraming } from '@wireline/framing';
import type { ChunkSource } from '../chunk-source.ts';
import { CHUNK_LENGTH } from '../condition.ts';
import type { Task } from '../consumer.ts';
import { framingOf, limitOf, numbersFramingOf } from '../wireline-framing.ts';

/** Frames as they are asked for. */
export async function consume(source: ChunkSource, task: Task): Promise<void> {
  decodeAll(source, { framing: framingOf(task), task });
}

/** A number read out of each frame, in the memory where its bytes lie. */
export async function consumeInPlace(source: ChunkSource, task: Task): Promise<void> {
  decodeAll(source, { framing: numbersFramingOf(task.delimitation), task });
}

function decodeAll<Frame extends Parameters<Task['onFrame']>[0]>(
  source: ChunkSource,
  { framing, task }: { readonly framing: ComposableFraming<Frame>; readonly task: Task },
): void {
  const { onFrame } = task;
  const decoder = framing.createDecoder();
  // A frame that is nearly whole, and then a chunk.
  const buffer = new ReceiveBuffer({ maxLength: limitOf(task) + CHUNK_LENGTH });
  for (let chunk = source.next(); chunk !== undefined; chunk = source.next()) {
    buffer.adopt(chunk);
    for (let frame = decoder.decode(buffer); frame !== NEED_DATA; frame = decoder.decode(buffer)) {
      onFrame(frame);
    }
  }
  decoder.end(buffer);
}
