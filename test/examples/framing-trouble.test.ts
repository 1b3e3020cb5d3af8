/** The framing examples, with peers that end too early, send too much, or say what nobody understands. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { exchange, freePort, listen, run, start } from './example.ts';
import { Talker } from './talker.ts';

const HOST = '127.0.0.1';
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Sends bytes to an example and closes; returns what comes back, and what the server prints about it. */
async function tell(name: string, bytes: string | Uint8Array) {
  await using server = start(name, HOST, '0');
  const answer = await exchange(HOST, await server.port(), Buffer.from(bytes));
  await server.says(/ has closed\n|lost .*\n/);
  const [, ...heard] = server.output.stdout.trimEnd().split('\n');
  return { answer: text(answer), heard: heard.map((line) => line.replace(/127\S+:\d+/, 'PEER')) };
}

describe('a message that is cut', () => {
  test.each([
    ['framing-fixed', 'one'.padEnd(30, '#') + 'two', '', ['PEER: "one"']],
    ['framing-fixed', 'x', '', []],
    ['framing-delimited', 'one#*#two#*', 'ONE#*#', ['PEER: "one"']],
    ['framing-length', '00003one00003tw', '00003one', ['PEER, digits: "one"']],
    ['framing-length', '0000', '', []],
    ['framing-length', '00006binary\0\0\0', '00006binary', ['PEER, digits: "binary"']],
    ['framing-type-byte', '\x03fire\0\x02\0\x04not', '', ['PEER: alarm "fire"']],
    ['framing-type-byte', '\x01\0\0\0\x01\0\0\0', '', []],
  ])('%s %j', async (name, bytes, answers, whole) => {
    const { answer, heard } = await tell(name, bytes);
    expect(answer).toBe(answers);
    expect(heard).toEqual([
      ...whole,
      expect.stringMatching(/^lost PEER: TruncatedFrameError: .*end/),
    ]);
  });

  test('framing-until-close does not notice, but whoever sends it finds out', async () => {
    const half = readFileSync('LICENSE').subarray(0, 500);
    const receipt = `500 bytes, ${createHash('sha256').update(half).digest('hex')}`;
    const { answer, heard } = await tell('framing-until-close', half);
    expect(answer).toBe(receipt);
    expect(heard).toEqual([`PEER: ${receipt}`, 'PEER has closed']);

    await using deaf = await listen((socket) => socket.resume().end(receipt));
    const { code, stdout, stderr } = await run(
      'framing-until-close',
      HOST,
      `${deaf.port}`,
      'LICENSE',
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(`send LICENSE: something else arrived: ${receipt}\n`);
  });

  test('framing-until-close: a file of no bytes is one, and no answer is none', async () => {
    const { heard } = await tell('framing-until-close', '');
    expect(heard[0]).toMatch(/^PEER: 0 bytes, e3b0c44298fc1c14/);

    await using silent = await listen((socket) => socket.resume().end());
    const { code, stderr } = await run('framing-until-close', HOST, `${silent.port}`, 'LICENSE');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'send LICENSE: something else arrived: nothing\n',
    });
  });

  test.each([
    ['framing-delimited', 'ONE#*#T'],
    ['framing-length', '00003ONE00003'],
  ])('%s: the client says so, too', async (name, answer) => {
    await using server = await listen((socket) => socket.resume().end(answer));
    const { code, stdout, stderr } = await run(name, HOST, `${server.port}`, 'one', 'two');
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: expect.stringMatching(/received ONE\n$/),
    });
    expect(stderr).toMatch(/end.*\n$/);
  });
});

describe('a message that is too long', () => {
  test('framing-delimited skips it, says so once, and goes on behind it', async () => {
    const { answer, heard } = await tell(
      'framing-delimited',
      `one#*#${'x'.repeat(100_000)}#*#two#*#`,
    );
    expect(answer).toBe('ONE#*#TWO#*#');
    expect(heard).toEqual([
      'PEER: "one"',
      expect.stringMatching(/^PEER: RemoteProtocolError: .*\b64\b.*maxLength/),
      'PEER: "two"',
      'PEER has closed',
    ]);
  });

  test.each([
    ['the longest one, in digits', `01000${'x'.repeat(1000)}`, ' has closed'],
    ['the longest one, in binary', `00006binary\0\0\x03\xe8${'x'.repeat(1000)}`, ' has closed'],
  ])('framing-length takes %s', async (_, bytes, end) => {
    const { answer, heard } = await tell('framing-length', Buffer.from(bytes, 'latin1'));
    expect(answer).toHaveLength(bytes.length);
    expect(heard.at(-1)).toBe(`PEER${end}`);
  });

  test.each(['01001', '99999', '00006binary\0\0\x03\xe9', '00006binary\xff\xff\xff\xff'])(
    'framing-length refuses %j before the message comes',
    async (bytes) => {
      await using server = start('framing-length', HOST, '0');
      using talker = await Talker.connect({ host: HOST, port: await server.port() });
      talker.socket.write(Buffer.from(bytes, 'latin1'));
      await server.says(/lost \S+: RemoteProtocolError: .*maxLength.*\n/);
      await talker.closed; // by the server
      expect(talker.text).toBe(bytes.startsWith('00006') ? '00006binary' : '');
    },
  );

  test('framing-type-byte: an alarm of more than 100 bytes', async () => {
    const { heard } = await tell('framing-type-byte', `\x03${'x'.repeat(101)}\0`);
    expect(heard).toEqual([expect.stringMatching(/^lost PEER: RemoteProtocolError: .*maxLength/)]);
  });

  const MIB = 1024 * 1024;
  const MOST = 100 * MIB;

  test('framing-until-close holds no file, and refuses the one that is a byte too long', async () => {
    await using server = start('framing-until-close', HOST, '0');
    const port = await server.port();
    await exchange(HOST, port, new Uint8Array(MIB)); // everything is loaded
    const before = mostMemory(server.pid);
    const answer = await exchange(HOST, port, new Uint8Array(MOST));
    expect(text(answer)).toMatch(/^104857600 bytes, 20492a4d0d84f8be/);
    expect(mostMemory(server.pid) - before).toBeLessThan(MOST * 0.75); // chunks wait to be collected

    using talker = await Talker.connect({ host: HOST, port });
    talker.socket.write(new Uint8Array(MOST + 1));
    await server.says(/lost \S+: RemoteProtocolError: .*maxLength.*\n/);
    await talker.closed;
    expect(talker.text).toBe('');
  });
});

