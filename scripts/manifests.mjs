/**
 * Checks what package.json and tsconfig.json say against each other and against the files that there are.
 *
 * Part of check-layers: entry points lead to sources and to what these are built to, and `tsc --build` knows
 * the same dependencies as npm.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lineAt, lineOf, resolveRelative } from './workspace.mjs';

/** @typedef {import('./workspace.mjs').Manifest} Manifest */
/** @typedef {import('./workspace.mjs').Package} Package */
/** @typedef {import('./workspace.mjs').Problem} Problem */

/**
 * Every entry point has the source, the types and the code that belong together.
 *
 * @param {string} root
 * @param {Package} home
 * @returns {Problem[]}
 */
export function checkExports(root, home) {
  const inManifest = manifestProblem(home);
  /** @type {Problem[]} */
  const problems = [];
  for (const [key, conditions] of Object.entries(home.manifest.exports ?? {})) {
    if (typeof conditions !== 'object' || conditions === null) continue;
    const source =
      'wireline-source' in conditions ? String(conditions['wireline-source']) : undefined;
    if (source === undefined) continue;
    if (!existsSync(join(root, home.directory, source))) {
      problems.push(
        inManifest(
          'exports',
          `"${key}"`,
          `"${key}" leads to ${source}, which does not exist: write it, or remove the entry.`,
        ),
      );
    }
    const built = source.replace('./src/', './dist/').replace(/\.ts$/, '');
    for (const [condition, target] of Object.entries(conditions)) {
      const expected = { types: `${built}.d.ts`, default: `${built}.js` }[condition];
      if (expected !== undefined && target !== expected) {
        problems.push(
          inManifest(
            'exports',
            `"${key}"`,
            `"${key}" has "${condition}": "${String(target)}", but ${source} is built to ${expected}.`,
          ),
        );
      }
    }
  }
  return problems;
}

/**
 * `tsc --build` builds in the order of `references`: they must say the same as the dependencies.
 *
 * @param {string} root
 * @param {Package} home
 * @param {Map<string, Package>} byName
 * @returns {Problem[]}
 */
export function checkReferences(root, home, byName) {
  const file = `${home.directory}/tsconfig.json`;
  if (!existsSync(join(root, file))) return [];
  const declared = [...declaredBy(home.manifest).keys()].flatMap(
    (name) => byName.get(name)?.directory ?? [],
  );
  return compareReferences(
    root,
    file,
    declared,
    `the workspace dependencies in ${home.directory}/package.json`,
  );
}

/**
 * The tests of all packages are compiled as one project, which needs all packages built.
 *
 * @param {string} root
 * @param {Package[]} packages
 * @returns {Problem[]}
 */
export function checkTestProject(root, packages) {
  const file = 'tsconfig.test.json';
  if (!existsSync(join(root, file))) return [];
  const layers = packages
    .map((each) => each.directory)
    .filter((each) => each.startsWith('packages/'));
  return compareReferences(root, file, layers, 'the packages, all of which have tests');
}

/**
 * @param {string} root
 * @param {string} file
 * @param {string[]} expected directories of packages
 * @param {string} reason what `expected` is, for the message
 * @returns {Problem[]}
 */
function compareReferences(root, file, expected, reason) {
  const text = readFileSync(join(root, file), 'utf8');
  /** @type {Problem[]} */
  const problems = [];
  /** @type {Set<string>} */
  const referenced = new Set();
  // Read by pattern: the file may hold comments, and a reference is always written this way.
  for (const match of text.matchAll(/\{\s*"path":\s*"([^"]+)"/g)) {
    const target = resolveRelative(file, match[1] ?? '').replace(/\/$/, '');
    referenced.add(target);
    if (expected.includes(target) || !target.startsWith('packages/')) continue;
    const message = `"references" names ${target}, which is not among ${reason}: remove it, or declare it there.`;
    problems.push({ file, line: lineAt(text, match.index), rule: 'references', message });
  }
  for (const target of expected) {
    if (referenced.has(target)) continue;
    const message = `"references" lacks ${target}, which is among ${reason}: add it.`;
    problems.push({ file, line: lineOf(text, '"references"'), rule: 'references', message });
  }
  return problems;
}

/**
 * All that a package declares it needs, by name.
 *
 * @param {Manifest} manifest
 * @returns {Map<string, { kind: string, range: string }>}
 */
export function declaredBy(manifest) {
  /** @type {Map<string, { kind: string, range: string }>} */
  const declared = new Map();
  for (const kind of /** @type {const} */ ([
    'devDependencies',
    'peerDependencies',
    'optionalDependencies',
    'dependencies',
  ])) {
    for (const [name, range] of Object.entries(manifest[kind] ?? {}))
      declared.set(name, { kind, range });
  }
  return declared;
}

/**
 * Makes problems whose place is the line of a package.json that holds `place`.
 *
 * @param {Package} home
 * @returns {(rule: string, place: string, message: string) => Problem}
 */
export function manifestProblem(home) {
  return (rule, place, message) => ({
    file: `${home.directory}/package.json`,
    line: lineOf(home.manifestText, place),
    rule,
    message,
  });
}
