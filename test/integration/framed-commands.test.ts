/**
 * `wireline send` and `wireline receive` as they are built, with peers of Python's, which share no code with them, and
 * with each other.
 */
import { describe, expect, test } from 'vitest';
import { HAS_IPV6 } from '../examples/example.ts';
import { Program, type Outcome } from '../support/program.ts';
import { folder, receive, receiverPort, runSend, shell, WIRELINE } from './framed-commands.ts';

/** Text and bytes that are none, delimiters begun and not ended; and nothing. */
const BYTES = Buffer.from('Hello \u{1F430}#*\r\xff\0\x80\f', 'latin1');
const MESSAGES = [BYTES, Buffer.of()];

/** All that the Python peers know. */
const FRAMINGS = [
  'fixed:30:#',
  'delimited:#*#',
  'delimited:\\r\\n',
  'delimited:\\x1e',
  'length:ascii5',
  'length:u8',
  'length:u16',
  'length:u32',
  'length:u32le',
  'length:u64',
  'length:varint',
  'length:octet-counting',
  'netstring',
  'lines',
  'until-close',
];

/** The messages that there can be. */
function messagesOf(framing: string): Buffer[] {
  // RFC 6587: a count of octets begins with another digit than 0, so there is no empty message.
  return framing === 'length:octet-counting' ? [BYTES] : MESSAGES;
}

async function sendFromPython(port: number, ...args: readonly string[]): Promise<Outcome> {
  await using python = Program.run(
    'python3',
    'interop/python/framed_send.py',
    String(port),
    ...args,
  );
  return await python.exited();
}

test.each(FRAMINGS)('to Python: %s', async (framing) => {
  const messages = messagesOf(framing);
  const count = String(messages.length);
  await using python = Program.run('python3', 'interop/python/framed_receive.py', framing, count);
  const port = await python.port();
  for (const message of messages) {
    const outcome = await runSend(port, ['--framing', framing], message);
    expect(outcome).toMatchObject({ code: 0, stdout: '', stderr: '' });
  }
  const { stdout, stderr } = await python.exited();
  expect(stderr).toBe('');
  const received = stdout.trimEnd().split('\n').slice(1);
  expect(received).toEqual(messages.map((message) => `received ${message.toString('hex')}`.trim()));
});

test.each(FRAMINGS)('from Python: %s', async (framing) => {
  // Only one fits into a connection whose end is that of the message.
  const messages = framing === 'until-close' ? [BYTES] : [...messagesOf(framing), BYTES];
  await using receiver = receive('--framing', framing, '--json', '--all');
  const port = await receiverPort(receiver);
  const words = messages.map((message) => message.toString('hex'));
  expect(await sendFromPython(port, framing, ...words)).toMatchObject({ code: 0, stderr: '' });
  const { code, stdout, stderr } = await receiver.exited();
  expect({ code, stderr }).toEqual({ code: 0, stderr: `listening on 127.0.0.1:${port}\n` });
  const received = stdout.trimEnd().split('\n');
  expect(received.map((line) => bytesOf(line).toString('hex'))).toEqual(words);
});

/** The bytes in an object that was printed. */
function bytesOf(line: string): Buffer {
  // What --json prints.
  const { text, base64 = '' } = JSON.parse(line) as { text?: string; base64?: string };
  return text === undefined ? Buffer.from(base64, 'base64') : Buffer.from(text);
}

describe('what is sent', () => {
  test.each([
    [['Hello,', 'world'], 'Hello, world'],
    [['crème'], 'crème'],
    [['a\\n'], 'a\\n'], // as it stands
    [[''], ''],
  ])('words %j are one message', async (words, text) => {
    await using receiver = receive('--framing', 'netstring', '--raw');
    const port = await receiverPort(receiver);
    expect(await runSend(port, ['--framing', 'netstring', ...words])).toMatchObject({ code: 0 });
    expect((await receiver.exited()).stdout).toBe(text);
  });

  test.each([
    ['lines', 'one\n', 'one'],
    ['lines', 'one\r\n', 'one'],
    ['lines', 'one', 'one'],
    ['delimited:\\n', 'one\n', 'one'],
    ['delimited:#*#', 'one#*#', 'one'],
    ['netstring', 'one\n', 'one\n'],
    ['irc', 'PING :x\r\n', 'PING :x'],
    ['smtp', 'QUIT\n', 'QUIT'],
    ['ndjson', '{}\n', '{}'],
    ['nmea-0183', '$X\r\n', '$X'],
  ])('as %s, standard input %j is the message %j', async (framing, input, message) => {
    await using receiver = receive('--framing', framing, '--raw');
    const port = await receiverPort(receiver);
    expect(await runSend(port, ['--framing', framing], Buffer.from(input))).toMatchObject({
      code: 0,
    });
    expect((await receiver.exited()).stdout).toBe(message);
  });

  test('a message that begins with a dash, behind --', async () => {
    await using receiver = receive('--framing', 'lines', '--raw');
    const port = await receiverPort(receiver);
    expect(await runSend(port, ['--framing', 'lines', '--', '-x'])).toMatchObject({ code: 0 });
    expect((await receiver.exited()).stdout).toBe('-x');
  });

  test('--verbose tells how much, and how it ended', async () => {
    await using receiver = receive('--framing', 'length:u32', '--verbose');
    const port = await receiverPort(receiver);
    const { stderr } = await runSend(port, ['--framing', 'length:u32', 'Hello', '-v']);
    expect(stderr).toBe(
      `connected to 127.0.0.1:${port}\nsent 9 bytes, with what the framing adds\nthe peer closed\n`,
    );
    expect((await receiver.exited()).stderr).toMatch(/\nconnected by 127\.0\.0\.1:\d+\n$/);
  });
});

