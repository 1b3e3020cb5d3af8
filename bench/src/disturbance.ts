/** Other programs on the same machine: how much of them a measurement bears. */

/** The kernel's own threads and those of V8 take up to 3 % on an otherwise quiet machine. */
export const TOLERATED_DISTURBANCE = 0.05;

/** What says how much it was disturbed. */
export interface Disturbed {
  /** How much of the time it could have run and had to wait for its processor, 0 to 1. */
  readonly disturbance: number;
}

/**
 * Measures, and again when it was disturbed; of several, the one that was disturbed least counts. What was
 * measured has no say in that.
 *
 * @param tries how often it is measured, at most
 */
export async function leastDisturbed<Sample extends Disturbed>(
  tries: number,
  measure: () => Promise<Sample>,
): Promise<Sample> {
  let best = await measure();
  for (let count = 1; count < tries && best.disturbance > TOLERATED_DISTURBANCE; count++) {
    const sample = await measure();
    if (sample.disturbance < best.disturbance) best = sample;
  }
  return best;
}
