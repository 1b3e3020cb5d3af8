/**
 * Ctrl-C at the prompt ends what waits, says so in one line that is always the same, and leaves everything usable.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Terminals, type Terminal } from './terminals.ts';

// The terminal shows the key itself where it makes a signal of it.
const INTERRUPTED = /^(\^C)?Uncaught InterruptedError: Ctrl-C ended it; .*$/;

let terminals: Terminals;
let prompt: Terminal;

beforeAll(async () => {
  terminals = new Terminals();
  prompt = await terminals.prompt();
  await prompt.evaluate("const listener = socket.createServer({ host: '127.0.0.1', port: 0 })");
  await prompt.evaluate('const [here, there] = socket.socketpair()');
  await prompt.evaluate('const [awaiting, peer] = promises.socketpair()');
  await prompt.evaluate('const selector = new selectors.DefaultSelector()');
  await prompt.evaluate("selector.register(here, 'read')");
});

afterAll(() => terminals[Symbol.asyncDispose]());

test.each([
  ['accept', 'listener.accept()'],
  ['recv', 'here.recv(10)'],
  ['recv, within a function', '(() => { while (true) here.recv(10) })()'],
  ['select', 'selector.select()'],
  ['poll of select()', 'selectors.select([here], [], [])'],
  ['a socket file', 'here.makeFile().readLine()'],
])('%s that blocks is interrupted, and again', async (_name, line) => {
  for (let times = 0; times < 5; times++) {
    await prompt.enter(line);
    prompt.interrupt();
    expect(await prompt.answer()).toMatch(INTERRUPTED);
  }
});

test('a call that was interrupted works when it is made again', async () => {
  expect(await prompt.evaluate("there.send(encode('late'))")).toBe('4');
  expect(await prompt.evaluate('decode(here.recv(10))')).toBe("'late'");
  expect(await prompt.evaluate('selector.select(0).length')).toBe('0');
});

test('a connect that blocks is interrupted, and goes on when it is made again', async () => {
  // A listener whose queue is full: who comes next waits.
  await prompt.evaluate('const full = new socket.Socket()');
  await prompt.evaluate("full.bind({ host: '127.0.0.1', port: 0 })");
  await prompt.evaluate('full.listen(0)');
  await prompt.evaluate('const first = socket.createConnection(full.getsockname())');
  await prompt.evaluate('const second = new socket.Socket()');
  for (let times = 0; times < 3; times++) {
    await prompt.enter('second.connect(full.getsockname())');
    prompt.interrupt();
    expect(await prompt.answer()).toMatch(INTERRUPTED);
  }
  await prompt.evaluate('full.accept().socket.close()');
  expect(await prompt.evaluate('second.connect(full.getsockname())')).toBe('');
});

test('an endless loop is interrupted', async () => {
  // It says so when it runs: the terminal makes signals a moment before Node ends JavaScript at one.
  await prompt.enter("console.log('looping'); for (;;);");
  await prompt.shows(/^looping\n/);
  prompt.type('\x03');
  expect(await prompt.answer()).toMatch(INTERRUPTED);
});

test.each([
  ['recv', 'await awaiting.recv(10)'],
  ['recv, whose failure is handled', 'await awaiting.recv(10).catch(() => 0)'],
  ['two at once', 'await Promise.all([awaiting.recv(10), peer.recv(10)])'],
  ['a promise that nobody settles', 'await new Promise(() => {})'],
])('what is awaited is given up: %s', async (_name, line) => {
  for (let times = 0; times < 3; times++) {
    // It says so when Node's loop runs, so the line is awaited by then: one that is ended before has begun a call
    // that nobody awaits.
    await prompt.enter(`setImmediate(console.log, 'awaited'); ${line}`);
    await prompt.shows(/^awaited\n/);
    prompt.type('\x03');
    expect(await prompt.answer()).toMatch(INTERRUPTED);
  }
});

test('an awaited call that was interrupted works when it is made again', async () => {
  expect(await prompt.evaluate("await peer.sendAll(encode('late'))")).toBe('');
  expect(await prompt.evaluate('decode(await awaiting.recv(10))')).toBe("'late'");
});

test('Ctrl-C drops what is typed; at an empty prompt, the second one leaves', async () => {
  await using own = new Terminals();
  const terminal = await own.prompt();
  terminal.type('1 +');
  await terminal.shows(/1 \+/);
  terminal.type('\x03');
  await terminal.shows(/> $/);
  expect(await terminal.evaluate('2 + 3')).toBe('5');
  await terminal.enter('function half() {');
  await terminal.shows(/(\.\.\.|\|) $/);
  terminal.type('\x03');
  await terminal.shows(/\n> $/);
  expect(await terminal.evaluate('typeof half')).toBe("'undefined'");
  terminal.type('\x03');
  await terminal.shows(/To exit, press Ctrl\+C again[^]*> $/);
  terminal.type('\x03');
  expect(await terminal.ended()).toBe(0);
});

test('a call that nobody awaits goes on when Ctrl-C is pressed at the prompt', async () => {
  await prompt.evaluate('const later = awaiting.recv(10); 0');
  prompt.type('1 +\x03');
  await prompt.shows(/> $/);
  await prompt.evaluate("await peer.sendAll(encode('calm'))");
  expect(await prompt.evaluate('decode(await later)')).toBe("'calm'");
});
