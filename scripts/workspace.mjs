/**
 * What the checks know about this repository: its packages and its files; and how a check reports.
 *
 * Rules: everything is read from the `root` that is given, so that a test can check a small tree of its own;
 * nothing here writes; nothing here needs an installed package, because `npm run check` starts before the first
 * installation.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Something that breaks a rule, and where.
 *
 * @typedef {object} Problem
 * @property {string} file relative to the root, with forward slashes
 * @property {number} line counted from 1
 * @property {string} rule a short stable name
 * @property {string} message what was found, and what to change
 */

/**
 * @typedef {object} Manifest
 * @property {string} [name]
 * @property {string} [version]
 * @property {string[]} [workspaces]
 * @property {Record<string, string>} [scripts]
 * @property {Record<string, string>} [engines]
 * @property {Record<string, unknown>} [exports]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 * @property {Record<string, string>} [peerDependencies]
 * @property {Record<string, string>} [optionalDependencies]
 */

/**
 * @typedef {object} Package
 * @property {string} directory relative to the root: `packages/framing`
 * @property {string} folder the last part of it: `framing`
 * @property {string} name as others import it: `@wireline/framing`
 * @property {Manifest} manifest
 * @property {string} manifestText
 */

/** The repository that these scripts belong to. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const LEFT_OUT = new Set(['node_modules', 'dist', '.git', '.cache', '__pycache__']);

/**
 * All files below `directory`, relative to `root`, in a stable order. Nothing where there is no such directory.
 *
 * @param {string} root
 * @param {string} directory
 * @param {(file: string) => boolean} wanted
 * @returns {string[]}
 */
export function listFiles(root, directory, wanted) {
  const start = join(root, directory);
  if (!existsSync(start)) return [];
  /** @type {string[]} */
  const files = [];
  for (const entry of readdirSync(start, { withFileTypes: true })) {
    const path = join(start, entry.name);
    if (entry.isDirectory()) {
      if (!LEFT_OUT.has(entry.name)) files.push(...listFiles(root, relative(root, path), wanted));
    } else if (entry.isFile()) {
      const file = relative(root, path).split(sep).join('/');
      if (wanted(file)) files.push(file);
    }
  }
  return files.toSorted();
}

/** @param {string} root @returns {Manifest} */
export function readRootManifest(root) {
  return parseJson(readFileSync(join(root, 'package.json'), 'utf8'));
}

/**
 * The workspaces that exist, in the order in which the root names them.
 *
 * @param {string} root
 * @returns {Package[]}
 */
export function readPackages(root) {
  /** @type {Package[]} */
  const packages = [];
  for (const directory of readRootManifest(root).workspaces ?? []) {
    const file = join(root, directory, 'package.json');
    if (!existsSync(file)) continue;
    const manifestText = readFileSync(file, 'utf8');
    const manifest = parseJson(manifestText);
    const folder = basename(directory);
    packages.push({ directory, folder, name: manifest.name ?? folder, manifest, manifestText });
  }
  return packages;
}

/** @param {string} text @returns {Manifest} */
function parseJson(text) {
  return /** @type {Manifest} */ (JSON.parse(text)); // JSON.parse says any; npm has checked the shape
}

/**
 * @param {string} text
 * @param {number} offset
 * @returns {number} the line, counted from 1, on which `offset` lies
 */
export function lineAt(text, offset) {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1))
    line += 1;
  return line;
}

/**
 * The line of the first occurrence of `wanted`, or 1: good enough to lead to the place in a small JSON file.
 *
 * @param {string} text
 * @param {string} wanted
 * @returns {number}
 */
export function lineOf(text, wanted) {
  return lineAt(text, Math.max(0, text.indexOf(wanted)));
}

/**
 * Where a relative import leads, relative to the root, with forward slashes.
 *
 * @param {string} file
 * @param {string} specifier
 * @returns {string}
 */
export function resolveRelative(file, specifier) {
  return join(dirname(file), specifier).split(sep).join('/');
}

/**
 * Prints the problems of one check and sets the exit code, if the file at `url` is what was started.
 *
 * @param {string} url the script's `import.meta.url`
 * @param {string} subject what holds when there are no problems: a sentence
 * @param {(root: string) => Problem[]} check
 */
export function runAsCommand(url, subject, check) {
  if (process.argv[1] === undefined || fileURLToPath(url) !== process.argv[1]) return;
  const problems = check(ROOT);
  for (const { file, line, rule, message } of problems) {
    console.error(`${file}:${line}  ${rule}\n    ${message}`);
  }
  if (problems.length === 0) {
    console.log(subject);
  } else {
    console.error(`\n${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}.`);
    process.exitCode = 1;
  }
}
