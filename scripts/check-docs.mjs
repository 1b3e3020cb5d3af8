/**
 * Keeps what is written true: links, code, commands and paths in the Markdown files, comments in the sources.
 *
 * - A relative link leads to a file or folder that exists, its anchor to a heading (or to a line) in it.
 * - A fence whose first line is a comment that holds nothing but a path, `// examples/echo-server.ts`, is that
 *   file, word for word. `// examples/echo-server.ts#accept` is the part between `// #region accept` and
 *   `// #endregion accept`; these marker lines themselves are never shown. `#` in place of `//` does for Python.
 * - `npm run x`, `npm test` and the like, in code, name a script that exists.
 * - A path that begins with `packages/`, in code, exists; so does every path into the repository that
 *   ARCHITECTURE.md or CONTRIBUTING.md mentions. The changelog may speak of what is gone.
 * - Every symbol that a package's entry points export has a doc comment that begins with a summary.
 *
 * `checkDocs` returns the problems; started as a command, this file prints them.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { checkExportedSymbols } from './doc-comments.mjs';
import { readPage } from './markdown.mjs';
import {
  lineAt,
  listFiles,
  readPackages,
  readRootManifest,
  resolveRelative,
  runAsCommand,
} from './workspace.mjs';

/** @typedef {import('./markdown.mjs').Page} Page */
/** @typedef {import('./workspace.mjs').Problem} Problem */

/** What npm itself knows; every other word after `npm` must be a script. */
const NPM_COMMANDS = new Set(
  'audit ci config create dedupe docs exec explain help i init install link login ls outdated pack ping prefix prune publish query rebuild root run-script uninstall update version view whoami'.split(
    ' ',
  ),
);

/** Folders of the repository in which a mentioned path is looked up. */
const FOLDERS = 'packages|scripts|examples|docs|test|interop|protocol|bench';

/**
 * Everything in the tree at `root` that is written and not so.
 *
 * @param {string} root
 * @returns {Problem[]}
 */
export function checkDocs(root) {
  const pages = new Map(
    listFiles(root, '.', (file) => file.endsWith('.md')).map((file) => [
      file,
      readPage(file, readFileSync(join(root, file), 'utf8')),
    ]),
  );
  /** @type {Problem[]} */
  const problems = [];
  for (const page of pages.values()) {
    problems.push(
      ...checkLinks(root, page, pages),
      ...checkFences(root, page),
      ...checkCommands(root, page),
      ...checkPaths(root, page),
    );
  }
  problems.push(...checkExportedSymbols(root));
  return problems;
}

// ------------------------------------------------------------------------------------------- links

/**
 * @param {string} root
 * @param {Page} page
 * @param {Map<string, Page>} pages
 * @returns {Problem[]}
 */
function checkLinks(root, page, pages) {
  const { file, prose } = page;
  /** @type {Problem[]} */
  const problems = [];
  /** @param {number} offset @param {string} message */
  const add = (offset, message) =>
    problems.push({ file, line: lineAt(prose, offset), rule: 'link', message });

  const defined = new Set(
    Array.from(prose.matchAll(/^ {0,3}\[([^\]]+)\]:/gm), ([, label = '']) => label.toLowerCase()),
  );
  for (const { index, 1: text = '', 2: label = '' } of prose.matchAll(
    /\[([^[\]]+)\]\[([^[\]]*)\]/g,
  )) {
    const wanted = (label || text).toLowerCase();
    if (!defined.has(wanted)) {
      add(index, `[${wanted}] is defined nowhere on this page: add "[${wanted}]: address".`);
    }
  }

  const addresses = [
    /\]\(\s*<?([^\s)>]+)>?(?:\s+["'(][^)]*)?\)/g,
    /^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)>?/gm,
    /<(?:a|img|source)\b[^>]*?\s(?:href|src)="([^"]+)"/gi,
  ];
  for (const pattern of addresses) {
    for (const { index, 1: address = '' } of prose.matchAll(pattern)) {
      if (/^(?:[a-z][a-z\d+.-]*:|\/\/)/i.test(address)) continue;
      const reason = brokenLink(root, page, pages, address);
      if (reason !== undefined) add(index, `(${address}): ${reason}`);
    }
  }
  return problems;
}

/**
 * @param {string} root
 * @param {Page} page
 * @param {Map<string, Page>} pages
 * @param {string} address
 * @returns {string | undefined} why the link is broken
 */
