/**
 * The life of a connection, as a table.
 *
 * ```
 *            input-ended                    output-done
 *   open ------------------> answering -------------------------------.
 *     |                                                               v
 *     |      input-stopped              output-done         over    closed
 *     '--------------------> refusing --------------> lingering -----^
 * ```
 *
 * - `open`: requests are read, answers are written.
 * - `answering`: the peer has sent its last byte; what is owed to it is still written.
 * - `refusing`: this side reads no more messages; what is owed is still written.
 * - `lingering`: everything is written and the peer was told so; what it still sends is thrown away, so
 *   that closing does not reset the connection under our last answer.
 * - `closed`: the descriptor is gone. Final.
 *
 * `broken` leads from everywhere to `closed`. A move that the table does not have is a defect of ours.
 */

/** Where a connection is in its life. */
export type ConnectionState = 'open' | 'answering' | 'refusing' | 'lingering' | 'closed';

/** What moves a connection on. */
export type ConnectionEvent =
  /** The peer's end of stream came. */
  | 'input-ended'
  /** This side will not parse anything that comes later. */
  | 'input-stopped'
  /** The last byte that was owed has been taken by the kernel. */
  | 'output-done'
  /** The peer finished too, or lingering took too long or too much. */
  | 'linger-over'
  /** Closed by the network, by an error, or by force. */
  | 'broken';

/** The legal moves. */
export const TRANSITIONS: Readonly<
  Record<ConnectionState, Partial<Record<ConnectionEvent, ConnectionState>>>
> = {
  open: { 'input-ended': 'answering', 'input-stopped': 'refusing', broken: 'closed' },
  answering: { 'input-stopped': 'answering', 'output-done': 'closed', broken: 'closed' },
  refusing: { 'input-stopped': 'refusing', 'output-done': 'lingering', broken: 'closed' },
  lingering: { 'input-stopped': 'lingering', 'linger-over': 'closed', broken: 'closed' },
  closed: {},
};

/**
 * The state after `event`.
 *
 * @throws Error when the table has no such move.
 */
export function nextState(state: ConnectionState, event: ConnectionEvent): ConnectionState {
  const next = TRANSITIONS[state][event];
  if (next === undefined)
    throw new Error(`move a connection that is ${state}: no move on ${event}`);
  return next;
}
