/**
 * The contestants: servers that all answer the same request. A new one is a row here, and a file in
 * `bench/servers` that prints `listening on 127.0.0.1:PORT` once it accepts connections.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { compile } from '../compile.ts';
import { ROOT } from '../workspace.ts';
import { REQUEST } from './exchange.ts';

/** How a contestant is started. Paths are relative to the root of the repository. */
export type Launch =
  | { readonly runtime: 'node'; readonly script: string; readonly args: readonly string[] }
  | { readonly runtime: 'python'; readonly script: string }
  | { readonly runtime: 'c'; readonly source: string; readonly args: readonly string[] };

/** One server. */
export interface Contestant {
  readonly name: string;
  /** For the reader of the results. */
  readonly description: string;
  readonly launch: Launch;
}

/** The one that the others are compared with. */
export const SUBJECT = 'wireline';

/** All of them. */
export const CONTESTANTS: readonly Contestant[] = [
  {
    name: SUBJECT,
    description: '`wireline serve --quiet` as it is shipped, with all limits and time-outs',
    launch: {
      runtime: 'node',
      script: 'packages/cli/bin/wireline.js',
      args: ['serve', '--quiet', '127.0.0.1', '0'],
    },
  },
  {
    name: 'node-plain',
    description: '`node:net`, header and content through `JSON`, a write per answer',
    launch: { runtime: 'node', script: 'bench/servers/node-plain.mjs', args: [] },
  },
  {
    name: 'node-tuned',
    description: '`node:net`, known headers, a write per chunk',
    launch: { runtime: 'node', script: 'bench/servers/node-tuned.mjs', args: [] },
  },
  {
    name: 'python-selectors',
    description: 'Python `selectors`, as the guide has it, keeping connections',
    launch: { runtime: 'python', script: 'bench/servers/python_selectors.py' },
  },
  {
    name: 'c-epoll',
    description: 'C, epoll, counts bytes and sends a canned answer: the limit of what can be had',
    launch: { runtime: 'c', source: 'bench/servers/epoll.c', args: [String(REQUEST.length)] },
  },
];

/** A contestant that can be started here. */
export interface Entrant {
  readonly contestant: Contestant;
  /** The command that starts it, given flags for Node, which nothing else takes. */
  readonly command: (flags: readonly string[]) => readonly string[];
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
      return {
        contestant,
        command: (flags) => [process.execPath, ...flags, join(ROOT, launch.script), ...launch.args],
      };
    case 'python': {
      const python = findPython();
      return { contestant, command: () => [python, join(ROOT, launch.script)] };
    }
    case 'c': {
      const program = await compile(launch.source);
      return { contestant, command: () => [program, ...launch.args] };
    }
  }
}

/** The interpreter itself: `python3` may be a script that looks for it. */
function findPython(): string {
  const { stdout, error } = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], {
    encoding: 'utf8',
  });
  if (error !== undefined) throw new Error('find python3: it is not installed');
  return stdout.trim();
}
