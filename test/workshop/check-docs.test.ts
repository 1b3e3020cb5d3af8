/**
 * Every rule of scripts/check-docs.mjs, broken once in a tree that keeps all the others.
 */
import { expect, test } from 'vitest';
import { loadCheck, plant, told, type Tree } from './tree.ts';

const checkDocs = await loadCheck('check-docs.mjs', 'checkDocs');

const SOUND: Tree = {
  'package.json': {
    workspaces: ['packages/framing'],
    scripts: { test: 'vitest run', check: 'node scripts/check.mjs' },
  },
  'README.md': page(
    '# Sound & *whole*: a `page`',
    '',
    'See [the guide](docs/guide.md#two-ways), [above](#sound--whole-a-page), [docs](docs/), [line][line].',
    '[far](https://example.org/nowhere#at-all) and `[not](a-link.md)`.',
    '',
    '[line]: packages/framing/src/index.ts#L2',
    '',
    'Run `npm run check`, `npm test`, `npm ci` or `npm run peer -w packages/framing`; npm users know.',
    '',
    '```ts',
    '// examples/echo.ts#accept',
    'const peer = accept();',
    '',
    'if (peer) serve(peer);',
    '```',
  ),
  'docs/guide.md': page(
    '## Two ways',
    '',
    '- In a list:',
    '',
    '  ```ts',
    '  // examples/echo.ts',
    '  function main() {',
    '    const peer = accept();',
    '',
    '    if (peer) serve(peer);',
    '  }',
    '  ```',
    '',
    '```ts',
    '// no file, only a comment',
    'anything();',
    '```',
  ),
  'docs/ARCHITECTURE.md':
    'Look at packages/framing/src/{index,parts}.ts, packages/*/src and `test/`.\n',
  'CHANGELOG.md': 'Removed `packages/gone/src/old.ts`.\n',
  'examples/echo.ts': page(
    'function main() {',
    '  // #region accept',
    '  const peer = accept();',
    '',
    '  if (peer) serve(peer);',
    '  // #endregion accept',
    '}',
  ),
  'test/one.test.ts': '',
  'node_modules/other/README.md': '[broken](nowhere.md)\n',
  'packages/framing/package.json': {
    name: '@wireline/framing',
    version: '0.1.0',
    scripts: { peer: 'true' },
    exports: { '.': { 'wireline-source': './src/index.ts' } },
  },
  'packages/framing/src/index.ts': page(
    `export { one, two as second, type Three } from './parts.ts';`,
    `export * from './more.ts';`,
    `export type { Outside } from 'another-package';`,
  ),
  'packages/framing/src/parts.ts': page(
    '/** The head of the file. */',
    '',
    '/** The first. */',
    'export const one = 1;',
    '/** The second, with an overload. */',
    '// Why it is so: a comment for whoever reads on.',
    'export function two(): void;',
    'export function two(value?: number): void {}',
    'interface Three {}',
    '/** A namesake documents the interface. */',
    'export interface Three {}',
    'export const unreachable = 1;',
  ),
  'packages/framing/src/more.ts': page('/** More. */', 'export class More {}'),
};

test('a tree that keeps the rules has no problems', () => {
  expect(check({})).toEqual([]);
});

interface Breach {
  readonly breach: string;
  readonly tree: Tree;
  readonly reports: readonly (readonly [place: string, ...parts: string[]])[];
}

