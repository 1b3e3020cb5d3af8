/** What the tests of `http-server` and `http-get` share: raw clients, files, and programs that may be missing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Program, type Outcome } from '../support/program.ts';

/** Whether this machine has IPv6. */
export const HAS_IPV6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

/** A folder that is removed in the end. */
export class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'wireline-'));

  file(name: string): string {
    return join(this.path, name);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

/** Runs `wireline` to its end. */
export async function run(...args: readonly string[]): Promise<Outcome> {
  await using program = Program.wireline(...args);
  return await program.exited();
}

/** Runs `wireline` to its end; standard output as bytes. */
export async function runForBytes(...args: readonly string[]): Promise<Buffer> {
  const child = spawn(process.execPath, ['packages/cli/bin/wireline.js', ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(child, 'close');
  return Buffer.concat(chunks);
}

/** Whether a program is installed. */
export function hasProgram(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A client by hand. */
export class RawClient implements Disposable {
  readonly socket: Socket;
  /** Settles with all that came, when the connection is over, be it by a reset. */
  readonly closed: Promise<string>;
  #text = '';

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1');
    });
    this.closed = new Promise((resolve) => socket.once('close', () => resolve(this.#text)));
  }

  /** Connects. It closes when the server does. */
  static async connect(port: number, options: Partial<NetConnectOpts> = {}): Promise<RawClient> {
    const socket = connect({ host: '127.0.0.1', port, ...options });
    const client = new RawClient(socket);
    await once(socket, 'connect');
    return client;
  }

  /** What has come so far, as Latin-1. */
  get text(): string {
    return this.#text;
  }

  /** Resolves when `pattern` has come. */
  async receives(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#text)) await once(this.socket, 'data');
  }

  /** Sends `text` as often as it is taken, until the connection is over. */
  sendAgainAndAgain(text: string): void {
    const send = (): void => {
      while (this.socket.writable && this.socket.write(text));
    };
    this.socket.on('drain', send);
    send();
  }

  /** Throws away what comes from now on. Resolves when that were so many bytes. */
  async passesBy(bytes: number): Promise<void> {
    let left = bytes;
    this.socket.removeAllListeners('data');
    await new Promise<void>((resolve) => {
      this.socket.on('data', (chunk: Buffer) => {
        left -= chunk.length;
        if (left <= 0) resolve();
      });
    });
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** Sends `text`, then the end, and resolves to all that comes back. */
export async function ask(port: number, text: string): Promise<string> {
  using client = await RawClient.connect(port);
  client.socket.end(Buffer.from(text, 'latin1'));
  return await client.closed;
}

/** The most memory that a process has had, in bytes. */
export function mostMemory(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}
