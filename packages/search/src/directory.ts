/**
 * Directory: the entries that can be looked up, by their names.
 *
 * Names and texts are data from files and peers: they are kept in a `Map`, so that a name such as
 * `__proto__` is a name like any other.
 */
import { readFile } from 'node:fs/promises';

/** The entries that come with the guide. */
const BUILT_IN: readonly (readonly [string, string])[] = [
  ['morpheus', 'Follow the white rabbit. \u{1F430}'],
  ['ring', 'In the caves beneath the Misty Mountains. \u{1F48D}'],
  ['\u{1F436}', '\u{1F43E} Playing ball! \u{1F3D0}'],
];

/** A file of entries could not be used. */
export class DirectoryFileError extends Error {
  override readonly name = 'DirectoryFileError';
  readonly code = 'directory-file';
}

/**
 * A set of named texts.
 *
 * @example
 * ```ts
 * Directory.builtIn().find('morpheus'); // 'Follow the white rabbit. 🐰'
 * ```
 */
export class Directory {
  readonly #entries: ReadonlyMap<string, string>;

  constructor(entries: Iterable<readonly [string, string]>) {
    this.#entries = new Map(entries);
  }

  /** The three entries of the guide. */
  static builtIn(): Directory {
    return new Directory(BUILT_IN);
  }

  /**
   * Reads entries from a JSON file: one object, names to texts.
   *
   * @throws DirectoryFileError when the file cannot be read or holds something else.
   */
  static async fromFile(path: string): Promise<Directory> {
    return new Directory(readEntries(path, await readText(path)));
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The text of the entry `name`, or `undefined`. */
  find(name: string): string | undefined {
    return this.#entries.get(name);
  }
}

async function readText(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DirectoryFileError(`read entries from ${path}: ${reason}`, { cause });
  }
}

function readEntries(path: string, text: string): [string, string][] {
  const entries = parse(path, text);
  return Object.entries(entries).map(([name, value]) => {
    if (typeof value === 'string') return [name, value];
    throw new DirectoryFileError(
      `read entries from ${path}: the entry ${JSON.stringify(name)} is no string; expected {"name": "text", ...}`,
    );
  });
}

function parse(path: string, text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DirectoryFileError(`read entries from ${path}: not JSON: ${reason}`, { cause });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new DirectoryFileError(
    `read entries from ${path}: expected one object, {"name": "text", ...}`,
  );
}
