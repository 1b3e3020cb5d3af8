/** Where results go: to standard output, to the file asked for, and after a full run to the suite's own. */
import { join, relative } from 'node:path';
import { isFull } from './choice.ts';
import type { Progress } from './progress.ts';
import type { SuiteOptions } from './suite-options.ts';
import { ROOT } from './workspace.ts';
import { writeWhole } from './write-whole.ts';

/** What a run ends with. */
export interface Outcome {
  /** The page. */
  readonly report: string;
  /** What `--json` prints. */
  readonly json: object;
  /** Where the page of a full run goes, relative to the root of the repository. */
  readonly resultsFile: string;
  /** A picture of it that a full run leaves beside the page, if there is one. */
  readonly picture?: Picture | undefined;
}

/** A file that shows results. */
export interface Picture {
  /** Relative to the root of the repository. */
  readonly file: string;
  readonly content: string;
}

/** Prints the results and writes them, as the command line asks. */
export async function publish(
  { report, json, resultsFile, picture }: Outcome,
  { options, progress }: { readonly options: SuiteOptions; readonly progress: Progress },
): Promise<void> {
  const file = options.out ?? (isFull(options) ? join(ROOT, resultsFile) : undefined);
  if (file !== undefined) {
    await writeWhole(file, report);
    progress.note(`results written to ${relative('', file)}`);
  }
  if (isFull(options) && options.out === undefined && picture !== undefined) {
    await writeWhole(join(ROOT, picture.file), picture.content);
  }
  process.stdout.write(options.json ? `${JSON.stringify(json, undefined, 2)}\n` : report);
}
