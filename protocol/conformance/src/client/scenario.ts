/** A scenario: what the driver is told, and what is looked at. */
import type { ClientTrial } from './client-trial.ts';

/** One run of the driver. */
export interface Scenario {
  /** The word that the driver is given. */
  readonly scenario: string;
  /** What is looked at; several checks may give the driver the same word. */
  readonly name: string;
  run(trial: ClientTrial): Promise<void>;
}

/** The scenarios of one part of the specification. */
export interface ScenarioSection {
  readonly name: string;
  readonly title: string;
  readonly scenarios: readonly Scenario[];
}

/** Writes a scenario down. */
export function scenario(
  word: string,
  name: string,
  run: (trial: ClientTrial) => Promise<void>,
): Scenario {
  return { scenario: word, name: `${word}: ${name}`, run };
}

/** The first request of most: a search for `morpheus`. */
export const MORPHEUS_REQUEST = { action: 'search', value: 'morpheus' };

/** A search for `ring`. */
export const RING_REQUEST = { action: 'search', value: 'ring' };

/** A search for U+1F436. */
export const PLAYING_REQUEST = { action: 'search', value: '\u{1F436}' };
