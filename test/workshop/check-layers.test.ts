/**
 * Every rule of scripts/check-layers.mjs, broken once in a tree that keeps all the others.
 */
import { expect, test } from 'vitest';
import { loadCheck, plant, told, type Tree } from './tree.ts';

const checkLayers = await loadCheck('check-layers.mjs', 'checkLayers');

/** Three packages that keep every rule: framing, message above it, socket beside them. */
const SOUND: Tree = {
  'package.json': {
    workspaces: ['packages/framing', 'packages/message', 'packages/socket'],
    devDependencies: { vitest: '^4.0.0' },
  },
  'tsconfig.test.json': references('./packages/framing', './packages/message', './packages/socket'),
  'packages/framing/package.json': manifest('framing'),
  'packages/framing/tsconfig.json': references(),
  'packages/framing/src/index.ts': `export { next } from './next.ts';\n`,
  'packages/framing/src/next.ts': `export const next = 1;\n`,
  'packages/framing/src/next.test.ts': [
    `import 'node:fs';`,
    `import { test } from 'vitest';`,
    `import { next } from '@wireline/framing';`,
    `test('next', () => next);`,
  ].join('\n'),
  'packages/message/package.json': manifest('message', { '@wireline/framing': '0.1.0' }),
  'packages/message/tsconfig.json': references('../framing'),
  'packages/message/src/index.ts': [
    `// import { no } from 'a-comment';`,
    `/* import { no } from 'another'; */`,
    'export const text = `import x from "a-template"`;',
    `export const quoted = "import y from 'a-string'";`,
    `export { next } from '@wireline/framing';`,
  ].join('\n'),
  'packages/socket/package.json': manifest('socket', { koffi: '^3.0.0' }),
  'packages/socket/tsconfig.json': references(),
  'packages/socket/src/index.ts': `export * from './libc/library.ts';\n`,
  'packages/socket/src/libc/library.ts': `import 'node:fs';\nexport { load } from 'koffi';\n`,
};

test('a tree that keeps the rules has no problems', () => {
  expect(check({})).toEqual([]);
});

interface Breach {
  readonly breach: string;
  readonly tree: Tree;
  /** Each expected report: its place and rule, and a part of its message. */
  readonly reports: readonly (readonly [place: string, ...parts: string[]])[];
}

