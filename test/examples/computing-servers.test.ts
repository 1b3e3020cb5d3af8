/** threaded-server and process-server: a computation holds up nobody, and each ends with all that belongs to it. */
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Program } from '../support/program.ts';
import { exchange, HAS_IPV6, listen, run, start } from './example.ts';
import { Talker } from './talker.ts';

const HOSTS = ['127.0.0.1', 'localhost', ...(HAS_IPV6 ? ['::1'] : [])];

/** A number that takes seconds, and its answer. */
const LONG = '41';
const LONG_ANSWER = /fibonacci\(41\) = 165580141, says (?:thread|process) (\d+)\n/;
const SHORT_ANSWER = /fibonacci\(10\) = 55, says (?:thread|process) (\d+)\n/;

async function join(server: Program): Promise<Talker> {
  const port = await server.port();
  return Talker.connect({ host: '127.0.0.1', port });
}

/** Who answers. */
async function ask(talker: Talker): Promise<number> {
  talker.say('10\n');
  const [, who] = await talker.hears(SHORT_ANSWER);
  return Number(who);
}

describe.each(['threaded-server', 'process-server'])('%s', (name) => {
  test.each(HOSTS)('computes on %s', async (host) => {
    await using server = start(name, host, '0');
    const answers = await exchange(host, await server.port(), Buffer.from('10\nno number\n1'));
    const who = name === 'threaded-server' ? 'thread 1' : String.raw`process \d+`;
    expect(answers.toString()).toMatch(
      new RegExp(
        `^fibonacci\\(10\\) = 55, says ${who}\nfibonacci\\(0\\) = 0, says ${who}\nfibonacci\\(1\\) = 1, says ${who}\n$`,
      ),
    );
    await server.says(/connected by (127\.0\.0\.1|\[::1\]):\d+/);
  });

  test('what takes long for one does not hold up another', async () => {
    await using server = start(name, '127.0.0.1', '0', '2');
    using patient = await join(server);
    patient.say(`${LONG}\n`);
    await server.says(/connected by/);
    using other = await join(server);
    await ask(other);
    expect(patient.text).toBe('');
    await patient.hears(LONG_ANSWER);
  });

  test('a reset is not the trouble of others', async () => {
    await using server = start(name, '127.0.0.1', '0', '2');
    using other = await join(server);
    await ask(other);
    using lost = await join(server);
    await ask(lost);
    lost.reset();
    await server.says(/lost .*reset/);
    other.say('1\n');
    await other.hears(/fibonacci\(1\) = 1/);
    expect(other.socket.destroyed).toBe(false);
  });

  test('Ctrl-C ends those that compute, and those that wait', async () => {
    await using server = start(name, '127.0.0.1', '0', '2');
    using waiting = await join(server);
    await ask(waiting);
    using computing = await join(server);
    await ask(computing);
    computing.say('45\n');
    server.signal('SIGINT');
    // It ends when its standard output is closed, by its processes, too.
    expect(await server.exited()).toMatchObject({ code: 0, stderr: '' });
    await Promise.all([waiting.closed, computing.closed]);
    expect(computing.text).not.toContain('45');
  });

  test('a port in use is told in a line', async () => {
    await using peer = await listen(() => {});
    const { code, stdout, stderr } = await run(name, '127.0.0.1', String(peer.port));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^bind 127\.0\.0\.1:\d+: the address is in use.*\(EADDRINUSE\)\n$/);
  });
});

describe('threaded-server', () => {
  test('has as many threads as it is told; who comes then waits for one', async () => {
    await using server = start('threaded-server', '127.0.0.1', '0', '2');
    using first = await join(server);
    await ask(first);
    using second = await join(server);
    await ask(second);
    using third = await join(server);
    third.say('10\n');
    first.say('1\n'); // answered by a server that could have taken the third one meanwhile
    await first.hears(/fibonacci\(1\)/);
    expect(server.output.stdout.match(/connected by/g)).toHaveLength(2);
    second.socket.end();
    await third.hears(SHORT_ANSWER);
    await server.says(/thread 2 is free\n/);
  });

  test('no descriptor stays open when a client has left', async () => {
    await using server = start('threaded-server', '127.0.0.1', '0');
    await once(server, 1);
    const before = openDescriptors(server);
    for (let turn = 2; turn <= 5; turn++) await once(server, turn);
    expect(openDescriptors(server)).toBe(before);
  });

  /** A client that comes and goes. */
  async function once(server: Program, thread: number): Promise<void> {
    using talker = await join(server);
    expect(await ask(talker)).toBe(thread);
    talker.socket.end();
    await talker.closed;
    await server.says(new RegExp(`thread ${thread} is free\n`));
  }
});

describe('process-server', () => {
  test('gives each connection to the next process', async () => {
    await using server = start('process-server', '127.0.0.1', '0', '3');
    const talkers = [];
    for (let turn = 0; turn < 6; turn++) talkers.push(await join(server));
    const pids = await Promise.all(talkers.map((talker) => ask(talker)));
    expect(new Set(pids).size).toBe(3);
    expect(pids.slice(3)).toEqual(pids.slice(0, 3));
    expect(pids).not.toContain(server.pid);
    for (const talker of talkers) talker[Symbol.dispose]();
  });

  test('one that is killed takes its clients with it and nobody else, and is replaced', async () => {
    await using server = start('process-server', '127.0.0.1', '0', '2');
    using unlucky = await join(server);
    const victim = await ask(unlucky);
    using lucky = await join(server);
    const survivor = await ask(lucky);
    process.kill(victim, 'SIGKILL');
    await unlucky.closed;
    await server.says(new RegExp(`process ${victim} is gone\n`));
    using next = await join(server);
    using another = await join(server);
    const pids = [await ask(next), await ask(another)];
    expect(pids).toContain(survivor);
    expect(pids).not.toContain(victim);
    expect(new Set(pids).size).toBe(2);
    lucky.say('1\n');
    await lucky.hears(/fibonacci\(1\)/);
  });

  test('the parent keeps no copy of what it has passed on', async () => {
    await using server = start('process-server', '127.0.0.1', '0', '2');
    using first = await join(server);
    await ask(first);
    const before = openDescriptors(server);
    const talkers = await Promise.all(Array.from({ length: 10 }, () => join(server)));
    await Promise.all(talkers.map((talker) => ask(talker)));
    // A process may answer before the parent gets to close its copy: of the last one, and of the first.
    await expect.poll(() => openDescriptors(server)).toBeLessThanOrEqual(before);
    for (const talker of talkers) talker[Symbol.dispose]();
  });

  test('when it is killed itself, its processes end, too', async () => {
    await using server = start('process-server', '127.0.0.1', '0', '2');
    using talker = await join(server);
    await ask(talker);
    server.signal('SIGKILL');
    // Its standard output is closed: nobody has it any more.
    expect(await server.exited()).toMatchObject({ signal: 'SIGKILL', stderr: '' });
    await talker.closed;
  });
});

function openDescriptors(server: Program): number {
  return readdirSync(`/proc/${server.pid}/fd`).length;
}
