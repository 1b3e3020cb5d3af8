/** A scenario: what the driver is told, and what is looked at. */
import { UnmetError } from '../trial/unmet.ts';
import type { JsonObject } from '../wire/json.ts';
import type { Asked, ClientTrial } from './client-trial.ts';

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

/** What is printed for searches that were answered with these texts. */
export function printedResults(...results: readonly string[]): JsonObject[] {
  return results.map((result) => ({ answer: { result } }));
}

/** That all came on one connection. */
export function expectOneConnection(asked: readonly Asked[]): void {
  if (new Set(asked.map(({ channel }) => channel)).size === 1) return;
  throw new UnmetError('all on one connection', 'some came on another');
}

/** The first request of most: a search for `morpheus`. */
export const MORPHEUS_REQUEST = { action: 'search', value: 'morpheus' };

/** A search for `ring`. */
export const RING_REQUEST = { action: 'search', value: 'ring' };

/** A search for U+1F436. */
export const PLAYING_REQUEST = { action: 'search', value: '\u{1F436}' };
