/** Network namespaces: a machine within the machine, with interfaces and settings that the machine itself does not have. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What runs in a namespace of its own, before the program that is given to it. */
const INSIDE = ['unshare', '--net', '--', 'sh', '-c'] as const;

/** Whether this user may make one: root, mostly. And there must be `ip`, to fill it. */
export const HAS_NAMESPACES =
  spawnSync(INSIDE[0], [...INSIDE.slice(1), 'ip link set lo up']).status === 0;

/** How a program ended, and what it said. */
export interface NamespaceOutcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `peers/name.mjs` to its end. With `prepare`, lines of a shell, in a namespace that they prepare. */
export function runPeerProgram(
  name: string,
  args: readonly string[],
  prepare?: readonly string[],
): NamespaceOutcome {
  const program = fileURLToPath(new URL(`peers/${name}.mjs`, import.meta.url));
  const command = [process.execPath, program, ...args];
  const script = ['set -e', ...(prepare ?? []), 'exec "$@"'].join('\n');
  const [file = '', ...rest] =
    prepare === undefined ? command : [...INSIDE, script, 'sh', ...command];
  return spawnSync(file, rest, { encoding: 'utf8', timeout: 10_000 });
}
