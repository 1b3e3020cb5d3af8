/** Which streams keep their process alive. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { untilAsleep } from '../hazards/asleep.ts';
import { Program } from '../support/program.ts';
import { kept } from './connection.ts';
import { KINDS } from './stream-kind.ts';

const PROGRAM = fileURLToPath(new URL('programs/lifetime.mjs', import.meta.url));

/** Starts a program whose stream is in `state`, and is the other end of it, which does not read. */
async function started(kind: string, state: string): Promise<{ program: Program; peer: Socket }> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listen: no port');
  const program = Program.run(process.execPath, PROGRAM, kind, state, String(address.port));
  onTestFinished(() => program[Symbol.asyncDispose]());
  const [peer] = (await once(server, 'connection')) as [Socket]; // what the event carries
  await program.says(/ready\n/);
  return { program, peer: kept(peer.on('error', () => {})) };
}

describe.each(KINDS)('$name', ({ name }) => {
  const ends = ['reading, unref', 'unref, and then reading', 'destroyed'];

  test.each(ends)('%s: the process ends, its connection open', async (state) => {
    const { program } = await started(name, state);
    expect(await program.exited()).toMatchObject({ code: 0, stderr: '' });
  });

  const lives = [
    'reading',
    'unref, and ref again',
    'writing more than fits',
    // Both read from the beginning, whether anybody asks or not.
    'nobody reads',
    'a time-out',
    'written, and all is gone',
  ];

  test.each(lives)('%s: it lives until the connection is over', async (state) => {
    const { program, peer } = await started(name, state);
    await untilAsleep(program.pid);
    expect(program.process.exitCode).toBeNull();
    peer.resetAndDestroy();
    expect(await program.exited()).toMatchObject({ code: 0, stdout: 'ready\nover\n' });
  });
});