const BREACHES: readonly Breach[] = [
  {
    breach: 'an import upwards',
    tree: {
      'packages/framing/src/next.ts': `\nexport { text as next } from '@wireline/message';\n`,
      'packages/framing/package.json': manifest('framing', { '@wireline/message': '0.1.0' }),
      'packages/framing/tsconfig.json': references('../message'),
    },
    reports: [
      [
        'packages/framing/src/next.ts:2 layer:',
        "'@wireline/message'",
        'it may import no other package',
      ],
    ],
  },
  {
    breach: 'an import of a neighbour that stands beside',
    tree: {
      'packages/message/src/index.ts': `export * from '@wireline/framing';\nexport * from '@wireline/socket';\n`,
      'packages/message/package.json': manifest('message', {
        '@wireline/framing': '0.1.0',
        '@wireline/socket': '0.1.0',
      }),
      'packages/message/tsconfig.json': references('../framing', '../socket'),
    },
    reports: [['packages/message/src/index.ts:2 layer:', 'it may import framing only']],
  },
  {
    breach: 'an import upwards in a test',
    tree: { 'packages/framing/src/next.test.ts': `import '@wireline/message';\n` },
    reports: [['packages/framing/src/next.test.ts:1 layer:']],
  },
  {
    breach: 'a workspace package that is not declared',
    tree: {
      'packages/message/package.json': manifest('message'),
      'packages/message/tsconfig.json': references(),
    },
    reports: [
      [
        'packages/message/src/index.ts:5 undeclared:',
        'add "@wireline/framing"',
        'packages/message/package.json',
      ],
    ],
  },
  ...[
    `import { x } from 'stranger';`,
    `import type { X } from 'stranger';`,
    `import 'stranger';`,
    `export * from 'stranger/deep';`,
    `export const x = import('stranger');`,
    'export const x = import(`stranger`);',
    `export const x = require('stranger');`,
    `export const x = import.meta.resolve('stranger');`,
    `export type X = import('stranger').X;`,
    `import x = require('stranger');`,
  ].map((line) => ({
    breach: `a package that is not declared, as in ${line}`,
    tree: { 'packages/framing/src/next.ts': `export const next = 1;\n${line}\n` },
    reports: [['packages/framing/src/next.ts:2 undeclared:', 'add "stranger"']] as const,
  })),
  {
    breach: 'a declared package that nobody imports',
    tree: {
      'packages/socket/package.json': manifest('socket', { koffi: '^3.0.0', idle: '^1.0.0' }),
    },
    reports: [['packages/socket/package.json:18 unused:', 'idle', 'by no file: remove it']],
  },
  {
    breach: 'a dependency that only tests import',
    tree: { 'packages/framing/package.json': manifest('framing', { vitest: '^4.0.0' }) },
    reports: [['packages/framing/package.json:17 unused:', 'only by tests']],
  },
  {
    breach: 'a module of Node in a package without I/O',
    tree: {
      'packages/message/src/extra.ts': `import type { Socket } from 'node:net';\nexport type S = Socket;\n`,
    },
    reports: [['packages/message/src/extra.ts:1 no-io:', "'node:net'"]],
  },
  {
    breach: 'the part of framing that is for Node in the rest of it',
    tree: {
      'packages/framing/src/extra.ts': `import './node/stream.ts';\n`,
      'packages/framing/src/node/stream.ts': `import 'node:stream';\nimport '../framing.ts';\n`,
      'packages/framing/src/framing.ts': '',
    },
    reports: [['packages/framing/src/extra.ts:1 no-io:', "'./node/stream.ts'"]],
  },
  {
    breach: 'a module of Node in the part of socket without I/O',
    tree: { 'packages/socket/src/struct/extra.ts': `import 'node:os';\n` },
    reports: [['packages/socket/src/struct/extra.ts:1 no-io:', "'node:os'"]],
  },
  {
    breach: 'the rest of socket in its part without I/O',
    tree: {
      'packages/socket/src/struct/extra.ts': `import '../check-bytes.ts';\nimport '../socket.ts';\n`,
      'packages/socket/src/check-bytes.ts': '',
      'packages/socket/src/socket.ts': '',
    },
    reports: [['packages/socket/src/struct/extra.ts:2 no-io:', "'../socket.ts'"]],
  },
  {
    breach: 'a module of Node without its prefix',
    tree: { 'packages/socket/src/extra.ts': `import 'fs/promises';\n` },
    reports: [['packages/socket/src/extra.ts:1 node-prefix:', "write 'node:fs/promises'"]],
  },
  {
    breach: 'the foreign-function library outside its folder',
    tree: { 'packages/socket/src/options.ts': `import 'koffi';\n` },
    reports: [['packages/socket/src/options.ts:1 only-libc:', 'packages/socket/src/libc/']],
  },
  {
    breach: 'an asynchronous foreign call',
    tree: { 'packages/socket/src/libc/send.ts': `declare const send: any;\n\nsend.async(1);\n` },
    reports: [['packages/socket/src/libc/send.ts:3 no-ffi-async:', 'does not hold its buffers']],
  },
  {
    breach: 'an asynchronous foreign call in brackets',
    tree: { 'packages/socket/src/send.ts': `declare const send: any;\nsend['async'];\n` },
    reports: [['packages/socket/src/send.ts:2 no-ffi-async:']],
  },
  {
    breach: 'an import past the entry points',
    tree: {
      'packages/message/src/index.ts': `export * from '@wireline/framing/src/next.ts';\n`,
    },
    reports: [
      [
        'packages/message/src/index.ts:1 entry-point:',
        "'@wireline/framing/src/next.ts'",
        "import '@wireline/framing', or export it there",
      ],
    ],
  },
  {
    breach: 'a relative path into another package',
    tree: {
      'packages/message/src/extra.ts': `\n\nexport * from '../../framing/src/next.ts';\n`,
    },
    reports: [['packages/message/src/extra.ts:3 leaves-package:', 'by its name']],
  },
  {
    breach: 'an example that reaches into a package',
    tree: {
      'examples/one.ts': `import '../packages/framing/src/next.ts';\nimport '@wireline/framing/next';\n`,
    },
    reports: [['examples/one.ts:1 leaves-package:'], ['examples/one.ts:2 entry-point:']],
  },
  {
    breach: 'a workspace dependency of another version',
    tree: {
      'packages/message/package.json': manifest('message', { '@wireline/framing': '^0.2.0' }),
    },
    reports: [['packages/message/package.json:17 version:', 'declared as ^0.2.0: write 0.1.0']],
  },
  {
    breach: 'a project reference that is missing',
    tree: { 'packages/message/tsconfig.json': references() },
    reports: [['packages/message/tsconfig.json:2 references:', 'lacks packages/framing']],
  },
  {
    breach: 'a project reference too many',
    tree: { 'packages/socket/tsconfig.json': references('../framing') },
    reports: [['packages/socket/tsconfig.json:3 references:', 'names packages/framing']],
  },
  {
    breach: 'a package whose tests are not compiled',
    tree: { 'tsconfig.test.json': references('./packages/framing', './packages/message') },
    reports: [['tsconfig.test.json:2 references:', 'lacks packages/socket']],
  },
  {
    breach: 'files that import each other',
    tree: {
      'packages/socket/src/a.ts': `export * from './b.ts';\n`,
      'packages/socket/src/b.ts': `\nimport type { C } from './c.ts';\nexport type B = C;\n`,
      'packages/socket/src/c.ts': `export * from './a.ts';\n`,
    },
    reports: [
      ['packages/socket/src/c.ts:1 circle:', 'src/a.ts -> src/b.ts -> src/c.ts -> src/a.ts'],
    ],
  },
  {
    breach: 'a circle once, however many files lead to it',
    tree: {
      'packages/socket/src/a.ts': `export * from './b.ts';\n`,
      'packages/socket/src/b.ts': `export * from './c.ts';\n`,
      'packages/socket/src/c.ts': `export * from './b.ts';\n`,
      'packages/socket/src/d.ts': `export * from './b.ts';\n`,
    },
    reports: [['packages/socket/src/c.ts:1 circle:', ': src/b.ts -> src/c.ts -> src/b.ts.']],
  },
  {
    breach: 'an entry point without a source',
    tree: { 'packages/framing/src/index.ts': undefined },
    reports: [['packages/framing/package.json:5 exports:', './src/index.ts, which does not exist']],
  },
  {
    breach: 'an entry point whose types are built elsewhere',
    tree: {
      'packages/framing/package.json': {
        name: '@wireline/framing',
        version: '0.1.0',
        exports: { '.': { 'wireline-source': './src/index.ts', types: './dist/other.d.ts' } },
      },
    },
    reports: [['packages/framing/package.json:5 exports:', 'is built to ./dist/index.d.ts']],
  },
  {
    breach: 'a package without a layer',
    tree: {
      'package.json': {
        workspaces: ['packages/framing', 'packages/message', 'packages/socket', 'packages/attic'],
        devDependencies: { vitest: '^4.0.0' },
      },
      'packages/attic/package.json': manifest('attic'),
      'tsconfig.test.json': references(
        './packages/framing',
        './packages/message',
        './packages/socket',
        './packages/attic',
      ),
    },
    reports: [['packages/attic/package.json:2 layer:', 'MAY_IMPORT']],
  },
  {
    breach: 'a package that is not a workspace',
    tree: { 'packages/attic/package.json': manifest('attic') },
    reports: [['packages/attic/package.json:1 workspaces:', 'add it to "workspaces"']],
  },
  {
    breach: 'a file that does not parse',
    tree: { 'packages/socket/src/extra.ts': `export const = 1;\n` },
    reports: [['packages/socket/src/extra.ts:1 syntax:']],
  },
];

