/** The scenarios: how many descriptors are registered. */

/** Registered descriptors, of which {@link ACTIVE} are ready all the time and the others never. */
export interface Crowd {
  /** For the command line. */
  readonly name: string;
  readonly title: string;
  readonly registered: number;
}

/** As many as a busy server finds ready at once. */
export const ACTIVE = 10;

/** The last one is half of the 20,000 descriptors that a process may be held to. */
export const CROWDS: readonly Crowd[] = [10, 100, 1000, 10_000].map((registered) => ({
  name: String(registered),
  title: registered.toLocaleString('en'),
  registered,
}));
