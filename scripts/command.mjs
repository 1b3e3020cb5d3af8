/**
 * Programs that a script runs: what they print is kept, and who asks this process to stop asks them, too.
 *
 * Rules: one program runs at a time. The first SIGINT or SIGTERM is passed on, so that the program may clean up;
 * whoever asks again means now. After that `interruption()` tells the signal, and the script is to end with
 * `exitCodeOf` it.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** @typedef {'SIGINT' | 'SIGTERM'} Interruption */

/**
 * How a program ended.
 *
 * @typedef {object} Outcome
 * @property {number | 'not found'} status its exit code; 1 when a signal ended it
 * @property {string} output what it printed, in order
 */

/** The program that runs now. @type {import('node:child_process').ChildProcess | undefined} */
let running;
/** The signal that asked this process to stop. @type {Interruption | undefined} */
let interrupted;

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.on(signal, () => {
    running?.kill(interrupted === undefined ? signal : 'SIGKILL');
    interrupted = signal;
  });
}

/** The signal that asked this process to stop, if one did. @returns {Interruption | undefined} */
export function interruption() {
  return interrupted;
}

/** What a shell says of a program that a signal ended. @param {Interruption} signal */
export function exitCodeOf(signal) {
  return 128 + constants.signals[signal];
}

/**
 * Runs a program to its end.
 *
 * @param {readonly [string, ...string[]]} command the program and its arguments
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, onOutput?: (chunk: Buffer) => void }} options
 * @returns {Promise<Outcome>}
 */
export async function runCommand([program, ...args], { cwd, env = process.env, onOutput }) {
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  running = child;

  /** @type {Buffer[]} */
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (/** @type {Buffer} */ chunk) => {
      chunks.push(chunk);
      onOutput?.(chunk);
    });
  }
  /** @type {number | 'not found'} */
  const status = await new Promise((resolve, reject) => {
    child.once('close', (code) => resolve(code ?? 1)); // no code: a signal ended it
    child.once('error', (error) => {
      if ('code' in error && error.code === 'ENOENT') resolve('not found');
      else reject(error);
    });
  });
  running = undefined;
  return { status, output: Buffer.concat(chunks).toString('utf8') };
}

/** The time since `began`, by `performance.now()`, to be printed. @param {number} began */
export function secondsSince(began) {
  return `${((performance.now() - began) / 1000).toFixed(1)} s`;
}
