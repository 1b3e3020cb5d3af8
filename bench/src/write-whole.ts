/** Files that are there whole, or as they were. */
import { rename, rm, writeFile } from 'node:fs/promises';

/** Writes a file beside its place and then moves it there. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const unfinished = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(unfinished, text);
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
