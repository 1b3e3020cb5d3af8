/**
 * Waits again and again, with a selector of `@wireline/socket/selectors`, and prints as JSON what that cost.
 *
 *     node wireline.mjs WAY REGISTERED ACTIVE SECONDS WARM_UP_SECONDS
 *
 * WAY is `epoll`, `poll`, or `epoll-awaited`. Of the REGISTERED sockets the ACTIVE ones have a datagram that nobody
 * receives, so that each wait finds all of them, and nothing is paid for but the waits.
 */
import { readFileSync } from 'node:fs';
import { Socket } from '@wireline/socket';
import { EpollSelector, EVENT_READ, PollSelector } from '@wireline/socket/selectors';

/** Between two looks at the clock. */
const WAITS_AT_A_TIME = 64;

const [way = '', ...numbers] = process.argv.slice(2);
const [registered = 0, active = 0, seconds = 0, warmUpSeconds = 0] = numbers.map(Number);

const selector = way === 'poll' ? new PollSelector() : new EpollSelector();
const sockets = Array.from({ length: registered }, () => new Socket({ type: 'dgram' }));
for (const socket of sockets) selector.register(socket, 'read');
// In the middle: neither first nor last.
const first = Math.floor((registered - active) / 2);
for (const socket of sockets.slice(first, first + active)) {
  socket.bind({ host: '127.0.0.1', port: 0 });
  socket.connect(socket.getsockname());
  socket.send(Uint8Array.of(1));
}

/** @param {number} forSeconds */
function waitBlocking(forSeconds) {
  const end = performance.now() + forSeconds * 1000;
  let events = 0;
  do {
    for (let waits = 0; waits < WAITS_AT_A_TIME; waits++) {
      for (const ready of selector.select()) events += ready.events & EVENT_READ;
    }
  } while (performance.now() < end);
  return events;
}

/** @param {number} forSeconds */
async function waitAwaiting(forSeconds) {
  const end = performance.now() + forSeconds * 1000;
  let events = 0;
  do {
    for (let waits = 0; waits < WAITS_AT_A_TIME; waits++) {
      for (const ready of await selector.ready()) events += ready.events & EVENT_READ;
    }
  } while (performance.now() < end);
  return events;
}

/** How long the first thread was ready to run and did not, in microseconds; 0 where the kernel does not say. */
function waitedUs() {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1000;
  } catch {
    return 0;
  }
}

const wait = way === 'epoll-awaited' ? waitAwaiting : waitBlocking;
await wait(warmUpSeconds);
const waitedBefore = waitedUs();
const before = process.cpuUsage();
const start = performance.now();
const events = await wait(seconds);
const took = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(before);
const waited = waitedUs() - waitedBefore;
console.log(JSON.stringify({ events, user, system, seconds: took, waited }));
selector.close();
for (const socket of sockets) socket.close();
