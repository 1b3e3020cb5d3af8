/**
 * How and when a connection in memory breaks.
 */

/** One way of a connection: from the client to the server, or back. */
export type Direction = 'toServer' | 'toClient';

/** Both ways. */
export const DIRECTIONS: readonly Direction[] = ['toServer', 'toClient'];

/**
 * How a connection breaks. `reset`: both ends find it reset. `end`: both find the other's end of stream,
 * and a reset when they go on sending. `silence`: nothing arrives any more, and nobody is told.
 */
export type Break = 'reset' | 'end' | 'silence';

/** When a connection breaks: after so many more bytes one way, or after so many milliseconds. */
export type BreakTime =
  { readonly direction: Direction; readonly bytes: number } | { readonly ms: number };