/** The most memory that a process has ever had in use, in bytes. */
function mostMemory(pid: number): number {
  const [, kib = ''] =
    /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}

describe('what cannot be understood', () => {
  test.each([
    ['framing-length', '0000xfour', 'length'],
    ['framing-length', '-0001x', 'length'],
    ['framing-type-byte', '\x07fire\0', 'type'],
    ['framing-type-byte', '\x03fire\0\0', 'type'],
  ])('%s %j', async (name, bytes, word) => {
    const { heard } = await tell(name, bytes);
    expect(heard.at(-1)).toMatch(new RegExp(`^lost PEER: RemoteProtocolError: .*${word}`));
  });

  test.each(['framing-fixed', 'framing-length', 'framing-type-byte'])(
    '%s: text that is not UTF-8',
    async (name) => {
      const bad = {
        'framing-fixed': `\xff${'#'.repeat(29)}`,
        'framing-length': '00001\xff',
        'framing-type-byte': '\x03\xff\0',
      }[name];
      const { heard } = await tell(name, Buffer.from(bad ?? '', 'latin1'));
      expect(heard).toEqual([expect.stringMatching(/^lost PEER: RemoteProtocolError: .*UTF-8/)]);
    },
  );

  test('framing-delimited goes on behind text that is not UTF-8', async () => {
    const { answer, heard } = await tell(
      'framing-delimited',
      Buffer.from('\xff#*#two#*#', 'latin1'),
    );
    expect(answer).toBe('TWO#*#');
    expect(heard).toEqual([
      expect.stringMatching(/^PEER: RemoteProtocolError: .*UTF-8/),
      'PEER: "two"',
      'PEER has closed',
    ]);
  });
});

describe('what the client itself refuses', () => {
  test.each([
    ['framing-fixed', 'too long', 'x'.repeat(31), /all have 30/],
    ['framing-fixed', 'ends with padding', 'C#', /padding/],
    ['framing-delimited', 'has the mark inside', 'one#*#two', /delimiter at 3/],
    ['framing-delimited', 'makes one with the mark behind it', 'one#*', /delimiter at 3/],
    ['framing-delimited', 'too long with its mark', 'x'.repeat(62), /maxLength/],
    ['framing-length', 'too long', 'x'.repeat(1001), /maxLength/],
    ['framing-type-byte', 'too long with its mark', `!${'x'.repeat(100)}`, /maxLength/],
  ])('%s: %s', async (name, _, word, reason) => {
    await using server = await listen((socket) => socket.resume());
    const { code, stdout, stderr } = await run(name, HOST, `${server.port}`, word);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(reason);
    expect(stderr.split('\n')).toHaveLength(2);
  });
});

describe.each([
  ['framing-fixed', '[WORD...]'],
  ['framing-delimited', '[WORD...]'],
  ['framing-length', '[WORD...]'],
  ['framing-type-byte', '[WORD...]'],
  ['framing-until-close', '[FILE]'],
])('%s', (name, argument) => {
  test.each([
    [[HOST]],
    [[HOST, '65536']],
    [[HOST, '0', 'LICENSE']],
    ...(argument === '[FILE]' ? [[[HOST, '1', 'LICENSE', 'more']]] : []),
  ])('wrong usage %j', async (args) => {
    const { code, stdout, stderr } = await run(name, ...args);
    const usage = `usage: npm run example -- ${name} HOST PORT ${argument}\n`;
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: usage });
  });

  test('nobody there is told in a line', async () => {
    const { code, stderr } = await run(name, HOST, `${await freePort()}`, 'LICENSE');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^connect 127\.0\.0\.1:\d+: refused: .*\(ECONNREFUSED\)\n$/);
  });

  test('Ctrl-C ends the server with clients in the middle, and a lost client is no trouble', async () => {
    await using server = start(name, HOST, '0');
    const where = { host: HOST, port: await server.port() };
    using lost = await Talker.connect(where);
    await exchange(HOST, where.port, new Uint8Array());
    await server.says(/ has closed\n/); // the one before it has been accepted, too
    lost.reset();
    await server.says(/lost 127\.0\.0\.1:\d+: ConnectionResetError: .*\n/);
    using silent = await Talker.connect(where);
    server.signal('SIGINT');
    expect(await server.exited()).toMatchObject({ code: 0, stderr: '' });
    await silent.closed;
  });
});
