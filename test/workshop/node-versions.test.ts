/**
 * scripts/node-versions.mjs in a small repository, where each Node is a shell script that says what it was asked,
 * and npm is one that has such packages.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { plant, plantScripts, type Tree } from './tree.ts';

/** What the suite's tests come to on a Node that all is well with, as Vitest writes it. */
const ALL_WELL = "echo '      Tests  7 passed | 1 skipped (8)'";

/** Platforms that have packages; on others nothing can be fetched. */
const HAS_PACKAGES = ['linux-x64', 'linux-arm64'].includes(`${process.platform}-${process.arch}`);

/** A repository with each folder of the suite, and with `nodes` in its cache: what they do when they run tests. */
function repository(nodes: Readonly<Record<number, string>>, changes: Tree = {}): string {
  const root = plant({
    'package.json': { workspaces: ['packages/socket'] },
    'packages/socket/package.json': { engines: { node: '>=20.19' } },
    'packages/socket/src/a.test.ts': '',
    'test/conformance/a.test.ts': '',
    'test/selectors/a.test.ts': '',
    'packages/framing/src/adapters/a.test.ts': '',
    'packages/framing/src/node/a.test.ts': '',
    'test/framing/a.test.ts': '',
    'test/streams/a.test.ts': '',
    'test/repl/a.test.ts': '',
    'test/hazards/a.test.ts': '',
    'test/examples/a.test.ts': '',
    ...changes,
  });
  plantScripts(root);
  for (const [major, run] of Object.entries(nodes)) {
    plantProgram(root, `.cache/nodes/v${major}/bin/node`, node(`${major}.1.2`, run));
  }
  return root;
}

/** A Node that knows its version, and when it is to run tests, writes down what it was asked and does `run`. */
function node(version: string, run = ALL_WELL): string {
  return `[ "$1" = --version ] && echo v${version} && exit
echo "$WIRELINE_EXPECT_NODE $(command -v node) $*" >> asked
${run}`;
}

/** An npm that writes down what it was asked, and does `run` in the folder that it is to install into. */
function npm(run: string): string {
  return `echo "$*" >> ../../asked
while [ "$1" != --prefix ]; do shift; done
cd "$2" && ${run}`;
}

/** The npm that installs a package with this program in it. */
function npmWith(program: string): string {
  const bin = `node_modules/node-linux-${process.arch}/bin`;
  return npm(`mkdir -p ${bin} && printf '%s' '${program.replaceAll("'", `'\\''`)}' > ${bin}/node
chmod +x ${bin}/node`);
}

function plantProgram(root: string, name: string, text: string): void {
  const path = join(root, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
}

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the script in the repository at `root`, with its npm if it has one. */
async function testVersions(root: string, ...versions: readonly string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [join(root, 'scripts/node-versions.mjs'), ...versions], {
    env: { ...process.env, PATH: `${join(root, 'bin')}${delimiter}${process.env['PATH'] ?? ''}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const [code] = (await once(child, 'close')) as [number | null]; // what the event carries
  return { code, ...output };
}

/** The lines that the programs of the repository wrote down. */
function asked(root: string): string[] {
  const file = join(root, 'asked');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

describe('the versions', () => {
  test('each runs the suite: it is told its version, and is the `node` of its programs', async () => {
    const root = repository({ 22: ALL_WELL, 24: ALL_WELL });
    const { code, stdout, stderr } = await testVersions(root, '22', '24');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replaceAll(/ +\d+\.\d s/g, ' * s')).toBe(
      '✓ Node 22.1.2 * s  7 passed | 1 skipped (8)\n' +
        '✓ Node 24.1.2 * s  7 passed | 1 skipped (8)\n' +
        '\nThe tests of sockets pass on Node 22.1.2, 24.1.2.\n',
    );
    const suite =
      'packages/socket/ packages/framing/src/adapters/ packages/framing/src/node/ test/framing/ test/conformance/ test/selectors/ test/streams/ test/repl/ test/hazards/ test/examples/';
    expect(asked(root)).toEqual(
      [22, 24].map(
        (major) =>
          `${major} ${root}/.cache/nodes/v${major}/bin/node node_modules/vitest/vitest.mjs run --maxWorkers=100% ${suite}`,
      ),
    );
  });

  test('without a word they are all but the one that runs the script', async () => {
    const root = repository({ 20: ALL_WELL, 22: ALL_WELL, 24: ALL_WELL, 26: ALL_WELL });
    expect(await testVersions(root)).toMatchObject({ code: 0 });
    const own = process.versions.node.split('.', 1).join();
    expect(asked(root).map((line) => line.slice(0, 2))).toEqual(
      ['20', '22', '24', '26'].filter((major) => major !== own),
    );
  });

  test.each(['23', 'latest', '--verbose'])('%s is none of them', async (version) => {
    const root = repository({ 24: ALL_WELL });
    const { code, stderr } = await testVersions(root, '24', version);
    expect({ code, asked: asked(root) }).toEqual({ code: 2, asked: [] });
    expect(stderr).toContain(`Node ${version} is none of 20, 22, 24, 26.`);
  });

  test('nor is one that `engines` does not allow', async () => {
    const engines = { 'packages/socket/package.json': { engines: { node: '>=24' } } };
    const { code, stderr } = await testVersions(repository({ 22: ALL_WELL }, engines), '22');
    expect(code).toBe(2);
    expect(stderr).toContain('Node 22 is none of 24, 26.');
  });
});

describe('a run that is not good', () => {
  test('a failing suite: all that it printed, the other versions all the same, exit code 1', async () => {
    const root = repository({
      22: "echo 'x is not y'; echo '      Tests  1 failed | 6 passed (7)'; exit 1",
      24: ALL_WELL,
    });
    const { code, stdout, stderr } = await testVersions(root, '22', '24');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✗ Node 22\.1\.2 .* 1 failed \| 6 passed \(7\)\n✓ Node 24\.1\.2 /);
    expect(stderr).toContain('x is not y');
    expect(stderr).toMatch(/The tests of sockets fail on Node 22\.1\.2\.\n$/);
  });

  test('a suite that ends well without a word of tests', async () => {
    const { code, stdout } = await testVersions(repository({ 24: 'exit 0' }), '24');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✗ Node 24\.1\.2 .* did not say how many tests passed\n$/);
  });

  test('a folder of the suite that has no tests', async () => {
    const root = repository({ 24: ALL_WELL }, { 'test/hazards/a.test.ts': undefined });
    const { code, stderr } = await testVersions(root, '24');
    expect({ code, asked: asked(root) }).toEqual({ code: 1, asked: [] });
    expect(stderr).toContain('test/hazards has no tests');
  });

  test('a Node of another version than its folder', async () => {
    const root = repository({});
    plantProgram(root, '.cache/nodes/v24/bin/node', node('22.1.2'));
    const { code, stderr } = await testVersions(root, '24');
    expect({ code, asked: asked(root) }).toEqual({ code: 1, asked: [] });
    expect(stderr).toBe(
      'start Node 24: it is 22.1.2; remove .cache/nodes/v24, and it is fetched again.\n',
    );
  });
});

