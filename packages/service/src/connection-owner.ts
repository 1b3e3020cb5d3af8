/**
 * ConnectionOwner: who hears of what a connection brings. What any of its methods throws ends the connection.
 */
import type { RemoteProtocolError, TruncatedFrameError } from '@wireline/framing/decoder';
import type { Message } from '@wireline/message';
import type { LimitHit } from './limit-hit.ts';

/** A server's or a client's side of a connection. */
export interface ConnectionOwner {
  onMessage(message: Message): void;
  /** A bad message came. Where framing is lost, nothing more is decoded: answer, then `finish`. */
  onBadMessage(error: RemoteProtocolError): void;
  /** The peer sent its last byte; `error` when that was inside a message. Answer, then `finish`. */
  onInputEnd(error: TruncatedFrameError | undefined): void;
  /** What `receiveLast` asked for is done. */
  onLastReceived(): void;
  /** Everything written so far was taken by the kernel. */
  onFlushed(): void;
  /** Nothing came and nothing was sent for the idle time. Close, unless something is under way. */
  onIdle(): void;
  /** Others need the memory of the message that was coming; it is gone. Answer, then `finish`. */
  onShed(hit: LimitHit): void;
  /** A limit was reached that ends the connection; `onClosed` follows. */
  onLimit(hit: LimitHit): void;
  /** It is over; `error` when the network or an earlier failure ended it. */
  onClosed(error: Error | undefined): void;
}
