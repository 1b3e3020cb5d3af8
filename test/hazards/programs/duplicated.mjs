/**
 * A child process inherits a connection on purpose, so that it outlives our closing it. Then data arrives
 * on it, and our loop must neither hear of it nor keep waking up.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { EventLoop } from '@wireline/socket/event-loop';
import { connectedPair, listening, report } from './tools.mjs';

const IDLE_MS = 300;

const [near, far] = await connectedPair();
const loop = new EventLoop();
const listener = listening();
const other = loop.register(listener.fileno(), 'read', { onReady: () => {} }); // keeps the loop at work
let events = 0;
const registration = loop.register(far.fileno(), 'read', { onReady: () => events++ });

// Its standard output is our connection. It ends when its input does.
const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
  stdio: ['pipe', far.fileno(), 'inherit'],
});
await once(child, 'spawn');
registration.unregister();
far.close();
near.trySend(new Uint8Array(100)); // the child's to read, and it does not

// A real wait: there is no event to wait for, what is measured is that nothing happens meanwhile.
const before = process.cpuUsage();
await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
const { user, system } = process.cpuUsage(before);

other.unregister();
child.stdin?.end();
await once(child, 'exit');
report({ events, busy: (user + system) / 1000 / IDLE_MS });