function brokenLink(root, page, pages, address) {
  const [path = '', anchor] = decodeURIComponent(address).split('#', 2);
  let target = page.file;
  if (path.startsWith('/')) target = path.slice(1);
  else if (path !== '') target = resolveRelative(page.file, path);
  target = target.replace(/\/$/, '');

  if (target.startsWith('..')) return 'it leads out of the repository.';
  if (!existsSync(join(root, target))) return `there is no ${target}: correct the path.`;
  if (anchor === undefined) return undefined;

  const lines = /^L(\d+)(?:-L(\d+))?$/.exec(anchor);
  if (lines !== null && !target.endsWith('.md')) {
    const last = Number(lines[2] ?? lines[1]);
    const length = readFileSync(join(root, target), 'utf8').split('\n').length;
    return last <= length ? undefined : `${target} has ${length} lines only.`;
  }
  const other = pages.get(target);
  if (other === undefined) return `${target} has no anchors: it is not a Markdown file.`;
  if (other.anchors.has(anchor)) return undefined;
  const nearest = [...other.anchors].filter(
    (each) => each.includes(anchor) || anchor.includes(each),
  );
  const hint =
    nearest.length > 0 ? ` Did you mean ${nearest.map((each) => `#${each}`).join(', ')}?` : '';
  return `${target} has no heading #${anchor}.${hint}`;
}

// ------------------------------------------------------------------------------------------ fences

/**
 * @param {string} root
 * @param {Page} page
 * @returns {Problem[]}
 */
