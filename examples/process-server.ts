/**
 * Computes for its clients in processes, which get the connections passed to them.
 *
 *   npm run example -- process-server 127.0.0.1 65432      in one terminal, with 2 processes
 *   npm run example -- process-server 127.0.0.1 65432 4    with 4
 *   nc 127.0.0.1 65432                                     in two others; type numbers: 10, 42
 *   kill -9 PID                                            with the number of one of the processes
 *
 * The answer to 10 is `fibonacci(10) = 55, says process 4711`; the one to 42 takes seconds, and who shares the process
 * waits for it. This process accepts, and passes each connection to the next of the others, over a Unix socket
 * (`sendFds`); then it closes its copy. One that is killed takes its clients with it and nobody else's, and with the
 * next client another one is started. Ctrl-C ends all of them, with exit code 0.
 *
 * They are started before the clients come, because that takes 100 ms, and each serves many. When to take which
 * shape of a server is in the head of `threaded-server`.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { formatAddress, type Family, type InternetEndpoint } from '@wireline/socket';
import { createServer, Socket, socketpair } from '@wireline/socket/promises';

/** A process that serves, and the Unix socket over which it gets connections. */
interface Child {
  readonly process: ChildProcess;
  readonly channel: Socket<'unix'>;
  readonly ended: Promise<void>;
}

const CHILD = '--child';
const CHANNEL = 3; // the descriptor that leads a child to its parent: the first behind standard error
const LARGEST = 45; // larger numbers take minutes
const children = new Set<Child>();
const stop = new AbortController();
const { signal } = stop;

if (process.argv[2] === CHILD) {
  await work();
} else {
  const [host = '127.0.0.1', port = '65432', count = '2', ...more] = process.argv.slice(2);
  const isPort = Number(port) >= 0 && Number(port) <= 65535;
  if (!isPort || !/^[1-9]\d*$/.test(count) || more.length > 0) {
    console.error('usage: npm run example -- process-server [HOST] [PORT] [PROCESSES]');
    process.exit(2);
  }
  process.on('SIGINT', () => stop.abort());
  try {
    await listen({ host, port: Number(port) }, Number(count));
  } catch (error) {
    if (!signal.aborted) {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    }
  }
  for (const child of children) child.process.kill();
}

// #region process-server
async function listen(where: InternetEndpoint, count: number): Promise<void> {
  await using server = await createServer(where);
  console.log(`listening on ${formatAddress(server.getsockname())}`);
  startMissing(count);
  for (;;) {
    const { socket } = await server.accept({ signal });
    using connection = socket; // closed here in any case: the child has a copy of its own
    startMissing(count);
    await pass(connection);
  }
}

function startMissing(count: number): void {
  while (children.size < count) startChild();
}

function startChild(): Child {
  const [channel, theirs] = socketpair({ type: 'seqpacket' });
  const process = spawn(execPath, [fileURLToPath(import.meta.url), CHILD], {
    stdio: ['ignore', 'inherit', 'inherit', theirs.fileno()],
    detached: true, // a terminal tells its whole group of Ctrl-C: this process alone is to hear of it
  });
  theirs.close(); // the child has a copy
  const ended = once(process, 'exit').then(() => {
    children.delete(child);
    channel.close();
    if (!signal.aborted) console.log(`process ${process.pid} is gone`);
  });
  ended.catch(() => {}); // it could not be started, and `pass` will say so
  const child = { process, channel, ended };
  children.add(child);
  return child;
}

// #region pass
/** Passes a connection on to the child whose turn it is. */
async function pass(connection: Socket): Promise<void> {
  for (;;) {
    const [child = startChild()] = children;
    children.delete(child);
    children.add(child); // behind all others
    try {
      await child.channel.sendFds(Uint8Array.of(0), [connection.fileno()], { signal });
      return;
    } catch (error) {
      if (signal.aborted) throw error;
      child.process.kill(); // if it is not gone already
      await child.ended;
    }
  }
}
// #endregion pass

/** What a child does, until its parent ends it, or is gone. */
async function work(): Promise<void> {
  const channel = new Socket<Family>({ fd: CHANNEL });
  for (;;) {
    const { fds } = await channel.recvFds(1, 1);
    if (fds.length === 0) process.exit();
    for (const fd of fds) void serve(new Socket<Family>({ fd }));
  }
}

async function serve(connection: Socket<Family>): Promise<void> {
  await using socket = connection;
  try {
    console.log(`process ${process.pid}: connected by ${formatAddress(socket.getpeername())}`);
    for await (const line of socket.makeFile()) {
      const n = Math.min(Number(new TextDecoder().decode(line)) || 0, LARGEST);
      const answer = `fibonacci(${n}) = ${fibonacci(n)}, says process ${process.pid}\n`;
      await socket.sendAll(new TextEncoder().encode(answer));
    }
  } catch (error) {
    console.log(`process ${process.pid}: lost a client: ${String(error)}`);
  }
}

function fibonacci(n: number): number {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}
// #endregion process-server
