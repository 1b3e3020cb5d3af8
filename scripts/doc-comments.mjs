/**
 * Finds what a package's entry points export, through all their re-exports, and whether it has a doc comment.
 *
 * Read from the sources rather than from the built declarations: what is exported under which name is the same
 * in both, no build is needed, and the lines are those that an author sees.
 */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isNode, nodesIn, readSource } from './source.mjs';
import { lineAt, readPackages, resolveRelative } from './workspace.mjs';

/** @typedef {import('./source.mjs').Node} Node */
/** @typedef {import('./source.mjs').Source} Source */
/** @typedef {import('./workspace.mjs').Problem} Problem */

/**
 * The symbols that the packages' entry points export and that say nothing about themselves.
 *
 * @param {string} root
 * @returns {Problem[]}
 */
export function checkExportedSymbols(root) {
  /** @type {Map<string, Problem>} */
  const problems = new Map();
  for (const { directory, manifest } of readPackages(root)) {
    for (const conditions of Object.values(manifest.exports ?? {})) {
      if (
        typeof conditions !== 'object' ||
        conditions === null ||
        !('wireline-source' in conditions)
      )
        continue;
      const entry = join(directory, String(conditions['wireline-source']));
      if (!existsSync(join(root, entry))) continue; // check-layers reports that
      for (const { file, line, name } of undocumented(root, entry)) {
        // A symbol behind two entry points is one symbol.
        problems.set(`${file}:${name}`, {
          file,
          line,
          rule: 'doc-comment',
          message: `${name} is exported by ${entry} and has no doc comment: write /** what it is, its units, what it throws */ above it.`,
        });
      }
    }
  }
  return [...problems.values()];
}

/**
 * The exported symbols of a module, through all its re-exports, that say nothing about themselves. Types of
 * declarations do not matter here, so the sources do: no build is needed, and lines are where authors write.
 *
 * @param {string} root
 * @param {string} entry
 * @returns {{ file: string, line: number, name: string }[]}
 */
function undocumented(root, entry) {
  /** @type {Map<string, Module>} */
  const modules = new Map();
  /** @type {{ file: string, line: number, name: string }[]} */
  const found = [];
  /** @type {Set<string>} */
  const seen = new Set();

  /** @param {string} file @returns {Module | undefined} */
  function load(file) {
    if (!existsSync(join(root, file)) || !statSync(join(root, file)).isFile()) return undefined;
    const module = modules.get(file) ?? readModule(readSource(root, file));
    modules.set(file, module);
    return module;
  }

  /** @param {string} file @param {string} name `*` for all that it exports */
  function visit(file, name) {
    if (seen.has(`${file}:${name}`)) return;
    seen.add(`${file}:${name}`);
    const module = load(file);
    if (module === undefined) return;
    if (name === '*') {
      for (const each of module.exported.keys()) visit(file, each);
      for (const each of module.everythingFrom) visit(each, '*');
      return;
    }
    const target = module.exported.get(name);
    if (target === undefined) {
      for (const each of module.everythingFrom) visit(each, name);
      return;
    }
    if (target.file !== file) {
      visit(target.file, target.name);
      return;
    }
    const declaration = module.declared.get(target.name);
    if (declaration !== undefined && !declaration.documented)
      found.push({ file, line: declaration.line, name: target.name });
  }

  visit(entry, '*');
  return found;
}

/**
 * What a module declares, and under which names it exports what, of itself or of another file. What comes from
 * another package is left out: it is documented there.
 *
 * @typedef {object} Module
 * @property {Map<string, { documented: boolean, line: number }>} declared
 * @property {Map<string, { file: string, name: string }>} exported
 * @property {string[]} everythingFrom files of `export *`
 */

/**
 * @param {Source} source
 * @returns {Module}
 */
function readModule(source) {
  const { file } = source;
  /** @type {Module} */
  const module = { declared: new Map(), exported: new Map(), everythingFrom: [] };
  /** @type {Map<string, { file: string, name: string }>} */
  const imported = new Map();

  /** @param {Node} statement the node that a comment stands above @param {unknown} declaration */
  function declare(statement, declaration) {
    const names = namesOf(declaration);
    for (const name of names) {
      // Overloads and merged declarations are one symbol: one comment is enough.
      const documented =
        module.declared.get(name)?.documented === true || isDocumented(source, statement.start);
      const line = module.declared.get(name)?.line ?? lineAt(source.text, statement.start);
      module.declared.set(name, { documented, line });
    }
    return names;
  }

  for (const statement of nodesIn(source.program.body)) {
    const from = isNode(statement['source']) ? String(statement['source']['value']) : undefined;
    const target = from === undefined ? file : resolveRelative(file, from);
    const specifiers = nodesIn(statement['specifiers']);

    if (statement.type === 'ImportDeclaration') {
      if (from?.startsWith('.') !== true) continue;
      for (const each of specifiers) {
        const name = each.type === 'ImportNamespaceSpecifier' ? '*' : nameOf(each['imported']);
        imported.set(nameOf(each['local']), { file: target, name });
      }
    } else if (statement.type === 'ExportAllDeclaration') {
      if (from?.startsWith('.') !== true) continue;
      const alias = nameOf(statement['exported']);
      if (alias === '') module.everythingFrom.push(target);
      else module.exported.set(alias, { file: target, name: '*' });
    } else if (statement.type === 'ExportNamedDeclaration') {
      for (const name of declare(statement, statement['declaration']))
        module.exported.set(name, { file, name });
      if (from !== undefined && !from.startsWith('.')) continue;
      for (const each of specifiers) {
        module.exported.set(nameOf(each['exported']), {
          file: target,
          name: nameOf(each['local']),
        });
      }
    } else {
      declare(statement, statement);
    }
  }
  for (const [name, target] of module.exported) {
    const origin = target.file === file ? imported.get(target.name) : undefined;
    if (origin !== undefined) module.exported.set(name, origin);
  }
  return module;
}

/** @param {unknown} declaration @returns {string[]} */
function namesOf(declaration) {
  if (!isNode(declaration)) return [];
  if (declaration.type === 'VariableDeclaration') {
    const names = nodesIn(declaration['declarations']).map((each) => nameOf(each['id']));
    return names.filter((name) => name !== '');
  }
  const name = nameOf(declaration['id']);
  return name === '' ? [] : [name];
}

/** @param {unknown} node an identifier, or a string that serves as one @returns {string} */
function nameOf(node) {
  if (!isNode(node)) return '';
  const name = node['name'] ?? node['value'];
  return typeof name === 'string' ? name : '';
}

/**
 * Whether a doc comment that begins with a summary stands right above `start`: a blank line between the two
 * makes it the comment of something else, such as the file. Line comments in between are for whoever reads on.
 *
 * @param {Source} source
 * @param {number} start
 */
function isDocumented({ comments, text }, start) {
  const above = comments.findLast(({ type, end }) => type === 'Block' && end <= start);
  if (above === undefined || !above.value.startsWith('*')) return false;
  if (!/^[^\S\n]*\n?(?:[^\S\n]*\/\/.*\n)*[^\S\n]*$/.test(text.slice(above.end, start)))
    return false;
  const summary = above.value.replaceAll(/^[\s*]+/gm, '').trim();
  return summary !== '' && !summary.startsWith('@');
}
