/**
 * `@wireline/framing`: where one message ends and the next begins, without I/O.
 *
 * A {@link Framing} is a way to say where a frame ends: {@link fixedLength}, {@link delimited} and {@link lines},
 * {@link lengthPrefixed}, {@link typeByte} and {@link headed}, {@link untilClose}, {@link switching}; {@link preset} has
 * those of well-known protocols. Its
 * {@link Decoder} takes frames out of a {@link ReceiveBuffer}, its {@link Encoder} writes them to a {@link SendBuffer}.
 * Nothing here opens a socket, so it runs in a browser, a worker or a test alike.
 */
export type { ByteSource, ReadableChunks } from './adapters/chunks.ts';
export type { ReadOptions } from './adapters/intake.ts';
export { FrameReader, readFrames } from './adapters/read-frames.ts';
export { FrameStream, FrameStreams, streamFrames } from './adapters/stream-frames.ts';
export {
  FrameDecoderStream,
  FrameEncoderStream,
  type FrameDecoderStreamOptions,
} from './adapters/web-streams.ts';
export { decodeFrames, encodeFrame } from './adapters/whole.ts';
export { BlockPool, type BlockPoolOptions } from './block-pool.ts';
export { bytes } from './contents/bytes.ts';
export type { Content } from './contents/content.ts';
export type { PaddingOptions } from './contents/padded.ts';
export { text, type TextOptions } from './contents/text.ts';
export { UNKNOWN, type CutPlan, type Cutter } from './cutting/cutter.ts';
export type { Delimiter } from './cutting/delimiters.ts';
export { FrameFault, type FrameFaultFacts } from './cutting/frame-fault.ts';
export {
  NEED_DATA,
  type Decoder,
  type Encoder,
  type FrameDecoder,
  type NeedData,
} from './decoder.ts';
export {
  BufferFullError,
  LocalProtocolError,
  RemoteProtocolError,
  SAMPLE_LENGTH,
  TruncatedFrameError,
  type FramingAfterError,
  type LimitReached,
  type ProtocolErrorFacts,
} from './errors.ts';
export type { ComposableFraming, Framing, Piece } from './framing.ts';
export {
  delimited,
  lines,
  type DelimitedContentOptions,
  type DelimitedOptions,
  type LinesOptions,
} from './framings/delimited.ts';
export {
  fixedLength,
  type FixedLengthContentOptions,
  type FixedLengthOptions,
} from './framings/fixed-length.ts';
export { headed, type BodyOf, type HeadedFrame } from './framings/headed.ts';
export type { BodyFraming } from './framings/headed-cutter.ts';
export type { LengthFormat } from './framings/length-format.ts';
export {
  lengthPrefixed,
  type LengthPrefixedContentOptions,
  type LengthPrefixedOptions,
} from './framings/length-prefixed.ts';
export { switching, type ChooseFraming } from './framings/switching.ts';
export { typeByte, type TypedFrame, type TypeTable } from './framings/type-byte.ts';
export { untilClose, type UntilCloseOptions } from './framings/until-close.ts';
export { DEFAULT_MAX_LENGTH, type FramingOptions, type Overlong } from './limits.ts';
export type { Preset, PresetFacts } from './presets/preset.ts';
export { preset, PRESETS, type PresetFraming, type PresetName } from './presets/presets.ts';
export { ReceiveBuffer, type ReceiveBufferOptions } from './receive-buffer.ts';
export { SendBuffer, type SendBufferOptions } from './send-buffer.ts';
