/** What both kinds of socket file can be told, and what they answer where it is too much. */
import { LimitError } from '../errors.ts';

/** Options of `makeFile`. */
export interface SocketFileOptions {
  /** Bytes of each of the two buffers: 8 KiB unless told, as in Python. */
  readonly bufferSize?: number;
}

/** Options of calls that read until something comes. */
export interface ReadLimit {
  /** How many bytes may come before it does. */
  readonly limit?: number;
}

/** 8 KiB, a few packets: the size that textbooks' languages take. */
const BUFFER_SIZE = 8 * 1024;

/** 64 KiB: longer than any line that a person or a well-known protocol writes. */
export const LINE_LIMIT = 64 * 1024;

/** 16 MiB: a peer that never ends must not fill the memory. */
export const READ_LIMIT = 16 * 1024 * 1024;

/**
 * The size of the buffers.
 *
 * @throws RangeError when it is no size.
 */
export function bufferSizeOf({ bufferSize = BUFFER_SIZE }: SocketFileOptions): number {
  if (Number.isInteger(bufferSize) && bufferSize > 0) return bufferSize;
  throw new RangeError(`makeFile: a bufferSize of ${bufferSize}: expected an integer above 0`);
}

/** What `readLine` throws when no line end comes. */
export function lineTooLong(limit: number): LimitError {
  return new LimitError('readLine', 'no line end', limit);
}

/** What `readToEnd` throws when no end comes. */
export function endTooFar(limit: number): LimitError {
  return new LimitError('readToEnd', 'no end', limit);
}
