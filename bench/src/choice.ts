/** What the command line chooses, checked before the run. */
import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError, type SuiteOptions } from './suite-options.ts';

/**
 * Those of the entries that are named; all if none are.
 *
 * @throws UsageError for a name that there is not
 */
export function choose<Entry extends { readonly name: string }>(
  entries: readonly Entry[],
  { names, option }: { readonly names: readonly string[] | undefined; readonly option: string },
): readonly Entry[] {
  const unknown = names?.find((name) => !entries.some((entry) => entry.name === name));
  if (unknown !== undefined) {
    const known = entries.map(({ name }) => name).join(', ');
    throw new UsageError(`${option}: there is no ${unknown}; choose from ${known}`);
  }
  return names === undefined ? entries : entries.filter(({ name }) => names.includes(name));
}

/** @throws UsageError when nothing can be written where `file` is to be. */
export async function checkFolder(file: string): Promise<void> {
  const folder = dirname(file);
  try {
    await access(folder, constants.W_OK);
  } catch {
    throw new UsageError(
      `--out: nothing can be written in ${folder}; name a file in another folder`,
    );
  }
}

/** Only a run of everything, at length, may replace what is kept in the repository. */
export function isFull({ only, scenarios, rounds, seconds, quick }: SuiteOptions): boolean {
  return [only, scenarios, rounds, seconds].every((each) => each === undefined) && !quick;
}
