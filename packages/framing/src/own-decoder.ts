/**
 * `@wireline/framing/decoder`: what a decoder of your own stands on, and nothing else: the contract, the buffers, the
 * errors, and how lengths are read. For packages whose users wait for them to load.
 */
export { BlockPool, type BlockPoolOptions } from './block-pool.ts';
export { UNKNOWN } from './cutting/cutter.ts';
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
export {
  createLengthField,
  type LengthField,
  type LengthFormat,
} from './framings/length-format.ts';
export { ReceiveBuffer, type ReceiveBufferOptions } from './receive-buffer.ts';
export { SendBuffer, type SendBufferOptions } from './send-buffer.ts';