describe('how a message is printed', () => {
  test.each([
    ['--raw', 'two\nlines\u001b[2J\u{1F430}', 'two\nlines\u001b[2J\u{1F430}'],
    ['--text', 'two\nlines\u001b[2J\u{1F430}', 'two\nlines\\x1b[2J\u{1F430}\n'],
    ['--text', 'a line end\n', 'a line end\n'],
    ['--text', '', '\n'],
    ['--hex', 'Hello', `00000000  48 65 6c 6c 6f${' '.repeat(36)}|Hello|\n00000005\n`],
    ['-x', '', '00000000\n'],
  ])('%s: %j', async (form, message, shown) => {
    await using receiver = receive('--framing', 'length:u32', form);
    const port = await receiverPort(receiver);
    await runSend(port, ['--framing', 'length:u32'], Buffer.from(message));
    expect(await receiver.exited()).toMatchObject({ code: 0, stdout: shown });
  });

  test('--json says from where, and how many bytes', async () => {
    await using receiver = receive('--framing', 'length:u32', '--json');
    const port = await receiverPort(receiver);
    await runSend(port, ['--framing', 'length:u32', 'crème\u009b']);
    const { stdout } = await receiver.exited();
    expect(stdout).toContain('\\u009b');
    expect(JSON.parse(stdout)).toEqual({
      from: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      framing: 'length:u32',
      bytes: 8,
      text: 'crème\u009b',
    });
  });

  test('long text in parts, not cut within a character', async () => {
    await using receiver = receive('--framing', 'until-close', '--text');
    const port = await receiverPort(receiver);
    const long = `x${'\u{1F430}'.repeat(100_000)}`;
    await runSend(port, ['--framing', 'until-close'], Buffer.from(long));
    const { stdout } = await receiver.exited();
    expect(stdout === `${long}\n`).toBe(true);
  });

  test('text on a terminal', async () => {
    const path = `unix:@wireline-${process.pid}-terminal`;
    const pty = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';
    await using receiver = Program.run(
      'python3',
      '-c',
      pty,
      process.execPath,
      'packages/cli/bin/wireline.js',
      'receive',
      path,
      '--framing',
      'lines',
    );
    await receiver.says(/listening on/); // a terminal shows both
    await using sender = Program.wireline('send', path, '--framing', 'lines', 'Hello\u0007');
    expect(await sender.exited()).toMatchObject({ code: 0 });
    expect((await receiver.exited()).stdout).toMatch(/\r\nHello\\x07\r\n$/);
  });
});

describe('several messages of one connection', () => {
  const messages = ['one', 'two', 'three'].map((text) => Buffer.from(text).toString('hex'));

  test('the first is printed; of the others it says that they came', async () => {
    await using receiver = receive('--framing', 'length:u32', '--raw');
    await sendFromPython(await receiverPort(receiver), 'length:u32', ...messages);
    const { code, stdout, stderr } = await receiver.exited();
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'one' });
    expect(stderr).toMatch(
      /\nwarning: 16 bytes came behind it and were not read; --count or --all prints more\n$/,
    );
  });

  test.each([
    [['--count', '2', '--text'], 'one\ntwo\n'],
    [['-n', '3', '--raw'], 'onetwothree'],
    [['--all', '--text'], 'one\ntwo\nthree\n'],
  ])('with %j', async (options, shown) => {
    await using receiver = receive('--framing', 'lines', ...options);
    await sendFromPython(await receiverPort(receiver), 'lines', ...messages);
    expect(await receiver.exited()).toMatchObject({ code: 0, stdout: shown });
  });

  test('fewer than --count, exit code 1; none is fine for --all', async () => {
    await using receiver = receive('--framing', 'lines', '--count', '4', '--text');
    await sendFromPython(await receiverPort(receiver), 'lines', ...messages);
    const { code, stdout, stderr } = await receiver.exited();
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'one\ntwo\nthree\n' });
    expect(stderr).toMatch(
      /\nwireline: receive from \S+: it closed before 4 messages came, behind 3\n$/,
    );
    await using other = receive('--framing', 'lines', '--all');
    await sendFromPython(await receiverPort(other), 'lines');
    expect(await other.exited()).toMatchObject({ code: 0, stdout: '' });
  });
});

