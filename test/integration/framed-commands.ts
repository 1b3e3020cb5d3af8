/** What the tests of `send` and `receive` share. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Program, type Outcome } from '../support/program.ts';

/** The command, for a shell. */
export const WIRELINE = `"${process.execPath}" packages/cli/bin/wireline.js`;

/** Starts `receive` at a free port here. */
export function receive(...options: readonly string[]): Program {
  return Program.wireline('receive', '127.0.0.1', '0', ...options);
}

/** The port that `receive` says on standard error: standard output is the message's. */
export async function receiverPort(receiver: Program): Promise<number> {
  const [, port] = await receiver.complains(/listening on \S+:(\d+)\n/);
  return Number(port);
}

/** Runs `send` to its end against a port here; `input` is its standard input. */
export async function runSend(
  port: number,
  args: readonly string[],
  input: string | Uint8Array = '',
): Promise<Outcome> {
  await using sender = Program.wireline('send', '127.0.0.1', String(port), ...args);
  sender.process.stdin?.end(input);
  return await sender.exited();
}

/** Runs a shell's command. */
export async function shell(command: string): Promise<Outcome> {
  await using program = Program.run('sh', '-c', command);
  return await program.exited();
}

/** A folder that goes with the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'wireline-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}
