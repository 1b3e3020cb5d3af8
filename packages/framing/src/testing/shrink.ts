/**
 * Shrinking: from a failure to the smallest one that can be found near it.
 */

/** Runs spent on making one failure smaller. Reached only by long streams. */
const MAX_RUNS = 400;

/**
 * Leaves out items for as long as `fails` says that the rest still fails: ever smaller groups of them,
 * down to single ones (delta debugging: Zeller and Hildebrandt, 2002).
 */
export function shrink<Item>(
  items: readonly Item[],
  fails: (items: readonly Item[]) => boolean,
): readonly Item[] {
  let smallest = items;
  let runs = 0;
  for (let group = Math.ceil(items.length / 2); group >= 1; group = Math.floor(group / 2)) {
    for (let at = 0; at < smallest.length && runs < MAX_RUNS; runs++) {
      const fewer = [...smallest.slice(0, at), ...smallest.slice(at + group)];
      if (fails(fewer)) smallest = fewer;
      else at += group;
    }
  }
  return smallest;
}

/** Replaces items by the first of their `simpler` ones with which the rest still fails. */
export function simplify<Item>(
  items: readonly Item[],
  simpler: (item: Item) => readonly Item[],
  fails: (items: readonly Item[]) => boolean,
): readonly Item[] {
  let simplest = items;
  let runs = 0;
  for (const [at, item] of items.entries()) {
    for (const other of simpler(item)) {
      if (runs++ >= MAX_RUNS) return simplest;
      const tried = simplest.with(at, other);
      if (!fails(tried)) continue;
      simplest = tried;
      break;
    }
  }
  return simplest;
}
