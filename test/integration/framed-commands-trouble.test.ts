/**
 * `wireline send` and `wireline receive` with peers that send nonsense, too little or nothing, that go early or stay,
 * and with people who type something else.
 */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { ConnectionResetError } from '@wireline/socket';
import { createServer, type Socket as OurSocket } from '@wireline/socket/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freePort, listen } from '../examples/example.ts';
import { Program, type Outcome } from '../support/program.ts';
import { folder, receive, receiverPort, runSend, shell, WIRELINE } from './framed-commands.ts';

/** Connects to a receiver; nothing that breaks is told here. */
async function client(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  socket.setNoDelay(true).on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** What a receiver makes of `bytes` and the end. */
async function outcomeOf(bytes: string | Uint8Array, ...options: string[]): Promise<Outcome> {
  await using receiver = receive(...options);
  const socket = await client(await receiverPort(receiver));
  socket.end(bytes);
  return await receiver.exited();
}

describe('receive: what comes is wrong', () => {
  test.each([
    ['length:u32', '\0\0\0\x0cHello', /7/],
    ['length:u32', '\0\0', /2/],
    ['length:ascii5', '00012Hello', /7/],
    ['fixed:30:#', 'Hello', /25/],
    ['netstring', '5:hell', /2|5/],
    ['delimited:#*#', 'Hello#*', /"#\*#"/],
  ])('%s: %j is cut', async (framing, bytes, told) => {
    const { code, stdout, stderr } = await outcomeOf(bytes, '--framing', framing, '--text');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    const lines = stderr.split('\n').slice(1); // behind `listening on`
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^wireline: receive from 127\.0\.0\.1:\d+: /);
    expect(lines[0]?.replace(/^.*?:\d+: /, '')).toMatch(told);
  });

  test.each([
    ['length:u32', 'GET / HTTP/1.1\r\n\r\n', /1195725856|1195725860/],
    ['length:ascii5', 'Hello, world', /'H' is no digit/],
    ['netstring', 'hello', /'h' is no digit/],
    ['netstring', '5:hello;', /','/],
    ['length:octet-counting', 'x', /'x' is no digit/],
  ])('%s: %j is nonsense', async (framing, bytes, told) => {
    await using receiver = receive('--framing', framing);
    const socket = await client(await receiverPort(receiver));
    socket.write(bytes); // and nothing more: it is known without the end
    const { code, stdout, stderr } = await receiver.exited();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/\nwireline: receive from 127\.0\.0\.1:\d+: [^\n]*\n$/);
    expect(stderr).toMatch(told);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test.each([
    ['length:u32', '\0\0\0\x20'],
    ['delimited:#*#', 'x'.repeat(33)],
    ['lines', 'x'.repeat(33)],
    ['until-close', 'x'.repeat(33)],
  ])('%s: longer than --max-length is refused, and the option named', async (framing, bytes) => {
    for (const form of ['--raw', '--text']) {
      await using receiver = receive('--framing', framing, '--max-length', '32', form);
      const socket = await client(await receiverPort(receiver));
      socket.write(bytes);
      const { code, stderr } = await receiver.exited();
      expect(code).toBe(1);
      expect(stderr).toMatch(/limit is 32; --max-length <size> allows more.*\n$/);
    }
  });

  test('nothing: it closed before a message came', async () => {
    const { code, stdout, stderr } = await outcomeOf('', '--framing', 'lines');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/\nwireline: receive from \S+: it closed before a message came\n$/);
  });

  test('a reset within the message', async () => {
    await using receiver = receive('--framing', 'until-close', '--verbose', '--text');
    const socket = await client(await receiverPort(receiver));
    socket.write('half of ');
    await receiver.complains(/connected by/);
    socket.resetAndDestroy();
    const { code, stdout, stderr } = await receiver.exited();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/\nwireline: receive from \S+: .*reset.*\(ECONNRESET\)\n$/);
  });

  test('where an error comes from, with --debug', async () => {
    const { code, stderr } = await outcomeOf('x', '--framing', 'length:u32', '--debug');
    expect(code).toBe(1);
    expect(stderr).toMatch(/\n\s+at /);
  });
});

