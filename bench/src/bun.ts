/**
 * Bun, a contestant and nobody's dependency: it has 90 MB, so it is installed from npm when it is first
 * needed, into the benchmark's own folder and past the workspace's lock file.
 */
import { join } from 'node:path';
import { Program } from './program.ts';
import { BUILD_DIRECTORY } from './workspace.ts';

/** Pinned, so that results of different days speak of the same program. */
export const BUN_VERSION = '1.4.5';

/** The packages that hold nothing but the program, by what Node calls the processor. */
const PACKAGES: Partial<Record<NodeJS.Architecture, string>> = {
  x64: '@oven/bun-linux-x64',
  arm64: '@oven/bun-linux-aarch64',
};

/**
 * The path of Bun, which is installed if it is not there.
 *
 * @throws with the reason for which there is none
 */
export async function findBun(): Promise<string> {
  const name = process.platform === 'linux' ? PACKAGES[process.arch] : undefined;
  if (name === undefined) {
    throw new Error(`find Bun: there is no package for ${process.platform} on ${process.arch}`);
  }
  const folder = join(BUILD_DIRECTORY, 'bun');
  const bun = join(folder, 'node_modules', name, 'bin', 'bun');
  if (await isPinnedBun(bun)) return bun;
  await install(`${name}@${BUN_VERSION}`, folder);
  if (await isPinnedBun(bun)) return bun;
  throw new Error(`find Bun: ${name} is installed, but does not run on this machine`);
}

async function isPinnedBun(bun: string): Promise<boolean> {
  try {
    const program = await Program.start('bun', [bun, '--version']);
    return (await program.result()).trim() === BUN_VERSION;
  } catch {
    return false; // not there yet, or there in part
  }
}

async function install(spec: string, folder: string): Promise<void> {
  const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'];
  const command = ['npm', 'install', '--prefix', folder, ...flags, '--loglevel=silent', spec];
  const npm = await Program.start('npm', command);
  try {
    await npm.result();
  } catch (cause) {
    throw new Error(`install Bun: npm could not get ${spec}; is there a network?`, { cause });
  }
}
