/**
 * Deadlines: how long a test waits for what must come. None of them is waited out where all is well.
 */

/** 3 s: an answer takes a millisecond, some more on a busy machine; who waits longer calls it a hang. */
export const ANSWER_DEADLINE_MS = 3_000;

/** 5 s: a server lingers for 2 s behind its last word; the rest is room for a busy machine. */
export const RECOVERY_DEADLINE_MS = 5_000;

/** 20 s: no attack takes longer than a test may. */
export const ATTACK_DEADLINE_MS = 20_000;

/** How often a state that only the kernel knows is looked at. */
const POLL_MS = 10;

/** Settles as `promise` does, or rejects when that takes longer than `ms`. */
export async function within<T>(
  promise: Promise<T>,
  options: { readonly ms: number; readonly what: string },
): Promise<T> {
  const { ms, what } = options;
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** Looks until `holds` does, for at most `ms`. Returns whether it did in the end. */
export async function eventually(
  holds: () => boolean,
  ms: number = RECOVERY_DEADLINE_MS,
): Promise<boolean> {
  const deadline = performance.now() + ms;
  while (!holds()) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return true;
}
