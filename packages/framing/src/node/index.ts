/**
 * `@wireline/framing/node`: framings as streams of Node's, for `pipe` and `pipeline`.
 *
 * - {@link createDecodeStream}: bytes in, frames out.
 * - {@link createEncodeStream}: frames in, bytes out.
 *
 * @example
 * ```ts
 * await pipeline(
 *   socket,
 *   createDecodeStream(lines()),
 *   async function* (incoming: AsyncIterable<string>) {
 *     for await (const line of incoming) yield line.toUpperCase();
 *   },
 *   createEncodeStream(lines()),
 *   socket,
 * );
 * ```
 */
export { createDecodeStream, type DecodeStreamOptions } from './decode-stream.ts';
export { createEncodeStream, type EncodeStreamOptions } from './encode-stream.ts';