describe('receive: it takes its time', () => {
  test('byte by byte is a message, too', async () => {
    await using receiver = receive('--framing', 'delimited:#*#', '--text');
    const socket = await client(await receiverPort(receiver));
    for (const byte of Buffer.from('slow #*drip#*#')) {
      await new Promise((resolve) => socket.write(Uint8Array.of(byte), resolve));
    }
    expect(await receiver.exited()).toMatchObject({ code: 0, stdout: 'slow #*drip\n' });
  });

  test('nobody comes: --timeout', async () => {
    await using receiver = receive('--framing', 'lines', '--timeout', '0.2');
    const { code, stderr } = await receiver.exited();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /\nwireline: accept at 127\.0\.0\.1:\d+: nobody connected for 0\.2 s; --timeout waits longer\n$/,
    );
  });

  test('who comes is silent: --timeout, and how much came', async () => {
    await using receiver = receive('--framing', 'lines', '--timeout', '0.5', '--text');
    const socket = await client(await receiverPort(receiver));
    socket.write('half');
    const { code, stdout, stderr } = await receiver.exited();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /\nwireline: receive from \S+: nothing came for 0\.5 s, after 4 bytes; --timeout waits longer\n$/,
    );
  });

  test('a process that was stopped receives first what came meanwhile', async () => {
    await using receiver = receive('--framing', 'lines', '--timeout', '0.5', '--verbose', '--text');
    const socket = await client(await receiverPort(receiver));
    await receiver.complains(/connected by/);
    receiver.signal('SIGSTOP');
    socket.write('late\n');
    // Another one waits for longer, and fails; this one has not been running.
    await using other = receive('--framing', 'lines', '--timeout', '1');
    expect(await other.exited()).toMatchObject({ code: 1 });
    receiver.signal('SIGCONT');
    expect(await receiver.exited()).toMatchObject({ code: 0, stdout: 'late\n' });
  });
});

describe('receive: its end', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('%s: 130, and the file is gone', async (signal) => {
    const path = `${folder()}/it.sock`;
    await using receiver = Program.wireline('receive', `unix:${path}`, '--framing', 'lines');
    await receiver.complains(/listening on/);
    expect(existsSync(path)).toBe(true);
    receiver.signal(signal);
    expect(await receiver.exited()).toMatchObject({ code: 130, stdout: '' });
    expect(existsSync(path)).toBe(false);
  });

  test('Ctrl-C within a message: 130, at once', async () => {
    await using receiver = receive('--framing', 'until-close', '--verbose', '--text');
    const socket = await client(await receiverPort(receiver));
    socket.write('half');
    await receiver.complains(/connected by/);
    receiver.signal('SIGINT');
    expect(await receiver.exited()).toMatchObject({ code: 130, stdout: '' });
  });

  test('whoever reads the message goes away: it ends without a complaint', async () => {
    const place = `unix:@wireline-${process.pid}-head`;
    await using receiver = Program.run(
      'sh',
      '-c',
      `(${WIRELINE} receive ${place} --framing until-close; echo exit $? >&2) | head -c 4`,
    );
    await receiver.complains(/listening on/);
    await using sender = Program.run(
      'sh',
      '-c',
      `yes | ${WIRELINE} send ${place} --framing until-close`,
    );
    expect((await receiver.exited()).stdout).toBe('y\ny\n');
    expect((await receiver.exited()).stderr).toMatch(/^listening on \S+\nexit 0\n$/);
    expect(await sender.exited()).toMatchObject({ code: 1 });
  });

  test('a full disk is named, exit code 1', async () => {
    const place = `unix:@wireline-${process.pid}-full`;
    await using receiver = Program.run(
      'sh',
      '-c',
      `${WIRELINE} receive ${place} --framing lines > /dev/full`,
    );
    await receiver.complains(/listening on/);
    await using sender = Program.wireline('send', place, '--framing', 'lines', 'Hi');
    await sender.exited();
    const { code, stderr } = await receiver.exited();
    expect(code).toBe(1);
    expect(stderr).toMatch(/\nwireline: write output: ENOSPC.*\n$/);
  });
});

