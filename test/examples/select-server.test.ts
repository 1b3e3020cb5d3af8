/** select-server, with a keyboard that the test types on, and clients that are not ours. */
import { describe, expect, test } from 'vitest';
import { Program } from '../support/program.ts';
import { HAS_IPV6, listen, run, start } from './example.ts';
import { Talker } from './talker.ts';

const HOSTS = ['127.0.0.1', 'localhost', ...(HAS_IPV6 ? ['::1'] : [])];

/** Sends a byte of urgent data, between two ordinary ones. */
const URGENT = `
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as s:
    s.send(b"a")
    s.send(b"!", socket.MSG_OOB)
    s.recv(1)
`;

/** Connects, and waits until the server knows. */
async function join(server: Program, host: string = '127.0.0.1'): Promise<Talker> {
  const talker = await Talker.connect({ host, port: await server.port() });
  await server.says(new RegExp(`:${talker.socket.localPort} is here\n`));
  return talker;
}

describe('select-server', () => {
  test.each(HOSTS)('what one says the others hear, on %s', async (host) => {
    await using server = start('select-server', host, '0');
    using ann = await join(server, host);
    using bob = await join(server, host);
    using eve = await join(server, host);
    ann.say('hello\n');
    await Promise.all([bob.hears(/^hello\n$/), eve.hears(/^hello\n$/)]);
    bob.say('hello yourself\n');
    await Promise.all([ann.hears(/^hello yourself\n$/), eve.hears(/^hello\nhello yourself\n$/)]);
    await server.says(/:\d+: "hello yourself\\n"\n/);
    expect(ann.text).toBe('hello yourself\n');
  });

  test('what is typed goes to all; the end of the keyboard is not the end', async () => {
    await using server = start('select-server', '127.0.0.1', '0', '0.2');
    using ann = await join(server);
    using bob = await join(server);
    server.tell('dinner is ready');
    await Promise.all([ann.hears(/^dinner is ready\n$/), bob.hears(/^dinner is ready\n$/)]);
    server.process.stdin?.end();
    // It is not watched any more: it would be readable for ever.
    await server.says(/nothing happened/);
    ann.say('coming');
    await bob.hears(/coming$/);
    await server.says(/coming"\n(?:.|\n)*nothing happened/);
    server.signal('SIGINT');
    expect(await server.exited()).toMatchObject({ code: 0, stderr: '' });
  });

  test('the time-out ends the wait, and nothing else', async () => {
    await using server = start('select-server', '127.0.0.1', '0', '0.05');
    await server.says(/nothing happened for 0\.05 s; clients: 0\n/);
    using ann = await join(server);
    await server.says(/nothing happened for 0\.05 s; clients: 1\n/);
    server.tell('still here?');
    await ann.hears(/still here\?/);
    expect(server.output.stdout).not.toContain('gone');
  });

  test('urgent data is in the third list, and not among the others', async () => {
    await using server = start('select-server', '127.0.0.1', '0', '0.05');
    using ann = await join(server);
    const port = String(await server.port());
    await using client = Program.run('python3', '-c', URGENT, port);
    await server.says(/ urgently: "!"\n/);
    await ann.hears(/a/);
    // It is told once: the next wait is over by its time-out.
    await server.says(/urgently(?:.|\n)*nothing happened/);
    expect(server.output.stdout.match(/urgently/g)).toHaveLength(1);
    expect(ann.text).toBe('a');
    server.tell('bye');
    expect(await client.exited()).toMatchObject({ code: 0 });
  });

  test('who leaves or resets hurts nobody else', async () => {
    await using server = start('select-server', '127.0.0.1', '0');
    using ann = await join(server);
    using bob = await join(server);
    using lost = await join(server);
    using gone = await join(server);
    gone.socket.end();
    await server.says(new RegExp(`:${gone.socket.localPort} is gone: said goodbye\n`));
    lost.reset();
    await server.says(/ is gone: ConnectionResetError: recv: reset/);
    ann.say('who is left?');
    await bob.hears(/^who is left\?$/);
    expect(server.output.stdout.match(/is gone/g)).toHaveLength(2);
  });

  test('who does not listen is given up', async () => {
    await using server = start('select-server', '127.0.0.1', '0');
    using ann = await join(server);
    using deaf = await join(server);
    deaf.socket.pause();
    // More than the buffers on the way hold, and the megabyte that the server keeps.
    ann.say('x'.repeat(32 * 1024 * 1024));
    await server.says(new RegExp(`:${deaf.socket.localPort} is gone: does not listen\n`));
    using bob = await join(server);
    server.tell('is anybody there?');
    await bob.hears(/is anybody there\?/);
    expect(ann.socket.destroyed).toBe(false);
  });

  test('control characters of others do not reach the terminal', async () => {
    await using server = start('select-server', '127.0.0.1', '0');
    using ann = await join(server);
    ann.say('\u001b[2J');
    await server.says(/: "\\u001b\[2J"\n/);
    expect(server.output.stdout).not.toContain('\u001b');
  });

  test('a port in use is told in a line', async () => {
    await using peer = await listen(() => {});
    const { code, stdout, stderr } = await run('select-server', '127.0.0.1', `${peer.port}`);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^bind 127\.0\.0\.1:\d+: the address is in use.*\(EADDRINUSE\)\n$/);
  });
});
