/**
 * Computes for its clients, in a worker thread for each of them.
 *
 *   npm run example -- threaded-server 127.0.0.1 65432      in one terminal, for up to 4 clients at the same time
 *   npm run example -- threaded-server 127.0.0.1 65432 8    for up to 8
 *   nc 127.0.0.1 65432                                      in two others; type numbers: 10, 42
 *
 * The answer to 10 is `fibonacci(10) = 55, says thread 1`. The one to 42 takes seconds, and nobody else waits for it.
 * Who comes when all threads are taken waits until one is free; who says nothing for a minute has to go, so that
 * somebody else gets the thread. Ctrl-C ends the server, with exit code 0.
 *
 * Three shapes of a server, and when to take which:
 * - One loop over a selector (`multiconn-server`), or `await`: thousands of connections, each of which wants little.
 *   The cheapest by far; but what is computed for one, all others wait for.
 * - A thread for each client, as here: few of them, who want much computed. The code is the simplest, one call after
 *   the other, because it may block. But a thread costs megabytes, and a silent client one as much as a busy one.
 * - Processes (`process-server`): what crashes takes nobody else with it, and may have other rights and limits. They
 *   cost more still, and share nothing but what they send each other.
 */
import { isMainThread, threadId, Worker, workerData } from 'node:worker_threads';
import { formatAddress, Socket, type Family, type InternetEndpoint } from '@wireline/socket';
import { createServer, type Socket as AwaitedSocket } from '@wireline/socket/promises';

const SILENCE_MS = 60_000;
const LARGEST = 45; // larger numbers take minutes
const workers = new Map<Worker, Promise<void>>();

if (isMainThread) {
  const [host = '127.0.0.1', port = '65432', threads = '4', ...more] = process.argv.slice(2);
  const isUsed = Number(port) >= 0 && Number(port) <= 65535 && /^[1-9]\d*$/.test(threads);
  if (!isUsed || more.length > 0) {
    console.error('usage: npm run example -- threaded-server [HOST] [PORT] [THREADS]');
    process.exit(2);
  }
  const stop = new AbortController();
  process.on('SIGINT', () => {
    stop.abort();
    for (const worker of workers.keys()) void worker.terminate();
  });
  try {
    await listen({ host, port: Number(port) }, Number(threads), stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    }
  }
} else {
  serve(Number(workerData));
}

// #region threaded-server
async function listen(where: InternetEndpoint, most: number, signal: AbortSignal): Promise<void> {
  await using server = await createServer(where);
  console.log(`listening on ${formatAddress(server.getsockname())}`);
  for (;;) {
    const { socket, address } = await server.accept({ signal });
    startThread(socket, formatAddress(address));
    while (workers.size >= most) await Promise.race(workers.values());
  }
}

function startThread(accepted: AwaitedSocket, peer: string): void {
  using socket = accepted; // closes it when there can be no thread
  const worker = new Worker(new URL(import.meta.url), { workerData: socket.fileno() });
  socket.detach(); // it is the worker's now
  const { threadId } = worker;
  console.log(`connected by ${peer}, thread ${threadId}`);
  worker.on('error', ({ message }) => console.log(`lost ${peer}: ${message}`));
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      console.log(`thread ${threadId} is free`);
      workers.delete(worker);
      resolve();
    });
  });
  workers.set(worker, ended);
}

// #region thread
/** In a thread of its own: it may block, and compute. */
function serve(fd: number): void {
  using socket = new Socket<Family>({ fd });
  socket.setTimeout(SILENCE_MS);
  for (const line of socket.makeFile()) {
    const n = Math.min(Number(new TextDecoder().decode(line)) || 0, LARGEST);
    const answer = `fibonacci(${n}) = ${fibonacci(n)}, says thread ${threadId}\n`;
    socket.sendAll(new TextEncoder().encode(answer));
  }
}
// #endregion thread

function fibonacci(n: number): number {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}
// #endregion threaded-server