describe('send: the peer', () => {
  test('is not there', async () => {
    const port = await freePort();
    expect(await runSend(port, ['Hi', '--framing', 'lines'])).toMatchObject({
      code: 1,
      stderr: `wireline: connect 127.0.0.1:${port}: refused: nothing listens there; check host and port, and that the server runs (ECONNREFUSED)\n`,
    });
  });

  test.each([
    ['resets', (socket: Socket): void => void socket.once('data', () => socket.resetAndDestroy())],
    [
      'is gone before it has read anything',
      (socket: Socket): void => void socket.pause().destroy(),
    ],
  ])('%s, exit code 1', async (_name, serve) => {
    await using server = await listen(serve);
    // More than the first chunk, so that some is left when it goes.
    const { code, stderr } = await runSend(
      server.port,
      ['--framing', 'length:u32'],
      'x'.repeat(9e6),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^wireline: send to 127\.0\.0\.1:\d+: the peer did not take the whole message, of which \d+ bytes? went: [^\n]*\n$/,
    );
  });

  test('closes without reading a short message, exit code 1', async () => {
    await using server = await listen((socket) => {
      socket.pause();
      setImmediate(() => socket.destroy());
    });
    for (let round = 0; round < 5; round++) {
      const { code, stderr } = await runSend(server.port, ['Hi', '--framing', 'lines']);
      expect(code).toBe(1);
      expect(stderr).toMatch(/did not take the whole message/);
    }
  });

  test('closes while there is more to type, exit code 1', async () => {
    await using server = await listen((socket) => void socket.destroy());
    const connected = once(server.server, 'connection');
    const at = ['127.0.0.1', String(server.port)];
    await using sender = Program.wireline('send', ...at, '--framing', 'until-close', '-v');
    await connected;
    await sender.complains(/connected to/);
    sender.process.stdin?.end('too late');
    const { code, stderr } = await sender.exited();
    expect(code).toBe(1);
    expect(stderr).toMatch(/did not take the whole message, of which 8 bytes went: [^\n]*\n$/);
  });

  test('answers before it reads on: what comes back does not stand in the way', async () => {
    await using server = await listen((socket) => void socket.pipe(socket));
    const { code, stderr } = await runSend(
      server.port,
      ['--framing', 'length:u32', '-v'],
      'x'.repeat(20_000_000),
    );
    expect(code).toBe(0);
    expect(stderr).toContain('20000004 bytes came back and were thrown away\n');
  });

  test('takes nothing: --timeout', async () => {
    await using server = await listen((socket) => void socket.pause());
    const { code, stderr } = await runSend(
      server.port,
      ['--framing', 'length:u32', '--timeout', '0.5'],
      'x'.repeat(50_000_000),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/it took nothing for 0\.5 s; --timeout waits longer\n$/);
  });

  test('has everything and stays: that is its own affair', async () => {
    await using server = await listen((socket) => void socket.resume());
    const { code, stderr } = await runSend(server.port, ['--framing', 'lines', 'Hi', '-v']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/the peer has everything and stays\n$/);
  });

  test('never sees half a message as a whole one', async () => {
    await using server = await listen((socket) => void socket.resume());
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      const connected = once(server.server, 'connection');
      await using sender = Program.wireline(
        'send',
        '127.0.0.1',
        String(server.port),
        '--framing',
        'until-close',
        '-v',
      );
      sender.process.stdin?.write('half of ');
      // What the event carries.
      const [socket] = (await connected) as [Socket];
      const ending = new Promise((resolve) => {
        socket.once('end', () => resolve('a whole message'));
        socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      });
      await sender.complains(/connected to/);
      await once(socket, 'data');
      sender.signal(signal);
      // Ctrl-C ends whoever writes the input, too.
      sender.process.stdin?.end();
      expect(await ending).toBe('ECONNRESET');
      expect((await sender.exited()).code).toBe(signal === 'SIGINT' ? 130 : null);
    }
  });
});

/** Reads the first connection to its end: what broke it, if anything did. */
async function endOf(listener: OurSocket): Promise<unknown> {
  const { socket } = await listener.accept();
  try {
    while ((await socket.recv(64 * 1024)).length > 0);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    socket.close();
  }
}

