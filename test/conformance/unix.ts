/** Places for Unix sockets: files in a folder of each test's own, abstract names that nobody else has. */
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A user without rights, as every Linux has one. */
const NOBODY = 65_534;

/** A folder for one test, which anybody may enter; it is removed with all that is in it. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wl-'));
  chmodSync(folder, 0o755);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A path where nothing is yet. */
export function scratchPath(name = 'socket'): string {
  return join(scratchFolder(), name);
}

/** An abstract name that nobody has yet. */
export function abstractName(): string {
  return `\0wireline-${randomUUID()}`;
}

/** The places where a Unix socket can be found. */
export const UNIX_PLACES: readonly {
  readonly name: string;
  readonly path: () => string;
}[] = [
  { name: 'a path', path: scratchPath },
  { name: 'an abstract name', path: abstractName },
];

/** What `call` makes while this process is nobody in particular: rights count for root, too. */
export async function asNobody<T>(call: () => T): Promise<Awaited<T>> {
  if (process.geteuid?.() !== 0) return await call();
  process.seteuid?.(NOBODY);
  try {
    return await call();
  } finally {
    process.seteuid?.(0);
  }
}