describe('where', () => {
  test.runIf(HAS_IPV6)('IPv6, with brackets and without', async () => {
    await using receiver = Program.wireline('receive', '::1', '0', '--framing', 'lines', '--raw');
    const [, port = ''] = await receiver.complains(/listening on \[::1\]:(\d+)/);
    await using sender = Program.wireline('send', '[::1]', port, 'six', '--framing', 'lines');
    expect(await sender.exited()).toMatchObject({ code: 0, stderr: '' });
    expect(await receiver.exited()).toMatchObject({ code: 0, stdout: 'six' });
  });

  test('a Unix socket, whose file is gone afterwards; words that begin with a number', async () => {
    const place = `unix:${folder()}/it.sock`;
    await using receiver = Program.wireline('receive', place, '--framing', 'netstring', '--json');
    await receiver.complains(/listening on unix:/);
    await using sender = Program.wireline('send', place, '80', 'words', '--framing', 'netstring');
    expect(await sender.exited()).toMatchObject({ code: 0, stderr: '' });
    const { code, stdout } = await receiver.exited();
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      from: expect.stringMatching(/^unix:/),
      text: '80 words',
    });
    await using second = Program.wireline('send', place, 'x', '--framing', 'netstring');
    expect((await second.exited()).stderr).toMatch(/no such file|does not exist|ENOENT/i);
  });

  test("'' is all interfaces, and warned about", async () => {
    await using receiver = Program.wireline('receive', '', '0', '--framing', 'lines', '--raw');
    const [, port] = await receiver.complains(/listening on 0\.0\.0\.0:(\d+)\n/);
    await receiver.complains(/warning: 0\.0\.0\.0:\d+ can be reached from other machines\n/);
    await runSend(Number(port), ['--framing', 'lines', 'Hi']);
    expect(await receiver.exited()).toMatchObject({ code: 0, stdout: 'Hi' });
  });

  test('a port that is taken: who has it, and another one', async () => {
    await using first = receive('--framing', 'lines');
    const port = await receiverPort(first);
    await using second = Program.wireline(
      'receive',
      '127.0.0.1',
      String(port),
      '--framing',
      'lines',
    );
    const { code, stdout, stderr } = await second.exited();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    // Who has it is looked up within a bounded time, and may stay unsaid.
    expect(stderr).toMatch(/^wireline: bind .* or take another port, such as \d+.*\n$/);
    expect(stderr).not.toContain('choose another port');
  });

  test('one connection: who comes later is refused', async () => {
    await using receiver = receive('--framing', 'lines', '--verbose');
    const port = await receiverPort(receiver);
    await using first = Program.run('nc', '127.0.0.1', String(port));
    await receiver.complains(/connected by/);
    const { code, stderr } = await runSend(port, ['--framing', 'lines', 'late']);
    expect(code).toBe(1);
    expect(stderr).toContain('ECONNREFUSED');
    first.tell('early');
    expect(await receiver.exited()).toMatchObject({ code: 0, stdout: 'early' });
  });
});

describe('large messages', () => {
  const SIZE = 100 * 2 ** 20;

  test.each([
    ['until-close', []],
    ['length:u32', ['--max-length', '101MiB']],
  ])('%s: every byte of a file', async (framing, options) => {
    const path = folder();
    await shell(`head -c ${SIZE} /dev/urandom > ${path}/file`);
    const words = ['--framing', framing, ...options].join(' ');
    await using receiver = Program.run(
      'sh',
      '-c',
      `${WIRELINE} receive unix:${path}/it.sock ${words} | cmp - ${path}/file && echo same`,
    );
    await receiver.complains(/listening on/);
    expect(
      await shell(`${WIRELINE} send unix:${path}/it.sock ${words} < ${path}/file`),
    ).toMatchObject({ code: 0, stderr: '' });
    expect(await receiver.exited()).toMatchObject({ code: 0, stdout: 'same\n' });
  });

  test('until-close: neither side holds it, even when the reader stalls', async () => {
    const place = `unix:@wireline-${process.pid}-stalled`;
    const framing = '--framing until-close';
    // The reader takes nothing before it is told to; everything has to wait in between.
    await using receiver = Program.run(
      'sh',
      '-c',
      `exec 3<&0; ${WIRELINE} receive ${place} ${framing} | (read go <&3; wc -c)`,
    );
    await receiver.complains(/listening on/);
    await using sender = Program.run(
      'sh',
      '-c',
      `head -c ${SIZE} /dev/zero | node --max-old-space-size=40 packages/cli/bin/wireline.js send ${place} ${framing}`,
    );
    receiver.tell('go');
    expect(await sender.exited()).toMatchObject({ code: 0, stderr: '' });
    expect((await receiver.exited()).stdout).toBe(`${SIZE}\n`);
  });
});
