/**
 * The stage: where small content is written before its header, which has to say how long it became.
 *
 * There is one for the thread. What stands on it is valid until the next content is written; between the
 * two nothing may run that could encode another message, such as a getter.
 */

/**
 * 4 KiB: half of a send buffer's block. Longer content is counted first and then written once, where it
 * is to be sent from.
 */
export const STAGE_LENGTH = 4 * 1024;

/** A UTF-16 unit takes at most so many bytes in UTF-8; a surrogate is half of a pair that takes four. */
export const MAX_UNIT_LENGTH = 3;

/** The bytes of the stage. */
export const stage = new Uint8Array(STAGE_LENGTH);

/**
 * The beginnings of the stage. Copying one that is somewhat too long costs less than making a view of the
 * right length.
 */
const beginnings = [64, 128, 256, 512, 1024, 2048].map((length) => stage.subarray(0, length));

const encoder = new TextEncoder();

/** Writes a well-formed text. Returns its length in bytes; undefined when it might not fit. */
export function maybeStageText(text: string): number | undefined {
  if (text.length * MAX_UNIT_LENGTH > STAGE_LENGTH) return undefined;
  return encoder.encodeInto(text, stage).written;
}

/**
 * Copies the first `length` bytes to `target[at..)`, which is free to its end: older bytes of the stage may
 * come along, into room that is written to before it is sent from.
 */
export function copyStage(length: number, target: Uint8Array, at: number): void {
  for (const beginning of beginnings) {
    if (beginning.length < length) continue;
    if (at + beginning.length > target.length) break;
    target.set(beginning, at);
    return;
  }
  target.set(stage.subarray(0, length), at);
}
