/**
 * The lines of earlier sessions.
 */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Program } from '../support/program.ts';
import { Terminals, type Terminal } from './terminals.ts';

const UP = '\x1b[A';

let terminals: Terminals;
let home: string;

beforeAll(async () => {
  terminals = new Terminals();
  home = await mkdtemp(join(tmpdir(), 'wireline-repl-'));
});

afterAll(async () => {
  await terminals[Symbol.asyncDispose]();
  await rm(home, { recursive: true });
});

test('is kept over sessions, in a file that only its user reads', async () => {
  const file = join(home, 'lines');
  const first = await promptWithHistory(file);
  await first.evaluate('6 * 7');
  await leave(first);
  expect(await readFile(file, 'utf8')).toContain('6 * 7');
  expect((await stat(file)).mode & 0o777).toBe(0o600);

  const second = await promptWithHistory(file);
  await expectRecalled(second, 2); // .exit is the last one
});

test.runIf(process.getuid?.() === 0)('costs nobody the prompt who has no home', async () => {
  const homeless = ['env', '-u', 'WIRELINE_REPL_HISTORY', '-u', 'HOME'];
  const nobody = ['setpriv', '--reuid', '54321', '--clear-groups'];
  const terminal = terminals.open([...homeless, ...nobody, ...REPL]);
  await terminal.shows(/warning: keep the history in ~.*\n[^]*> $/);
  expect(await terminal.evaluate('6 * 7')).toBe('42');
});

test('is in the home directory unless told otherwise', async () => {
  const terminal = terminals.open(['env', '-u', 'WIRELINE_REPL_HISTORY', `HOME=${home}`, ...REPL]);
  await terminal.shows(/> $/);
  await terminal.evaluate('6 * 7');
  await leave(terminal);
  expect(await readFile(join(home, '.wireline_repl_history'), 'utf8')).toContain('6 * 7');
});

test('is not kept in a file without a name, but in the session', async () => {
  const terminal = terminals.open(['env', `HOME=${join(home, 'nowhere')}`, ...REPL]);
  await terminal.shows(/> $/);
  await terminal.evaluate('6 * 7');
  await expectRecalled(terminal);
  await leave(terminal);
  expect(terminal.raw).not.toMatch(/warning|history/);
});

test('costs a warning when its file cannot be written', async () => {
  const terminal = await terminals.prompt({
    env: { WIRELINE_REPL_HISTORY: join(home, 'no', 'such') },
  });
  expect(terminal.raw.match(/warning: .*/g)).toEqual([
    expect.stringMatching(/^warning: keep the history in .*: .*ENOENT.*$/),
  ]);
  expect(await terminal.evaluate('6 * 7')).toBe('42');
  await leave(terminal);
});

test('of a file or a pipe is not kept', async () => {
  const file = join(home, 'piped');
  await using program = Program.run('env', `WIRELINE_REPL_HISTORY=${file}`, ...REPL);
  program.process.stdin?.end('6 * 7\n');
  expect(await program.exited()).toMatchObject({ code: 0, stdout: '42\n' });
  await expect(stat(file)).rejects.toThrow('ENOENT');
});

const REPL = [process.execPath, 'packages/cli/bin/wireline.js', 'repl'];

function promptWithHistory(file: string): Promise<Terminal> {
  return terminals.prompt({ env: { WIRELINE_REPL_HISTORY: file } });
}

async function expectRecalled(terminal: Terminal, lines = 1): Promise<void> {
  terminal.type(UP.repeat(lines));
  await terminal.shows(/6 \* 7/);
  terminal.type('\r');
  await terminal.shows(/42\n> $/);
}

async function leave(terminal: Terminal): Promise<void> {
  await terminal.enter('.exit');
  expect(await terminal.ended()).toBe(0);
}
