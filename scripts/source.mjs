/**
 * What a source file says: its syntax tree, its comments, and which modules it asks for.
 *
 * Sources are parsed, never searched with patterns, so that an import in a comment or a string is not an
 * import. The parser is the one that Vitest runs on; it reads TypeScript as well.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'vite';
import { lineAt } from './workspace.mjs';

/**
 * @typedef {object} Import
 * @property {string} specifier
 * @property {number} line
 */

/**
 * @typedef {object} Source
 * @property {string} file
 * @property {string} text
 * @property {import('vite').ESTree.Program} program
 * @property {{ start: number, end: number, value: string, type: string }[]} comments
 * @property {string[]} errors what the parser could not read
 */

/** A syntax tree's node, as far as a walk over all of them needs to know it. @typedef {Record<string, unknown> & { type: string, start: number, end: number }} Node */

/**
 * Parses one TypeScript or JavaScript file. What does not parse is in `errors`, and the tree is what there is.
 *
 * @param {string} root
 * @param {string} file
 * @returns {Source}
 */
export function readSource(root, file) {
  const text = readFileSync(join(root, file), 'utf8');
  const { program, comments, errors } = parseSync(file, text);
  return { file, text, program, comments, errors: errors.map((error) => error.message) };
}

/**
 * Every module that a file asks for: `import` and `export ... from`, with or without `type`, `import()` of a
 * fixed string, `import('x').Type`, `require('x')` and `import.meta.resolve('x')`.
 *
 * @param {Source} source
 * @returns {Import[]}
 */
export function importsOf(source) {
  /** @type {Import[]} */
  const imports = [];
  for (const node of nodesOf(source)) {
    const specifier = fixedString(askedBy(node));
    if (specifier !== undefined) imports.push({ specifier, line: lineAt(source.text, node.start) });
  }
  return imports;
}

/**
 * The part of a node that names a module, if it is a node that asks for one.
 *
 * @param {Node} node
 * @returns {unknown}
 */
function askedBy(node) {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return node['source'];
    case 'TSExternalModuleReference':
      return node['expression'];
    case 'CallExpression':
      return asksForModule(node['callee']) ? nodesIn(node['arguments'])[0] : undefined;
    default:
      return undefined;
  }
}

/** @param {unknown} callee */
function asksForModule(callee) {
  if (!isNode(callee)) return false;
  if (callee.type === 'Identifier') return callee['name'] === 'require';
  if (callee.type !== 'MemberExpression' || !isNode(callee['object'])) return false;
  return callee['object'].type === 'MetaProperty' && memberName(callee) === 'resolve';
}

/**
 * The name after the dot, or the fixed string between the brackets.
 *
 * @param {Node} node a MemberExpression
 * @returns {string | undefined}
 */
export function memberName(node) {
  const property = node['property'];
  if (!isNode(property)) return undefined;
  if (node['computed'] === true) return fixedString(property);
  return typeof property['name'] === 'string' ? property['name'] : undefined;
}

/** @param {unknown} node @returns {string | undefined} */
function fixedString(node) {
  if (!isNode(node)) return undefined;
  if (node.type === 'TSLiteralType') return fixedString(node['literal']);
  if (node.type === 'Literal' && typeof node['value'] === 'string') return node['value'];
  if (node.type !== 'TemplateLiteral' || nodesIn(node['expressions']).length > 0) return undefined;
  const value = nodesIn(node['quasis'])[0]?.['value'];
  if (typeof value !== 'object' || value === null || !('cooked' in value)) return undefined;
  return typeof value.cooked === 'string' ? value.cooked : undefined;
}

/**
 * All nodes of a file's tree, a parent before its children.
 *
 * @param {Source} source
 * @returns {Generator<Node, void>}
 */
export function* nodesOf(source) {
  /** @type {unknown[]} */
  const pending = [source.program];
  while (pending.length > 0) {
    const node = pending.pop();
    if (Array.isArray(node)) {
      pending.push(.../** @type {unknown[]} */ (node).toReversed());
    } else if (isNode(node)) {
      yield node;
      pending.push(...Object.values(node).toReversed());
    }
  }
}

/** @param {unknown} value @returns {value is Node} */
export function isNode(value) {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

/** The nodes of a list in the tree, which may be missing. @param {unknown} list @returns {Node[]} */
export function nodesIn(list) {
  return Array.isArray(list) ? list.filter(isNode) : [];
}
