/**
 * PageFolder: a folder that is made by following a page, as its reader does: each file that the page shows is
 * written, each command that it shows is run, in the order of the page.
 *
 * A fence whose first line is a comment with the name of a file, `// server.ts`, is that file. A `console` fence has
 * commands behind `$`, with what they print; an `sh` fence has commands alone. Two things are done otherwise than a
 * reader does them: packages are linked from this repository instead of fetched, and ports are free ones.
 */
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Program, type Outcome } from '../support/program.ts';

/** What a page shows, in its order. */
export type Step =
  | { readonly kind: 'file'; readonly name: string; readonly text: string }
  | { readonly kind: 'command'; readonly command: string; readonly printed: string | undefined };

/** Where a page's reader has the clone. */
const CLONE = '~/wireline/';

/** A server lives while the rest of its page is followed, the compiler's runs included. */
const DEADLINE_MS = 100_000;

/** All that a page shows. */
export function stepsOf(page: string): Step[] {
  return Array.from(page.matchAll(/^```(\w+)\n(.*?)^```$/gms)).flatMap(
    ([, language = '', text = '']): Step[] => {
      if (language === 'console') {
        return Array.from(text.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm), (found) => {
          const [, command = '', printed = ''] = found;
          return { kind: 'command', command, printed };
        });
      }
      if (language === 'sh') {
        const commands = text.trim().split('\n');
        return commands.map((command) => ({ kind: 'command', command, printed: undefined }));
      }
      const [, name] = /^(?:\/\/|#) ([\w-]+(?:\.\w+)+)\n/.exec(text) ?? [];
      return name === undefined ? [] : [{ kind: 'file', name, text }];
    },
  );
}

/** A folder made by following a page. */
export class PageFolder implements AsyncDisposable {
  readonly #root: string;
  readonly #port: number;
  #path: string;

  private constructor(root: string, port: number) {
    this.#root = root;
    this.#path = root;
    this.#port = port;
  }

  /** @param port stands wherever the page says 65432 */
  static async create(port: number): Promise<PageFolder> {
    const root = await mkdtemp(join(tmpdir(), 'page-'));
    await chmod(root, 0o755); // as a folder that a user makes
    return new PageFolder(root, port);
  }

  /** A text of the page, with the port of this folder. */
  here(text: string): string {
    return text.replaceAll('65432', String(this.#port));
  }

  /** Writes a file of the page's. */
  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.#path, name), this.here(text));
  }

  /** Starts a command of the page's. */
  start(command: string): Program {
    const line = `cd "$0" && exec ${this.here(command)}`;
    return Program.start('bash', ['-c', line, this.#path], { deadlineMs: DEADLINE_MS });
  }

  /** Runs a command of the page's to its end. */
  async run(command: string): Promise<Outcome> {
    const [program, ...words] = command.split(' ');
    if (program === 'cd') {
      this.#path = join(this.#path, ...words);
      return DONE;
    }
    if (program === 'npm' && words[0] === 'install') return this.#install(words.slice(1));
    await using running = this.start(command);
    return await running.exited();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#root, { recursive: true });
  }

  async #install(words: readonly string[]): Promise<Outcome> {
    for (const word of words.filter((each) => !each.startsWith('-'))) {
      const source = resolve(
        word.startsWith(CLONE) ? word.slice(CLONE.length) : join('node_modules', word),
      );
      const { name, bin = {} } = await readManifest(source);
      await link(source, join(this.#path, 'node_modules', name));
      for (const command of Object.keys(bin)) {
        const target = join(this.#path, 'node_modules', '.bin', command);
        await link(resolve('node_modules', '.bin', command), target);
      }
    }
    return DONE;
  }
}

const DONE: Outcome = { code: 0, signal: null, stdout: '', stderr: '' };

interface Manifest {
  readonly name: string;
  readonly bin?: Readonly<Record<string, string>>;
}

async function readManifest(folder: string): Promise<Manifest> {
  // What npm has installed has a manifest with a name.
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
}

async function link(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await symlink(source, target);
}
