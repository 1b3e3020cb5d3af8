/**
 * Contestants, and how they are made ready. One is a row in the table of its suite, and a file in
 * `bench/servers` that prints `listening on 127.0.0.1:PORT` once it accepts connections.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findBun } from '../bun.ts';
import { compile } from '../compile.ts';
import { ROOT } from '../workspace.ts';
import type { Exchange } from './exchange.ts';

/** How a contestant is started. Paths are relative to the root of the repository. */
export type Launch =
  | { readonly runtime: 'node'; readonly script: string; readonly args?: readonly string[] }
  | { readonly runtime: 'bun'; readonly script: string }
  | { readonly runtime: 'python'; readonly script: string }
  | { readonly runtime: 'go'; readonly source: string }
  | { readonly runtime: 'c'; readonly source: string; readonly args?: readonly string[] };

/** One server. */
export interface Contestant {
  readonly name: string;
  /** For the reader of the results. */
  readonly description: string;
  readonly launch: Launch;
  /** What it is asked, and how, if that is not what the suite asks all. */
  readonly exchange?: Exchange;
}

/** A contestant that can be started here. */
export interface Entrant {
  readonly contestant: Contestant;
  /** What starts it. */
  readonly command: readonly string[];
  /** What starts it with `bench/servers/collect.mjs`; undefined where there is no JavaScript. */
  readonly collectingCommand: readonly string[] | undefined;
}

/**
 * Makes ready what a contestant needs.
 *
 * @throws with the reason for which it cannot run here
 */
export async function prepare(contestant: Contestant): Promise<Entrant> {
  const { launch } = contestant;
  switch (launch.runtime) {
    case 'node':
      return scripted(contestant, {
        program: process.execPath,
        preload: '--import',
        script: [join(ROOT, launch.script), ...(launch.args ?? [])],
      });
    case 'bun':
      return scripted(contestant, {
        program: await findBun(),
        preload: '--preload',
        script: [join(ROOT, launch.script)],
      });
    case 'python':
      return native(contestant, [findPython(), join(ROOT, launch.script)]);
    case 'go':
      return native(contestant, [await compile(launch.source)]);
    case 'c':
      return native(contestant, [await compile(launch.source), ...(launch.args ?? [])]);
  }
}

/** Preloaded into JavaScript whose memory is measured. */
const COLLECT = join(ROOT, 'bench', 'servers', 'collect.mjs');

function scripted(
  contestant: Contestant,
  parts: {
    readonly program: string;
    /** The flag that loads a module before the script. */
    readonly preload: '--import' | '--preload';
    readonly script: readonly string[];
  },
): Entrant {
  const { program, preload, script } = parts;
  const module = preload === '--import' ? pathToFileURL(COLLECT).href : COLLECT;
  return {
    contestant,
    command: [program, ...script],
    collectingCommand: [program, '--expose-gc', preload, module, ...script],
  };
}

function native(contestant: Contestant, command: readonly string[]): Entrant {
  return { contestant, command, collectingCommand: undefined };
}

/** The interpreter itself: `python3` may be a script that looks for it. */
function findPython(): string {
  const { stdout, error } = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], {
    encoding: 'utf8',
  });
  if (error !== undefined) throw new Error('find python3: it is not installed');
  return stdout.trim();
}
