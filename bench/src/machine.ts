/** What the numbers were measured on. */
import { spawnSync } from 'node:child_process';
import { cpus, release } from 'node:os';
import type { Processors } from './processors.ts';

/** The facts that a reader of results wants to know. */
export interface Machine {
  readonly kernel: string;
  readonly processor: string;
  readonly processorCount: number;
  /** Undefined where nothing could be pinned. */
  readonly pinned: Processors | undefined;
  readonly node: string;
  /** Undefined where it is not installed. */
  readonly python: string | undefined;
  readonly compiler: string | undefined;
  /** Undefined where it is not installed. */
  readonly go: string | undefined;
}

/** Describes this machine. */
export function describeMachine(processors: Processors | undefined): Machine {
  const all = cpus();
  return {
    kernel: `Linux ${release()}`,
    processor: all[0]?.model.trim() ?? 'unknown',
    processorCount: all.length,
    pinned: processors,
    node: process.version.slice(1),
    python: firstLine(['python3', '--version'])?.replace(/^Python /, ''),
    compiler: firstLine(['cc', '--version']),
    go: firstLine(['go', 'version'])?.replace(/^go version go/, ''),
  };
}

/** The first line of what a program says of its version. */
function firstLine([program, argument]: readonly [string, string]): string | undefined {
  const { stdout, status } = spawnSync(program, [argument], { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n')[0]?.trim() : undefined;
}
