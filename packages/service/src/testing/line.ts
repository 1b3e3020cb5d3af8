/**
 * Line: how one direction of a connection treats what it is given.
 */

/** The manners of one direction. */
export interface Line {
  /** How many of `count` bytes a send takes; 0 when it would block. */
  take(count: number): number;
  /** How many of `count` bytes that have arrived a receive gets; 0 when it would block. */
  give(count: number): number;
  /** How long what is sent now will be under way, in milliseconds. */
  delayMs(): number;
  /** How much it carries in a millisecond. */
  readonly bytesPerMs: number;
}

/** Takes and gives what it can, at once. */
export const STEADY_LINE: Line = {
  take: (count) => count,
  give: (count) => count,
  delayMs: () => 0,
  bytesPerMs: Infinity,
};
