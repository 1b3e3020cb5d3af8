/** curl and other programs of strangers, run to their end. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { onTestFinished } from 'vitest';

/** How a program ended. Of what it printed there is a digest, and the first megabyte. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly length: number;
  readonly digest: string;
}

/** More than a test compares as a text. */
const MOST_KEPT = 1024 * 1024;

/** Seconds: far more than anything here takes. */
const GIVE_UP_S = '15';

/** Runs curl, silently, against this machine. */
export function curl(...args: readonly string[]): Promise<Ran> {
  return run('curl', [
    '--silent',
    '--show-error',
    '--noproxy',
    '*',
    '--max-time',
    GIVE_UP_S,
    ...args,
  ]);
}

/** Runs a program with `input`; it is ended with its test. */
export function run(
  command: string,
  args: readonly string[],
  { input }: { readonly input?: string | Uint8Array } = {},
): Promise<Ran> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const hash = createHash('sha256');
  let [stdout, stderr, length] = ['', '', 0];
  child.stdout.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    if (length < MOST_KEPT) stdout += chunk.toString('latin1');
    length += chunk.length;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => {}); // it may end before it has read all
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, stdout, stderr, length, digest: hash.digest('hex') });
    });
  });
}