describe.skipIf(!HAS_PACKAGES)(
  'a version that is not there (fetched on Linux, x64 and arm64)',
  () => {
    /** What npm was asked, without the options that are only about its manner. */
    const request = new RegExp(
      `^install --prefix \\S+/.cache/nodes/unfinished-\\d+ .*--ignore-scripts .*node-linux-${process.arch}@24$`,
    );

    test('is fetched once', async () => {
      const root = repository({});
      plantProgram(root, 'bin/npm', npmWith(node('24.3.4')));
      expect(await testVersions(root, '24')).toMatchObject({ code: 0, stderr: '' });
      expect(await testVersions(root, '24')).toMatchObject({ code: 0, stderr: '' });
      const run = expect.stringContaining('vitest') as unknown;
      expect(asked(root)).toEqual([expect.stringMatching(request), run, run]);
      expect(readdirSync(join(root, '.cache/nodes'))).toEqual(['v24']);
    });

    test('npm fails: what was tried and what npm said, and nothing is left of it', async () => {
      const root = repository({});
      plantProgram(root, 'bin/npm', npm('mkdir node_modules && echo no network >&2 && exit 7'));
      const { code, stderr } = await testVersions(root, '24');
      expect(code).toBe(1);
      expect(stderr).toBe(
        `fetch Node 24: npm ended with 7 at \`npm install node-linux-${process.arch}@24\`; the first time, it needs the network.\n\nno network\n`,
      );
      expect(readdirSync(join(root, '.cache/nodes'))).toEqual([]);
    });

    test('after a fetch that was killed it is fetched again, and the rest of that goes', async () => {
      const root = repository({});
      // Ends the script that started it, as Ctrl-C in the middle would with nobody to clean up.
      plantProgram(root, 'bin/npm', npm('mkdir node_modules && kill -KILL $PPID'));
      expect(await testVersions(root, '24')).toMatchObject({ code: null });
      expect(readdirSync(join(root, '.cache/nodes'))).toEqual([
        expect.stringMatching(/^unfinished-/),
      ]);
      plantProgram(root, 'bin/npm', npmWith(node('24.3.4')));
      expect(await testVersions(root, '24')).toMatchObject({ code: 0, stderr: '' });
      expect(readdirSync(join(root, '.cache/nodes'))).toEqual(['v24']);
    });

    test('a request to stop reaches npm, and what it had done goes', async () => {
      const root = repository({});
      const stopped = 'echo stopped >> ../../../asked; exit 1';
      const wait = 'sleep 10 > /dev/null 2>&1 & wait'; // for the request that follows, in vain if none comes
      plantProgram(root, 'bin/npm', npm(`trap '${stopped}' TERM && kill -TERM $PPID; ${wait}`));
      expect(await testVersions(root, '24')).toMatchObject({ code: 143 });
      expect(asked(root)).toEqual([expect.stringMatching(request), 'stopped']);
      expect(readdirSync(join(root, '.cache/nodes'))).toEqual([]);
    });
  },
);
