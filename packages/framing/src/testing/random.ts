/**
 * Numbers that look random and come from a seed, so that a failure repeats.
 */

/** A source of numbers in 0..bound-1. */
export type Random = (bound: number) => number;

/** The mulberry32 generator by Tommy Ettinger (public domain): 32 bits of state, fine for picking cuts. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}
