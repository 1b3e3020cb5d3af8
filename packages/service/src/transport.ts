/**
 * Transport: what a connection needs of whatever carries its bytes.
 *
 * It is shaped after non-blocking sockets: try, and when it would block, say what to wait for. The owner is
 * called when the transport is ready; the events are those of `@wireline/socket/event-loop`. A transport
 * owns its socket: `close` gives it back.
 */
import type { ReceiveBuffer, SendBuffer } from '@wireline/framing/decoder';
import type { Address, WouldBlock } from '@wireline/socket';
import type { Interest, ReadinessHandler, TurnTask } from '@wireline/socket/event-loop';

/** The bytes of one connection, both ways. Failures of the network are thrown as `SystemError`. */
export interface Transport {
  readonly remoteAddress: Address;

  /** Begins to report readiness for `interest` to `owner`; called once, before anything else. */
  start(owner: ReadinessHandler, interest: Interest): void;
  /** Reports readiness for something else from now on. A hang-up is always reported. */
  waitFor(interest: Interest): void;

  /** Receives once and returns how many bytes were added to `buffer`; 0 at the end of the stream. */
  receive(buffer: ReceiveBuffer): number | WouldBlock;
  /**
   * Sends once and returns how many bytes were taken out of `buffer`; it may be fewer than there are.
   *
   * @param follows whether more is sent in this very call of whoever sends, so that both may leave as one segment
   */
  send(buffer: SendBuffer, follows?: 'more' | 'nothing'): number | WouldBlock;
  /** Ends the outgoing direction: the peer sees the end of the stream. */
  endOutput(): void;
  /** Closes both directions at once and stops reporting. Calling it again does nothing. */
  close(): void;
  /**
   * The same, with a reset where there are resets, as TCP has them: an end of the stream may as well mean that this
   * side has said everything and listens.
   */
  abort(): void;

  /**
   * Calls `work` when all that the kernel has now was seen, so that {@link receive} brings it. Not there where
   * receiving asks the kernel itself.
   */
  whenSeen?(work: () => void): void;

  /** Runs `task` when this turn of the event loop ends. */
  atEndOfTurn(task: TurnTask): void;
}