test.each(BREACHES)('reports $breach', ({ tree, reports }) => {
  const found = check(tree);
  expect(found).toHaveLength(reports.length);
  for (const [index, parts] of reports.entries()) {
    for (const part of parts) expect(found[index]).toContain(part);
  }
});

test('a file may import one that two others import: that is no circle', () => {
  const tree = {
    'packages/socket/src/a.ts': `export * from './b.ts';\nexport * from './c.ts';\n`,
    'packages/socket/src/b.ts': `export * from './c.ts';\n`,
    'packages/socket/src/c.ts': `export const c = 1;\n`,
  };
  expect(check(tree)).toEqual([]);
});

function check(changes: Tree): string[] {
  return checkLayers(plant({ ...SOUND, ...changes })).map(told);
}

function manifest(folder: string, dependencies: Readonly<Record<string, string>> = {}): object {
  const entry = {
    'wireline-source': './src/index.ts',
    types: './dist/index.d.ts',
    default: './dist/index.js',
  };
  return {
    name: `@wireline/${folder}`,
    version: '0.1.0',
    exports: { '.': entry, './package.json': './package.json' },
    files: ['dist', 'src'],
    dependencies,
  };
}

function references(...paths: string[]): object {
  return { references: paths.map((path) => ({ path })) };
}
