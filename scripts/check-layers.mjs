/**
 * Keeps the layers real: who may import whom, and that each package says what it uses.
 *
 * The table below is the architecture. A package may import the packages of its row and no others; what it
 * imports it declares, and what it declares it imports. Beyond the table:
 *
 * - `framing`, `message` and `struct` of `socket` do no I/O: nothing from `node:`, so they run in a browser. Their
 *   tests may, and so may the folder `node` of `framing`, an entry point of its own that nothing else there imports.
 * - Only `packages/socket/src/libc/` knows the foreign-function library, so that it can be replaced.
 * - A package is entered by a door: an import names a key of its `exports`, and no relative path leaves home.
 * - Files of one package do not import each other in a circle, types included: a circle has no bottom.
 *
 * `checkLayers` returns the problems; started as a command, this file prints them.
 */
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import {
  checkExports,
  checkReferences,
  checkTestProject,
  declaredBy,
  manifestProblem,
} from './manifests.mjs';
import { importsOf, memberName, nodesOf, readSource } from './source.mjs';
import {
  lineAt,
  listFiles,
  readPackages,
  readRootManifest,
  resolveRelative,
  runAsCommand,
} from './workspace.mjs';

/** @typedef {import('./source.mjs').Import} Import */
/** @typedef {import('./workspace.mjs').Manifest} Manifest */
/** @typedef {import('./workspace.mjs').Package} Package */
/** @typedef {import('./workspace.mjs').Problem} Problem */
/** @typedef {import('./source.mjs').Source} Source */

/**
 * Which packages each package may import, by folder, bottom to top. `socket` stands beside `framing` and
 * `message` at the bottom: `service` is where they meet.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const MAY_IMPORT = {
  framing: [],
  message: ['framing'],
  socket: [],
  service: ['framing', 'message', 'socket'],
  search: ['framing', 'message', 'socket', 'service'],
  inspector: ['framing', 'message', 'socket', 'service', 'search'],
  cli: ['framing', 'message', 'socket', 'service', 'search', 'inspector'],
};

/** What does no I/O: packages, and a part of one that stands by itself. */
const WITHOUT_IO = [
  'packages/framing/src/',
  'packages/message/src/',
  'packages/socket/src/struct/',
];

/** Parts of these that are for Node alone. What runs without it cannot import them: they count as doing I/O. */
const ONLY_FOR_NODE = ['packages/framing/src/node/'];

/** What these may have of the rest of their package: it does no I/O either. */
const ALSO_WITHOUT_IO = new Set(['packages/socket/src/check-bytes.ts']);

/** @param {string} file */
function isWithoutIo(file) {
  if (ONLY_FOR_NODE.some((folder) => file.startsWith(folder))) return false;
  return ALSO_WITHOUT_IO.has(file) || WITHOUT_IO.some((folder) => file.startsWith(folder));
}

/** The foreign-function library, and the only place that may know it. */
const FFI = 'koffi';
const FFI_HOME = 'packages/socket/src/libc/';

const SOURCE = /\.[cm]?[jt]sx?$/;
const TEST = /\.test\.[cm]?[jt]sx?$/;

/**
 * Everything in the tree at `root` that breaks a rule.
 *
 * @param {string} root
 * @returns {Problem[]}
 */
export function checkLayers(root) {
  const manifest = readRootManifest(root);
  const packages = readPackages(root);
  const byName = new Map(packages.map((each) => [each.name, each]));
  /** @type {Problem[]} */
  const problems = [];

  for (const file of listFiles(root, 'packages', (each) =>
    /^packages\/[^/]+\/package\.json$/.test(each),
  )) {
    const directory = file.slice(0, -'/package.json'.length);
    if (packages.some((each) => each.directory === directory)) continue;
    const message = `${directory} is not a workspace: add it to "workspaces" in package.json.`;
    problems.push({ file, line: 1, rule: 'workspaces', message });
  }
  for (const each of packages) {
    problems.push(...checkPackage(root, each, byName, manifest));
  }
  problems.push(...checkExamples(root, byName), ...checkTestProject(root, packages));
  return problems;
}

/**
 * @param {string} root
 * @param {Package} home
 * @param {Map<string, Package>} byName
 * @param {Manifest} rootManifest
 * @returns {Problem[]}
 */