describe('send: the message', () => {
  test.each([
    ['fixed:5', 'Hello!', /5/],
    ['fixed:5', 'Hi', /; fixed:5:# fills short ones up$/m],
    ['lsp', 'Hello', /^lsp messages are whole frames, with their head: it is cut$/m],
    ['fixed:5:#', 'Hi#', /padding/],
    ['delimited:#*#', 'a#*#b', /delimiter/],
    ['lines', 'a\nb', /delimiter/],
    ['length:u8', 'x'.repeat(256), /257.*256; choose a wider length$/m],
    ['length:ascii1', 'x'.repeat(10), /11.*10/],
  ])('does not fit into %s', async (framing, message, told) => {
    // Nobody listens there: it does not even connect.
    const { code, stderr } = await runSend(1, ['--framing', framing, message]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^wireline: send as [^\n]*\n$/);
    expect(stderr.replace(/^wireline: send as \S+: /, '')).toMatch(told);
    expect(stderr).not.toMatch(/max-?length/i); // it would not help
  });

  test('is longer than --max-length: words, and standard input, of which no more is read', async () => {
    const options = ['--framing', 'length:u32', '--max-length', '32'];
    const words = await runSend(1, [...options, 'x'.repeat(29)]);
    expect(words).toMatchObject({ code: 1 });
    expect(words.stderr).toMatch(/32; --max-length <size> allows more\n$/);
    const endless = await shell(`yes | ${WIRELINE} send 127.0.0.1 1 ${options.join(' ')}`);
    expect(endless).toMatchObject({
      code: 1,
      stderr:
        'wireline: read standard input: it has more than 32 bytes; --max-length <size> allows more\n',
    });
  });

  test('is cut by --max-length, until close: the peer sees a reset', async () => {
    // A socket of ours: Node takes a reset behind unread bytes for the end of the stream (libuv, on POLLHUP).
    using listener = await createServer({ host: '127.0.0.1', port: 0 });
    const { port } = listener.getsockname();
    const options = `--framing until-close --max-length 1MiB`;
    const [{ code, stderr }, ended] = await Promise.all([
      shell(`yes | ${WIRELINE} send 127.0.0.1 ${port} ${options}`),
      endOf(listener),
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^wireline: read standard input: it has more than 1048576 bytes/);
    expect(ended).toBeInstanceOf(ConnectionResetError);
  });

  test('is no directory', async () => {
    for (const framing of ['lines', 'until-close']) {
      await using server = await listen((socket) => void socket.resume());
      expect(
        await shell(`${WIRELINE} send 127.0.0.1 ${server.port} --framing ${framing} < /`),
      ).toMatchObject({
        code: 1,
        stderr: 'wireline: read standard input: it is a directory; give it a file\n',
      });
    }
  });

  test('cannot be read', async () => {
    for (const framing of ['lines', 'until-close']) {
      await using server = await listen((socket) => void socket.resume());
      const { code, stderr } = await shell(
        `${WIRELINE} send 127.0.0.1 ${server.port} --framing ${framing} < /proc/self/mem`,
      );
      expect(code).toBe(1);
      expect(stderr).toMatch(/^wireline: read standard input: EIO.*\n$/);
    }
  });
});

describe('usage', () => {
  const AT = ['127.0.0.1', '1'];

  test.each([
    [[], "required option '--framing <framing>' not specified: expected one of: fixed:LENGTH"],
    [['--framing', 'json'], 'expected one of: fixed:LENGTH[:PADDING], delimited:DELIMITER'],
    [['--framing', ''], 'expected one of'],
    [['--framing', 'constructor'], 'expected one of'],
    [['--framing', 'fixed'], 'expected fixed:LENGTH, such as fixed:30:#'],
    [['--framing', 'fixed:0'], "'0' is no length: expected fixed:LENGTH"],
    [['--framing', 'fixed:-1'], 'expected fixed:LENGTH'],
    [['--framing', 'fixed:30:'], "padding '' is not one byte"],
    [['--framing', 'fixed:30:##'], "padding '##' is not one byte"],
    [['--framing', 'fixed:30:\u00e9'], 'is not one byte'],
    [['--framing', 'fixed:33', '--max-length', '32'], 'do not go together'],
    [['--framing', 'delimited'], 'expected a delimiter'],
    [['--framing', 'delimited:'], 'expected a delimiter'],
    [['--framing', 'delimited:\\q'], "'\\q' means nothing"],
    [['--framing', 'length'], 'no format of a length: expected u8'],
    [['--framing', 'length:u33'], "'u33' is no format of a length: expected u8"],
    [['--framing', 'length:ascii16'], 'no format of a length'],
    [['--framing', 'netstring:5'], "':5' is too much"],
    [['--framing', 'lines:\\n'], "':\\n' is too much"],
    [['--framing', 'until-close:'], "':' is too much"],
    [['--framing', 'lines', '--max-length', 'much'], 'expected bytes'],
    [['--framing', 'lines', '--timeout', 'long'], 'expected seconds'],
  ])('%j: exit code 2, and what is wrong', async (options, told) => {
    for (const name of ['send', 'receive']) {
      await using program = Program.wireline(name, ...AT, ...options);
      const { code, stdout, stderr } = await program.exited();
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain(told);
      expect(stderr).not.toMatch(/\n\s+at /);
    }
  });

  test.each([
    [['send', '127.0.0.1', '0', '--framing', 'lines'], '1 to 65535'],
    [['send', '--framing', 'lines'], "missing required argument 'host'"],
    [['receive', '8000', '--framing', 'lines'], 'looks like a port'],
    [['receive', ...AT, 'more', '--framing', 'lines'], 'too many arguments'],
    [['receive', ...AT, '--framing', 'lines', '--raw', '--json'], 'cannot be used with'],
    [['receive', ...AT, '--framing', 'lines', '--text', '-x'], 'cannot be used with'],
    [['receive', ...AT, '--framing', 'lines', '--all', '-n', '2'], 'cannot be used with'],
    [['receive', ...AT, '--framing', 'lines', '--count', '0'], 'whole number from 1'],
  ])('%j: exit code 2', async (args, told) => {
    await using program = Program.wireline(...args);
    const { code, stdout, stderr } = await program.exited();
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(told);
  });

  test.each(['send', 'receive'])('%s --help has the framings and examples', async (name) => {
    await using program = Program.wireline(name, '--help');
    const { code, stdout } = await program.exited();
    expect(code).toBe(0);
    expect(stdout).toContain('  delimited:DELIMITER');
    expect(stdout).toContain('$ wireline send 127.0.0.1 8000 Hello, world --framing length:u32\n');
    expect(stdout).toContain("'delimited:\\r\\n'");
  });
});