const BREACHES: readonly Breach[] = [
  {
    breach: 'links that lead nowhere, however they are written',
    tree: {
      'docs/links.md': page(
        '[a](gone.md) ![b](../gone.png "title")',
        '',
        '[c][label]',
        '',
        '[label]: ./gone/',
        '<a href="/gone.html">d</a>',
        '[e](../../outside.md)',
        '[f][undefined]',
      ),
    },
    reports: [
      ['docs/links.md:8 link:', '[undefined] is defined nowhere'],
      ['docs/links.md:1 link:', '(gone.md)', 'there is no docs/gone.md'],
      ['docs/links.md:1 link:', 'there is no gone.png'],
      ['docs/links.md:7 link:', 'leads out of the repository'],
      ['docs/links.md:5 link:', 'there is no docs/gone'],
      ['docs/links.md:6 link:', 'there is no gone.html'],
    ],
  },
  {
    breach: 'anchors that no heading has',
    tree: {
      'docs/links.md': page(
        '# Here',
        '[a](#there)',
        '[b](guide.md#two)',
        '[c](../packages/framing/src/index.ts#L90)',
        '```sh',
        '# there',
        '```',
      ),
    },
    reports: [
      ['docs/links.md:2 link:', 'docs/links.md has no heading #there'],
      ['docs/links.md:3 link:', 'docs/guide.md has no heading #two', 'Did you mean #two-ways?'],
      ['docs/links.md:4 link:', 'has 4 lines only'],
    ],
  },
  {
    breach: 'code that is not what its file says',
    tree: {
      'docs/code.md': page(
        '```ts',
        '// examples/echo.ts#accept',
        'const peer = accept();',
        '',
        'serve(peer);',
        '```',
      ),
    },
    reports: [
      ['docs/code.md:5 code:', 'examples/echo.ts#accept', 'serve(peer);', 'if (peer) serve(peer);'],
    ],
  },
  {
    breach: 'code that stops too early',
    tree: {
      'docs/code.md': page('```ts', '// examples/echo.ts#accept', 'const peer = accept();', '```'),
    },
    reports: [['docs/code.md:4 code:', 'here "(end)"']],
  },
  {
    breach: 'code that goes on too long',
    tree: {
      'docs/code.md': page(
        '```ts',
        '// examples/echo.ts#accept',
        'const peer = accept();',
        '',
        'if (peer) serve(peer);',
        'more();',
        '```',
      ),
    },
    reports: [['docs/code.md:6 code:', 'here "more();", there "(end)"']],
  },
  {
    breach: 'code of a file that is missing',
    tree: { 'docs/code.md': page('```ts', '// examples/gone.ts', 'x();', '```') },
    reports: [['docs/code.md:2 code:', 'there is no examples/gone.ts']],
  },
  {
    breach: 'code of a part that is missing',
    tree: { 'docs/code.md': page('```ts', '// examples/echo.ts#gone', 'x();', '```') },
    reports: [['docs/code.md:2 code:', 'no "#region gone"']],
  },
  {
    breach: 'scripts that do not exist',
    tree: {
      'docs/run.md': page(
        'First `npm run tests`, then:',
        '```sh',
        'npm ci && npm start',
        'npm --silent run peer',
        'npm run check -w packages/framing',
        '```',
      ),
    },
    reports: [
      ['docs/run.md:3 command:', '"npm start"', 'It has test, check'],
      ['docs/run.md:4 command:', '"npm run peer"'],
      ['docs/run.md:5 command:', 'packages/framing/package.json has no script "check"'],
      ['docs/run.md:1 command:', '"npm run tests"'],
    ],
  },
  {
    breach: 'paths that the map mentions and that do not exist',
    tree: {
      'docs/ARCHITECTURE.md': page(
        'One is packages/framing/src/gone.ts.',
        'Two are `test/{one,two}.test.ts`.',
        '```',
        'scripts/gone.mjs',
        '```',
      ),
    },
    reports: [
      ['docs/ARCHITECTURE.md:4 path:', 'there is no scripts/gone.mjs'],
      ['docs/ARCHITECTURE.md:2 path:', 'there is no test/two.test.ts'],
      ['docs/ARCHITECTURE.md:1 path:', 'there is no packages/framing/src/gone.ts'],
    ],
  },
  {
    breach: 'a package path on any page',
    tree: { 'docs/guide.md': '## Two ways\n`packages/framing/src/gone.ts` and `test/yours.ts`\n' },
    reports: [['docs/guide.md:2 path:', 'packages/framing/src/gone.ts']],
  },
  {
    breach: 'exported symbols without a doc comment, through every kind of re-export',
    tree: {
      'packages/framing/src/index.ts': page(
        `import { direct } from './parts.ts';`,
        `export { direct };`,
        `export { second as renamed } from './parts.ts';`,
        `export * from './more.ts';`,
        `export * as group from './group.ts';`,
        `export const own = 1;`,
      ),
      'packages/framing/src/parts.ts': page(
        '/** The head of the file is nobody else’s comment. */',
        '',
        'export const direct = 1;',
        '/** Below it there is a blank line. */',
        '',
        'export function second() {}',
        'export const unreachable = 1;',
      ),
      'packages/framing/src/more.ts': page(
        '/** */',
        'export class Empty {}',
        '/** @internal */',
        'export interface OnlyTags {}',
        '// An ordinary comment.',
        'export type Ordinary = 1;',
        '/** Told. */',
        'export enum Told {}',
      ),
      'packages/framing/src/group.ts': 'export const member = 1;\n',
    },
    reports: [
      [
        'packages/framing/src/parts.ts:3 doc-comment:',
        'direct is exported by packages/framing/src/index.ts',
      ],
      ['packages/framing/src/parts.ts:6 doc-comment:', 'second'],
      ['packages/framing/src/group.ts:1 doc-comment:', 'member'],
      ['packages/framing/src/index.ts:6 doc-comment:', 'own'],
      ['packages/framing/src/more.ts:2 doc-comment:', 'Empty'],
      ['packages/framing/src/more.ts:4 doc-comment:', 'OnlyTags'],
      ['packages/framing/src/more.ts:6 doc-comment:', 'Ordinary'],
    ],
  },
];

test.each(BREACHES)('reports $breach', ({ tree, reports }) => {
  const found = check(tree);
  expect(found, found.join('\n')).toHaveLength(reports.length);
  for (const [index, parts] of reports.entries()) {
    for (const part of parts) expect(found[index]).toContain(part);
  }
});

function check(changes: Tree): string[] {
  return checkDocs(plant({ ...SOUND, ...changes })).map(told);
}

function page(...lines: string[]): string {
  return `${lines.join('\n')}\n`;
}
