/**
 * Lines from a pipe: evaluated in turn, their results on standard output, their errors on standard error.
 */
import { expect, test } from 'vitest';
import { Program, type Outcome } from '../support/program.ts';

test('results without prompts, and code 0', async () => {
  expect(await runLines('1 + 1', "encode('hi')", 'const a = 5', 'a', 'undefined')).toEqual({
    code: 0,
    signal: null,
    stdout: '2\nUint8Array(2) [ 104, 105 ] "hi"\n5\n',
    stderr: '',
  });
});

test('an expression of several lines', async () => {
  expect(await runLines('function twice(n) {', '  return 2 * n', '}', 'twice(4)')).toMatchObject({
    code: 0,
    stdout: '8\n',
    stderr: '',
  });
});

test('each line waits for the one before, whatever else fails meanwhile', async () => {
  const { stdout, stderr } = await runLines(
    "void setTimeout(() => { throw new Error('stray') }, 10)",
    'const slow = await new Promise((resolve) => setTimeout(resolve, 50, 7))',
    'slow + 1',
  );
  expect(stdout).toBe('8\n');
  expect(stderr).toBe('Uncaught Error: stray\n');
});

test('a whole conversation, blocking and awaited', async () => {
  const outcome = await runLines(
    "const server = socket.createServer({ host: '127.0.0.1', port: 0 })",
    'const client = await promises.createConnection(server.getsockname())',
    'const { socket: connection } = server.accept()',
    "await client.sendAll(encode('hello'))",
    'decode(connection.recv(100))',
    'connection.close(); client.close(); server.close()',
  );
  expect(outcome).toMatchObject({ code: 0, stdout: "'hello'\n", stderr: '' });
});

test('what fails is said on standard error, the rest still runs, and the code is 1', async () => {
  expect(
    await runLines('nothing.at.all', "await Promise.reject(new Error('awaited'))", '1 + 1'),
  ).toMatchObject({
    code: 1,
    stdout: '2\n',
    stderr: 'Uncaught ReferenceError: nothing is not defined\nUncaught Error: awaited\n',
  });
});

test('what is pending at the end is awaited, and its failure counts', async () => {
  expect(
    await runLines(
      "void setTimeout(() => console.log('done'), 30)",
      "void setTimeout(() => { throw new Error('late') }, 60)",
    ),
  ).toMatchObject({ code: 1, stdout: 'done\n', stderr: 'Uncaught Error: late\n' });
});

test('the end within an expression is an error', async () => {
  expect(await runLines('[1,')).toMatchObject({
    code: 1,
    stderr: 'Uncaught SyntaxError: the input ends within an expression\n',
  });
});

test('what was dropped is no end within an expression', async () => {
  expect(await runLines('function f() {', '.break', '1 + 1')).toMatchObject({
    code: 0,
    stdout: '2\n',
    stderr: '',
  });
  expect(await runLines('function f() {', '.break')).toMatchObject({ code: 0, stderr: '' });
});

test('a command that fails counts', async () => {
  expect(await runLines('.nosuch', '.load /nonexistent', '1 + 1')).toMatchObject({
    code: 1,
    stdout: '2\n',
    stderr: expect.stringMatching(/^Invalid REPL keyword\nFailed to load: \/nonexistent\n$/),
  });
});

test('what cannot be shown is said, and the rest still runs', async () => {
  const { code, stdout, stderr } = await runLines(
    "Object.assign(new Error('x'), { message: Symbol('a') })",
    "({ [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('no') } })",
    '1 + 1',
  );
  const told = 'a value that cannot be shown: code of its own failed\n';
  expect(stdout).toBe(`${told}${told}2\n`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('a line that awaits what nothing can settle fails', async () => {
  const { code, stdout, stderr } = await runLines('await new Promise(() => {})', '1 + 1');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(
    'Uncaught Error: nothing is left that could settle what the line awaits',
  );
});

test('.exit ends at once', async () => {
  expect(await runLines('void setInterval(() => {}, 1000)', '.exit', '1 + 1')).toMatchObject({
    code: 0,
    stdout: '',
  });
});

test('a reader that leaves early is no failure', async () => {
  await using program = Program.run(
    'bash',
    '-c',
    `set -o pipefail; for i in {1..20000}; do echo '"x".repeat(100)'; done | ${process.execPath} packages/cli/bin/wireline.js repl 2>&1 | head -1`,
  );
  expect(await program.exited()).toMatchObject({ stdout: `'${'x'.repeat(100)}'\n`, stderr: '' });
});

test('Ctrl-C ends it', async () => {
  await using program = Program.wireline('repl');
  program.tell("console.log('waiting'); socket.socketpair()[0].recv(1)");
  await program.says(/waiting/);
  program.signal('SIGINT');
  expect(await program.exited()).toMatchObject({ signal: 'SIGINT' });
});

test.each([[['--colour']], [['file.js']]])('%j is wrong usage', async (args) => {
  await using program = Program.wireline('repl', ...args);
  expect(await program.exited()).toMatchObject({ code: 2, stdout: '' });
});

test('--help shows how it is used', async () => {
  await using program = Program.wireline('repl', '--help');
  const { code, stdout } = await program.exited();
  expect(code).toBe(0);
  expect(stdout).toMatch(/Examples:[^]*server\.accept\(\)[^]*Ctrl-C/);
});

async function runLines(...lines: readonly string[]): Promise<Outcome> {
  await using program = Program.wireline('repl');
  program.process.stdin?.end(`${lines.join('\n')}\n`);
  return await program.exited();
}
