/**
 * Small repositories for the tests of the workshop's own checks.
 *
 * A test describes a tree that keeps every rule, with one thing broken, and sees that thing reported: if
 * the check did nothing, the test would fail.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

const SCRIPTS = new URL('../../scripts/', import.meta.url);

/** What a check reports: the same shape as `Problem` in scripts/workspace.mjs. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

/** A check of the workshop, as the scripts export it. */
export type Check = (root: string) => Problem[];

/** File names and what they hold; an object is written as JSON, and `undefined` leaves the file out. */
export type Tree = Readonly<Record<string, string | object | undefined>>;

/** Loads a check. The scripts are plain JavaScript and no part of this project, hence the name at run time. */
export async function loadCheck(script: string, name: string): Promise<Check> {
  const url = new URL(script, SCRIPTS).href;
  const module = (await import(/* @vite-ignore */ url)) as Record<string, Check>;
  const check = module[name];
  if (check === undefined) throw new Error(`load ${script}: it exports no ${name}`);
  return check;
}

/** Copies all scripts into the tree at `root`, so that they take it for their repository. */
export function plantScripts(root: string): void {
  cpSync(SCRIPTS, join(root, 'scripts'), { recursive: true });
}

/** Writes `tree` to a directory of its own, which goes when the test is over. Returns its path. */
export function plant(tree: Tree): string {
  const root = mkdtempSync(join(tmpdir(), 'wireline-workshop-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(tree)) {
    if (content === undefined) continue;
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  }
  return root;
}

/** A problem as one line of text, so that a failing test shows what was reported instead. */
export function told({ file, line, rule, message }: Problem): string {
  return `${file}:${line} ${rule}: ${message}`;
}
