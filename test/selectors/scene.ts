/**
 * What the selectors of the tests wait for: pipes, which do what they do at once and have two ends of plain
 * numbers, and sockets of both faces. All of it is closed when its test is over.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection, createServer, type Libc, type Socket } from '@wireline/socket';
import type { Selector, SelectorEvent } from '@wireline/socket/selectors';
import { onTestFinished } from 'vitest';
// No entry point exports the C library itself, only its type.
import { openLibc } from '../../packages/socket/src/libc/library.ts';

const ANY_PORT = { host: '127.0.0.1', port: 0 };

/** More than the kernel keeps for a pipe. */
export const FULL = new Uint8Array(1024 * 1024);

/** One end of a pipe: a descriptor that is closed once. */
export class End {
  readonly fd: number;
  #open = true;

  constructor(fd: number) {
    this.fd = fd;
    onTestFinished(() => this.close());
  }

  close(): void {
    if (this.#open) closeSync(this.fd);
    this.#open = false;
  }
}

/** A pipe, with bytes to put in and to take out. */
export class Pipe {
  readonly reader: End;
  readonly writer: End;

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), 'pipe-'));
    const path = join(folder, 'pipe');
    const made = spawnSync('mkfifo', [path], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`make a pipe: ${made.stderr}`);
    // The reader first: nobody can open the other end before.
    this.reader = new End(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
    this.writer = new End(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
    rmSync(folder, { recursive: true });
  }

  /** Makes it readable, or more so. */
  put(byte = 0): void {
    writeSync(this.writer.fd, Uint8Array.of(byte));
  }

  /** Makes it take no more. */
  fill(): void {
    try {
      for (;;) writeSync(this.writer.fd, FULL);
    } catch {
      // It would have to wait.
    }
  }

  /** Takes up to `count` bytes out. */
  take(count = 1): number {
    return readSync(this.reader.fd, new Uint8Array(count));
  }
}

/** `socket`, closed when its test is over. */
export function kept<S extends { close(): unknown }>(socket: S): S {
  onTestFinished(() => void socket.close());
  return socket;
}

/** The two ends of a connection that block, and its listener. */
export function connection(): { listener: Socket; near: Socket; far: Socket } {
  const listener = kept(createServer(ANY_PORT));
  const near = kept(createConnection(listener.getsockname()));
  const far = kept(listener.accept().socket);
  return { listener, near, far };
}

/** A copy of a socket's descriptor, as a plain number. */
export function duplicateOf(socket: Socket): End {
  return new End(socket.dup().detach());
}

/** A number that is no open descriptor: the highest that there can be. */
export const NOT_OPEN = 2 ** 31 - 1;

/** The C library of this machine, some of whose calls are otherwise. */
export function libcWith(changes: Partial<Libc>): Libc {
  return { ...openLibc(), ...changes };
}

/** The C library of this machine, and how often each of some calls was made. */
export function counting(): { libc: Libc; counts: Record<'poll' | 'epollWait', number> } {
  const real = openLibc();
  const counts = { poll: 0, epollWait: 0 };
  const libc = libcWith({
    poll(...values) {
      counts.poll++;
      return real.poll(...values);
    },
    epollWait(...values) {
      counts.epollWait++;
      return real.epollWait(...values);
    },
  });
  return { libc, counts };
}

/** A selector of the tests: a key's data is a word. */
export type TestSelector = Selector<string | undefined>;

/** What the selectors of the tests report. */
export type TestEvent = SelectorEvent<string | undefined>;

/** Either way to wait, so that one test is of both. */
export type Wait = (selector: TestSelector, timeoutMs?: number | null) => Promise<TestEvent[]>;

/** Both ways to wait. */
export const WAITS: readonly (readonly [name: string, wait: Wait])[] = [
  ['select', async (selector, timeoutMs) => selector.select(timeoutMs)],
  ['ready', (selector, timeoutMs = null) => selector.ready({ timeoutMs })],
];

/** What is ready, by descriptor. */
export function byDescriptor(events: readonly SelectorEvent<unknown>[]): Record<number, number> {
  return Object.fromEntries(events.map((event) => [event.key.fd, event.events]));
}
