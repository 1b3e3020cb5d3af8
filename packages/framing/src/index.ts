/**
 * `@wireline/framing`: where one message ends and the next begins, without I/O.
 *
 * A {@link Decoder} takes frames out of a {@link ReceiveBuffer}; an {@link Encoder} writes them to a
 * {@link SendBuffer}. Nothing here opens a socket, so it runs in a browser, a worker or a test alike.
 */
export { BlockPool, type BlockPoolOptions } from './block-pool.ts';
export { NEED_DATA, type Decoder, type Encoder, type NeedData } from './decoder.ts';
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
export { ReceiveBuffer, type ReceiveBufferOptions } from './receive-buffer.ts';
export { SendBuffer, type SendBufferOptions } from './send-buffer.ts';
