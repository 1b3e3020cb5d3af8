/** A check, a section of them, and what a check is given. */
import type { Channel } from './channel.ts';

/** What a check of a server works with. */
export interface ServerTrial {
  /** Opens a connection to the server. It is closed when the check is over. */
  open(): Promise<Channel>;
  /** Something that is worth saying of a check that passes. */
  note(text: string): void;
  /** How long one wait may take. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Tells the server to go down, where the one who runs us said how. */
  readonly tellToStop?: (() => void) | undefined;
  /** Whether a check of this run has told it so. */
  readonly wasToldToStop: boolean;
}

/** One thing that a peer must do. */
export interface Check<Trial> {
  readonly name: string;
  /** @throws UnmetError or SkippedError */
  run(trial: Trial): Promise<void>;
}

/** The checks of one part of the specification. */
export interface Section<Trial> {
  /** As on the command line: `ids`. */
  readonly name: string;
  /** As in the specification: `Ids`. */
  readonly title: string;
  readonly checks: readonly Check<Trial>[];
}

/** Writes a check down. */
export function check<Trial = ServerTrial>(
  name: string,
  run: (trial: Trial) => Promise<void>,
): Check<Trial> {
  return { name, run };
}
