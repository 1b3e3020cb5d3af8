/** What the contract is about: one implementation. */
import type { SelectorOptions } from '@wireline/socket/selectors';
import type { TestSelector } from '../scene.ts';

/** An implementation, and in which of the ways that are allowed it goes. */
export interface Profile {
  /** What it is called. */
  readonly name: string;
  readonly make: (options?: SelectorOptions) => TestSelector;
  /** Whether it knows edges. */
  readonly hasEdges: boolean;
  /** What becomes of regular files. */
  readonly files: 'refused' | 'always ready';
}

/** Long enough to tell a wait from none, short enough for a test that runs into it. */
export const A_WHILE_MS = 30;

/** More than one wait of any implementation returns. */
export const MANY = 2500;

/** An implementation under test. */
export interface Subject extends Profile {
  /** A selector that is closed when the test is over. */
  readonly made: (options?: SelectorOptions) => TestSelector;
}