function checkFences(root, page) {
  /** @type {Problem[]} */
  const problems = [];
  for (const fence of page.fences) {
    const [first = '', ...rest] = fence.text.split('\n');
    const named = /^(?:\/\/|#) ([\w.@-]+(?:\/[\w.@-]+)+\.\w+)(?:#([\w-]+))?$/.exec(first.trim());
    if (named === null) continue;
    const [, name = '', part] = named;
    /** @param {number} line @param {string} message */
    const add = (line, message) => problems.push({ file: page.file, line, rule: 'code', message });

    if (!existsSync(join(root, name))) {
      add(fence.line + 1, `there is no ${name}: correct the path, or write the file.`);
      continue;
    }
    const shown = shownPart(readFileSync(join(root, name), 'utf8'), part);
    if (shown === undefined) {
      add(
        fence.line + 1,
        `${name} has no "#region ${String(part)}" with an "#endregion ${String(part)}" after it.`,
      );
      continue;
    }
    const written = trimLines(rest);
    const at = shown.findIndex((line, index) => line !== written[index]);
    const different = at === -1 && written.length > shown.length ? shown.length : at;
    if (different === -1) continue;
    const skipped = rest.findIndex((line) => line.trim() !== '');
    add(
      fence.line + 2 + Math.max(0, skipped) + different,
      `the code is not what ${name}${part === undefined ? '' : `#${part}`} says: here "${written[different] ?? '(end)'}", there "${shown[different] ?? '(end)'}". Copy the file here, or change it.`,
    );
  }
  return problems;
}

/**
 * The lines of a file, or of one part of it, without markers and without the indentation they share.
 *
 * @param {string} text
 * @param {string | undefined} part
 * @returns {string[] | undefined} nothing when the file has no such part
 */
function shownPart(text, part) {
  const marker = /^\s*(?:\/\/|#)\s*#?(region|endregion)\b\s*([\w-]*)/;
  /** @type {string[]} */
  const shown = [];
  let inside = part === undefined;
  let closed = part === undefined;
  for (const line of text.split('\n')) {
    const [isMarker, kind, name] = marker.exec(line) ?? [];
    if (isMarker === undefined) {
      if (inside) shown.push(line);
    } else if (part !== undefined && name === part) {
      inside = kind === 'region';
      closed ||= kind === 'endregion' && shown.length > 0;
    }
  }
  if (!closed) return undefined;
  const indents = shown
    .filter((line) => line.trim() !== '')
    .map((line) => line.length - line.trimStart().length);
  const shared = Math.min(...indents, Infinity);
  return trimLines(shown.map((line) => line.slice(Math.min(shared, line.length))));
}

/** @param {string[]} lines @returns {string[]} without empty lines at both ends */
function trimLines(lines) {
  const isText = (/** @type {string} */ line) => line.trim() !== '';
  return lines.slice(Math.max(0, lines.findIndex(isText)), lines.findLastIndex(isText) + 1);
}

// ---------------------------------------------------------------------------------------- commands

/**
 * @param {string} root
 * @param {Page} page
 * @returns {Problem[]}
 */
function checkCommands(root, page) {
  const scripts = new Set(Object.keys(readRootManifest(root).scripts ?? {}));
  const packages = readPackages(root);
  /** @type {Problem[]} */
  const problems = [];
  for (const { text, line } of [...page.fences, ...page.spans]) {
    for (const { index, 1: words = '' } of text.matchAll(/(?<![\w./-])npm((?: +[^\s;&|)]+)+)/g)) {
      const all = words.trim().split(/ +/);
      const workspace = workspaceOption(all);
      const [command = '', script = ''] = all.filter(
        (word) => !word.startsWith('-') && word !== workspace,
      );
      const isRun = command === 'run' || command === 'run-script';
      const wanted = isRun ? script : command;
      if (!/^[a-z][\w:-]*$/.test(wanted) || (!isRun && NPM_COMMANDS.has(command))) continue;

      const home = packages.find(
        ({ name, directory }) => name === workspace || directory === workspace,
      );
      const known =
        home === undefined ? scripts : new Set(Object.keys(home.manifest.scripts ?? {}));
      if (known.has(wanted)) continue;
      problems.push({
        file: page.file,
        line: lineInSnippet(page, line, text, index),
        rule: 'command',
        message: `"npm ${isRun ? 'run ' : ''}${wanted}": ${home?.directory ?? '.'}/package.json has no script "${wanted}". It has ${[...known].join(', ')}.`,
      });
    }
  }
  return problems;
}

/**
 * @param {string[]} words
 * @returns {string | undefined} the workspace that `-w` or `--workspace` names
 */
function workspaceOption(words) {
  const at = words.findIndex((word) => word === '-w' || word === '--workspace');
  if (at !== -1) return words[at + 1];
  return words.find((word) => word.startsWith('--workspace='))?.slice('--workspace='.length);
}

/**
 * The line on the page of `index` in a snippet. A fence's text begins one line below the fence itself.
 *
 * @param {Page} page
 * @param {number} line
 * @param {string} text
 * @param {number} index
 */
function lineInSnippet(page, line, text, index) {
  const isFence = page.fences.some((fence) => fence.line === line);
  return line + (isFence ? 1 : 0) + lineAt(text, index) - 1;
}

// ------------------------------------------------------------------------------------------- paths

/**
 * @param {string} root
 * @param {Page} page
 * @returns {Problem[]}
 */
function checkPaths(root, page) {
  const name = basename(page.file);
  if (name === 'CHANGELOG.md') return [];
  const isMap = name === 'ARCHITECTURE.md' || name === 'CONTRIBUTING.md';
  const folders = isMap ? FOLDERS : 'packages';
  const path = new RegExp(`(?<![\\w./@-])(?:${folders})/[\\w./@{},*<>-]*`, 'g');
  const snippets = [...page.fences, ...page.spans];
  if (isMap) snippets.push({ line: 1, text: page.prose });

  /** @type {Problem[]} */
  const problems = [];
  for (const { text, line } of snippets) {
    for (const { index, 0: mentioned } of text.matchAll(path)) {
      for (const candidate of expandBraces(mentioned.replace(/[.,]+$/, ''))) {
        // `packages/*/src` and `packages/<name>` stand for many: only what comes before is looked up.
        const [fixed = ''] = candidate.split(/[^/]*[*<>]/);
        if (fixed.includes('/dist/') || fixed.endsWith('/dist')) continue;
        if (existsSync(join(root, fixed))) continue;
        problems.push({
          file: page.file,
          line: text === page.prose ? lineAt(text, index) : lineInSnippet(page, line, text, index),
          rule: 'path',
          message: `there is no ${candidate}: correct the path, or remove the mention.`,
        });
      }
    }
  }
  return problems;
}

/**
 * `a/{b,c}.ts` is `a/b.ts` and `a/c.ts`.
 *
 * @param {string} path
 * @returns {string[]}
 */
function expandBraces(path) {
  const braces = /^(.*?)\{([^{}]*)\}(.*)$/.exec(path);
  if (braces === null) return [path];
  const [, before = '', choices = '', after = ''] = braces;
  return choices.split(',').flatMap((choice) => expandBraces(`${before}${choice}${after}`));
}

runAsCommand(import.meta.url, 'The documents and the doc comments are true.', checkDocs);
