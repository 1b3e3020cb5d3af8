/** The server of ours, as a program of its own: what is tried where nobody names another. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Where it was built to: the command runs from the build, too. */
const PROGRAM = fileURLToPath(new URL('./peers/server.js', import.meta.url));

/** How it says where it listens. */
const LISTENING = /listening on (\S+):(\d+)\n/;

/** A process that listens. */
export class OwnServer {
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, host: string, port: number) {
    this.#child = child;
    this.host = host;
    this.port = port;
    this.pid = child.pid ?? 0;
  }

  /** Starts it, and waits until it listens. */
  static async start(signal: AbortSignal): Promise<OwnServer> {
    const child = spawn(process.execPath, [PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] });
    // Ctrl-C reaches the whole group; whoever stops us alone stops it, too.
    signal.addEventListener('abort', () => void child.kill());
    let output = '';
    child.stdout.setEncoding('utf8');
    for await (const text of child.stdout) {
      output += String(text);
      const found = LISTENING.exec(output);
      if (found !== null) return new OwnServer(child, found[1] ?? '', Number(found[2]));
    }
    throw new Error('start a server: it ended before it listened; what it said stands above');
  }

  /** Ends it, and waits until it is gone. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill();
    await once(this.#child, 'exit');
  }
}