function checkPackage(root, home, byName, rootManifest) {
  /** @type {Problem[]} */
  const problems = [];
  const inManifest = manifestProblem(home);
  const isLayer = home.directory.startsWith('packages/');
  if (isLayer && MAY_IMPORT[home.folder] === undefined) {
    const message = `${home.directory} has no layer: give it a row in MAY_IMPORT in scripts/check-layers.mjs.`;
    return [inManifest('layer', '"name"', message)];
  }

  const declared = declaredBy(home.manifest);
  /** @type {Set<string>} */
  const usedInSources = new Set();
  /** @type {Set<string>} */
  const usedInTests = new Set();
  /** @type {Map<string, Import[]>} */
  const graph = new Map();
  const folders = isLayer ? ['src', 'bin'] : ['.'];
  const files = folders.flatMap((folder) =>
    listFiles(root, join(home.directory, folder), (file) => SOURCE.test(file)),
  );

  for (const file of files) {
    const source = readSource(root, file);
    const isTest = TEST.test(file);
    /** @type {Import[]} */
    const neighbours = [];
    graph.set(file, neighbours);
    problems.push(...checkFile(source));

    for (const found of importsOf(source)) {
      const { specifier, line } = found;
      /** @param {string} rule @param {string} message */
      const add = (rule, message) => problems.push({ file, line, rule, message });

      if (specifier.startsWith('.')) {
        const target = resolveRelative(file, specifier);
        neighbours.push({ specifier: target, line });
        if (isWithoutIo(file) && !isTest && !isWithoutIo(target)) {
          add('no-io', `'${specifier}' may do I/O, and ${file} must run without it.`);
        }
        if (!target.startsWith(`${home.directory}/`)) {
          add(
            'leaves-package',
            `'${specifier}' leads out of ${home.directory}: import the other package by its name.`,
          );
        }
        continue;
      }

      if (isBuiltin(specifier)) {
        if (!specifier.startsWith('node:')) {
          add('node-prefix', `'${specifier}' is a module of Node: write 'node:${specifier}'.`);
        }
        if (isWithoutIo(file) && !isTest) {
          add(
            'no-io',
            `'${specifier}' is Node's, and ${file} must run without it: take what is needed as an argument, or move the code up a layer.`,
          );
        }
        continue;
      }

      const name = packageName(specifier);
      (isTest ? usedInTests : usedInSources).add(name);
      if (name === FFI && !file.startsWith(FFI_HOME)) {
        add(
          'only-libc',
          `'${specifier}' may be imported in ${FFI_HOME} only: add what is missing to its Libc interface.`,
        );
      }

      const target = byName.get(name);
      if (target !== undefined) {
        const wrongDoor = checkDoor(target, specifier);
        if (wrongDoor !== undefined) add('entry-point', wrongDoor);
        if (isLayer && target !== home && !allowed(home).includes(target.folder)) {
          add(
            'layer',
            `${home.folder} imports '${specifier}', but ${rowOf(home)}. Move the code that needs it up, or turn the dependency round: the upper layer passes it in.`,
          );
        }
      }

      // A test may use what the workshop installs for all tests, and any package that it may see.
      const forTests = isTest && (target !== undefined || declaredBy(rootManifest).has(name));
      if (target !== home && !declared.has(name) && !forTests) {
        add(
          'undeclared',
          `'${specifier}' is not declared: add "${name}" to the dependencies in ${home.directory}/package.json.`,
        );
      }
    }
  }

  problems.push(...checkCircles(graph));

  for (const [name, { kind, range }] of declared) {
    const target = byName.get(name);
    if (target !== undefined && range !== target.manifest.version) {
      problems.push(
        inManifest(
          'version',
          `"${name}"`,
          `${name} is declared as ${range}: write ${target.manifest.version}, the version it has here.`,
        ),
      );
    }
    const used = usedInSources.has(name) || (kind === 'devDependencies' && usedInTests.has(name));
    if (!used && !name.startsWith('@types/')) {
      const onlyTests = usedInTests.has(name)
        ? 'only by tests: move it to "devDependencies"'
        : 'by no file: remove it';
      problems.push(
        inManifest(
          'unused',
          `"${name}"`,
          `${name} is declared in ${kind} and imported ${onlyTests}.`,
        ),
      );
    }
  }

  problems.push(...checkExports(root, home), ...checkReferences(root, home, byName));
  return problems;
}

