/**
 * The prompt on a terminal: what it completes and what it does not run, how it shows values and errors, how it is
 * left.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Terminals, type Terminal } from './terminals.ts';

let terminals: Terminals;
let prompt: Terminal;

beforeAll(async () => {
  terminals = new Terminals();
  prompt = await terminals.prompt();
  await prompt.evaluate("const listener = socket.createServer({ host: '127.0.0.1', port: 0 })");
});

afterAll(() => terminals[Symbol.asyncDispose]());

describe('Tab', () => {
  test.each([
    ['promises.createC', 'onnection'],
    ['struct.calcs', 'ize'],
    ['framing.NEED', '_DATA'],
    ['listener.getsockn', 'ame'],
    ['listener.acc', 'ept'],
    ['await promises.createC', 'onnection'],
    ['selec', 'tors'],
  ])('completes %s with %s', async (typed, rest) => {
    await type(typed);
    prompt.type('\t');
    expect((await prompt.shows(new RegExp(`${rest}$`)))[0]).toBe(rest);
    await dropLine();
  });

  test('calls nothing', async () => {
    await prompt.evaluate('let calls = 0; const call = () => ++calls');
    // With the last keys, so that it is Tab for certain that has been pressed when they are seen.
    prompt.type('call().toFix\t');
    await prompt.shows(/call\(\)\.toFix/);
    await dropLine();
    expect(await prompt.evaluate('calls')).toBe('0');
  });
});

test('nothing runs before Enter', async () => {
  await prompt.evaluate('let runs = 0; const run = () => ++runs');
  for (const typed of ['run()', 'listener.accept()', '6 * 7']) {
    await type(typed);
    await dropLine();
  }
  expect(await prompt.evaluate('runs')).toBe('0');
  expect(prompt.raw).not.toContain('42');
});

describe('values', () => {
  test.each([
    ["encode('hello')", 'Uint8Array(5) [ 104, 101, 108, 108, 111 ] "hello"'],
    [
      '({ data: Uint8Array.of(65, 27, 10) })',
      '{ data: Uint8Array(3) [ 65, 27, 10 ] "A\\x1b\\x0a" }',
    ],
    ['new Uint8Array(0)', 'Uint8Array(0) []'],
    ['Uint8Array.of(0xff, 0x41)', 'Uint8Array(2) [ 255, 65 ] "\\xffA"'],
    ["decode(encode('h\\u00e9'))", "'hé'"],
    ["[new Error('\\x1b]0;title\\x07')]", '[ [Error: \\x1b]0;title\\x07] ]'],
    ['await Promise.resolve(3)', '3'],
    ["encode('hello') instanceof Uint8Array", 'true'],
    ['undefined', ''],
  ])('%s', async (line, shown) => {
    expect(await prompt.evaluate(line)).toBe(shown);
  });

  test('many bytes are shortened, and on one line', async () => {
    expect(await prompt.evaluate("encode('x'.repeat(5000))")).toMatch(
      /^Uint8Array\(5000\) \[ (120, ){15}120, \.\.\. 4984 more items \] "x{60}"\.\.\.$/,
    );
  });

  test('a socket shows where it is and what it does', async () => {
    expect(await prompt.evaluate('listener')).toMatch(
      /^Socket \{[^]*local: '127\.0\.0\.1:\d+',[^]*state: 'LISTEN'\n\}$/,
    );
  });
});

describe('errors are one line', () => {
  test.each([
    ["listener.send('text')", /^Uncaught TypeError: send: a string is not bytes; .*TextEncoder.*$/],
    ["await promises.createConnection({ host: '127.0.0.1' })", /^Uncaught \w+: .*port.*$/],
    ['nothing.at.all', /^Uncaught ReferenceError: nothing is not defined$/],
    ['1 +* 2', /^Uncaught SyntaxError: .*$/],
    ['encode(5)', /^Uncaught TypeError: encode: a number is not text; .*$/],
    ["throw new Error('\\x1b[31mred')", /^Uncaught Error: \\x1b\[31mred$/],
    ['throw 5', /^Uncaught 5$/],
    ["throw new Error('x'.repeat(300))", /^Uncaught Error: x{300}$/],
    [
      'const { socket } = listener',
      /^Uncaught SyntaxError: .*declared: it is loaded at this prompt; take another name, as in const \{ socket: mine \}.*$/,
    ],
  ])('%s', async (line, shown) => {
    expect(await prompt.evaluate(line)).toMatch(shown);
  });

  test('also of what nobody awaited, which does not end the prompt', async () => {
    await prompt.enter("void Promise.reject(new Error('alone'))");
    await prompt.shows(/Uncaught Error: alone\n> $/);
    await prompt.enter("void setTimeout(() => { throw new Error('late') })");
    await prompt.shows(/Uncaught Error: late\n> $/);
    expect(await prompt.evaluate('1 + 1')).toBe('2');
  });

  test('and where they come from with --debug', async () => {
    const debugging = await terminals.prompt({ args: ['--debug'] });
    expect(await debugging.evaluate('(function cause() { nothing.at.all })()')).toMatch(
      /^Uncaught ReferenceError: nothing is not defined\n +at cause \(REPL/,
    );
  });
});

describe('the prompt', () => {
  test('says what is loaded, how to get help and how to leave, and has no colours', async () => {
    expect(prompt.raw).toMatch(
      /^Loaded: socket, promises, selectors, struct, streams, framing, message; .*\r\n.*\.help.*\r\n.*\.exit.*\r\n/,
    );
    // oxlint-disable-next-line no-control-regex -- control characters are what this is about
    expect(prompt.raw).not.toMatch(/\x1b\[\d*m/);
    expect(await prompt.evaluate('.help')).toMatch(/\.walk +Show a first walk/);
    expect(await prompt.evaluate('.walk')).toContain('server.accept()');
  });

  test('has colours, where they are wanted', async () => {
    const colored = await terminals.prompt({ env: { NO_COLOR: '' } });
    await colored.evaluate('5');
    expect(colored.raw).toContain('\x1b[33m5\x1b[39m');
  });

  test.each([
    ['.exit', '.exit\r', 0],
    ['Ctrl-D', '\x04', 0],
    ['process.exit', 'process.exit(3)\r', 3],
  ])('is left by %s, whatever is open', async (_name, keys, code) => {
    const leaving = await terminals.prompt();
    await leaving.evaluate("const open = socket.createServer({ host: '127.0.0.1', port: 0 })");
    await leaving.evaluate('const [one, other] = promises.socketpair(); const wait = one.recv(1)');
    await leaving.evaluate('void setInterval(() => {}, 1000)');
    leaving.type(keys);
    expect(await leaving.ended()).toBe(code);
    expect(leaving.raw).not.toMatch(/warning/i);
  });
});

/** Types something, and sees it. Tab completes only what was typed before. */
async function type(text: string): Promise<void> {
  prompt.type(text);
  await prompt.shows(new RegExp(`${text.replaceAll(/[.()*]/g, '\\$&')}$`));
}

/** Drops the line that is typed. */
async function dropLine(): Promise<void> {
  prompt.type('\x03');
  await prompt.shows(/\n> $/);
}
