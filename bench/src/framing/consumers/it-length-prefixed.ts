/** `it-length-prefixed`: a generator from bytes to contents, which are lists of views of the chunks. */
import { decode, type DecoderOptions, type LengthDecoderFunction } from 'it-length-prefixed';
import type { ChunkSource } from '../chunk-source.ts';
import type { Task } from '../consumer.ts';

/** Contents in one piece, `for` over chunks. What lies in one chunk is a view of it. */
export async function consume(source: ChunkSource, task: Task): Promise<void> {
  const { onFrame } = task;
  for (const list of decode(source.inStep(), optionsFor(task))) onFrame(list.subarray());
}

/** The lists as they are: bytes that lie in several chunks stay there, and whoever reads them goes from one to the next. */
export async function consumePieces(source: ChunkSource, task: Task): Promise<void> {
  const { onFrame } = task;
  for (const list of decode(source.inStep(), optionsFor(task))) onFrame(list);
}

/** Contents in one piece, `for await`. */
export async function consumeAwaited(source: ChunkSource, task: Task): Promise<void> {
  const { onFrame } = task;
  for await (const list of decode(source.awaited(), optionsFor(task))) onFrame(list.subarray());
}

function optionsFor({ delimitation, longest }: Task): DecoderOptions {
  const common = { maxDataLength: longest };
  return delimitation === 'u32' ? { ...common, lengthDecoder: uint32BEDecode } : common;
}

/** As `uint16BEDecode` of `@chainsafe/libp2p-noise`, which is where such a function is used. */
const uint32BEDecode: LengthDecoderFunction = (data) => {
  if (data.length < uint32BEDecode.bytes) throw new RangeError('Could not decode int32BE');
  return data.getUint32(0);
};
uint32BEDecode.bytes = 4;