/**
 * What is wrong inside one file, whatever it imports.
 *
 * @param {Source} source
 * @returns {Problem[]}
 */
function checkFile(source) {
  const { file, text } = source;
  /** @type {Problem[]} */
  const problems = source.errors.map((error) => ({
    file,
    line: 1,
    rule: 'syntax',
    message: error,
  }));
  for (const node of nodesOf(source)) {
    if (node.type !== 'MemberExpression' || memberName(node) !== 'async') continue;
    problems.push({
      file,
      line: lineAt(text, node.start),
      rule: 'no-ffi-async',
      message: `.async of a foreign function does not hold its buffers: the memory can be freed during the call. Use the event loop and a non-blocking call.`,
    });
  }
  return problems;
}

/**
 * Examples are what users copy: they see packages by their public names only.
 *
 * @param {string} root
 * @param {Map<string, Package>} byName
 * @returns {Problem[]}
 */
function checkExamples(root, byName) {
  /** @type {Problem[]} */
  const problems = [];
  for (const file of listFiles(root, 'examples', (each) => SOURCE.test(each))) {
    for (const { specifier, line } of importsOf(readSource(root, file))) {
      if (specifier.startsWith('.')) {
        if (resolveRelative(file, specifier).startsWith('examples/')) continue;
        const message = `'${specifier}' leads out of examples/: import the package by its name, as a user would.`;
        problems.push({ file, line, rule: 'leaves-package', message });
      }
      const target = byName.get(packageName(specifier));
      const message = target && checkDoor(target, specifier);
      if (message !== undefined) problems.push({ file, line, rule: 'entry-point', message });
    }
  }
  return problems;
}

/**
 * Each circle of imports once, told from its first file in the order of names.
 *
 * A walk in depth: a file that is met again while it is still open closes a circle.
 *
 * @param {Map<string, Import[]>} graph
 * @returns {Problem[]}
 */
function checkCircles(graph) {
  /** @type {Problem[]} */
  const problems = [];
  /** @type {Set<string>} */
  const done = new Set();
  /** @type {string[]} */
  const open = [];

  /** @param {string} file */
  function visit(file) {
    open.push(file);
    for (const { specifier: target, line } of graph.get(file) ?? []) {
      if (!graph.has(target) || done.has(target)) continue;
      const start = open.indexOf(target);
      if (start === -1) {
        visit(target);
        continue;
      }
      const circle = [...open.slice(start), target].map((each) =>
        each.replace(/^packages\/[^/]+\//, ''),
      );
      const message = `imports go round: ${circle.join(' -> ')}. Move what both need into a file of its own.`;
      problems.push({ file, line, rule: 'circle', message });
    }
    open.pop();
    done.add(file);
  }

  for (const file of graph.keys()) {
    if (!done.has(file)) visit(file);
  }
  return problems;
}

/**
 * Why `specifier` is not a public entry point of `target`, or nothing if it is one.
 *
 * @param {Package} target
 * @param {string} specifier
 * @returns {string | undefined}
 */
function checkDoor(target, specifier) {
  const wanted = `.${specifier.slice(target.name.length)}`;
  const doors = Object.keys(target.manifest.exports ?? {});
  const open = doors.some((door) => {
    const [before = '', after] = door.split('*');
    return after === undefined
      ? door === wanted
      : wanted.startsWith(before) && wanted.endsWith(after);
  });
  if (open) return undefined;
  const names = doors
    .filter((door) => door !== './package.json')
    .map((door) => `'${target.name}${door.slice(1)}'`);
  return `'${specifier}' is not an entry point of ${target.name}: import ${names.join(' or ')}, or export it there.`;
}

/** @param {Package} home @returns {readonly string[]} */
function allowed(home) {
  return MAY_IMPORT[home.folder] ?? [];
}

/** @param {Package} home */
function rowOf(home) {
  const row = allowed(home);
  return row.length === 0
    ? 'it may import no other package here'
    : `it may import ${row.join(', ')} only`;
}

/** @param {string} specifier @returns {string} `@wireline/service` of `@wireline/service/client` */
function packageName(specifier) {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

runAsCommand(import.meta.url, 'The layers hold.', checkLayers);
