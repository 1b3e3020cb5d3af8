/**
 * Program: a child process under test, whose lines can be awaited and which never outlives the test.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Nothing that a test starts takes this long; a process that does is killed and the test fails. */
const DEADLINE_MS = 15_000;

/** Options of {@link Program.start}. */
export interface ProgramOptions {
  /** How long it may live; 15 s unless told. A server that serves a whole file of tests needs more. */
  readonly deadlineMs?: number;
}

/** How a process ended, and all that it wrote. */
export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running program. */
export class Program implements AsyncDisposable {
  readonly process: ChildProcess;
  readonly #deadline: NodeJS.Timeout;
  readonly #exited: Promise<Outcome>;
  #stdout = '';
  #stderr = '';
  readonly #waiting: (() => void)[] = [];

  private constructor(command: string, args: readonly string[], options: ProgramOptions = {}) {
    this.process = spawn(command, args, {
      cwd: root,
      env: { ...process.env, NO_COLOR: '1', PYTHONDONTWRITEBYTECODE: '1' },
    });
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#wake();
    });
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      this.#wake();
    });
    this.process.stdin?.on('error', () => {}); // it may be gone before it is told
    this.#deadline = setTimeout(
      () => this.process.kill('SIGKILL'),
      options.deadlineMs ?? DEADLINE_MS,
    );
    this.#exited = once(this.process, 'close').then(([code, signal]) => {
      clearTimeout(this.#deadline);
      this.#wake();
      // What the event `close` of a child process is documented to carry.
      return { ...this.output, code: code as number | null, signal: signal as Outcome['signal'] };
    });
  }

  /** The command line as it is built, without npx in between. */
  static wireline(...args: readonly string[]): Program {
    return new Program(process.execPath, ['packages/cli/bin/wireline.js', ...args]);
  }

  /** A Python peer of `interop/python`. */
  static python(script: 'server.py' | 'client.py', ...args: readonly string[]): Program {
    return new Program('python3', [`interop/python/${script}`, ...args]);
  }

  /** Any other program. */
  static run(command: string, ...args: readonly string[]): Program {
    return new Program(command, args);
  }

  /** Any other program, with options. */
  static start(command: string, args: readonly string[], options: ProgramOptions): Program {
    return new Program(command, args, options);
  }

  /** Its process id. */
  get pid(): number {
    const { pid } = this.process;
    if (pid === undefined) throw new Error(`start ${this.process.spawnfile}: it did not start`);
    return pid;
  }

  get output(): { readonly stdout: string; readonly stderr: string } {
    return { stdout: this.#stdout, stderr: this.#stderr };
  }

  /** Resolves to the match when standard output has it. Rejects when the program ends without. */
  says(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#has('stdout', pattern);
  }

  /** The same for standard error. */
  complains(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#has('stderr', pattern);
  }

  /** Writes a line to its standard input. */
  tell(line: string): void {
    this.process.stdin?.write(`${line}\n`);
  }

  async #has(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.output[stream]);
      if (found !== null) return found;
      if (this.process.exitCode !== null || this.process.signalCode !== null) {
        const { code, stdout, stderr } = await this.#exited;
        throw new Error(`ended with ${code} before it said ${pattern}\n${stdout}\n${stderr}`);
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** The port that a server says it listens on. */
  async port(): Promise<number> {
    const [, port] = await this.says(/listening on \S+:(\d+)/);
    return Number(port);
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** Waits for its end. */
  exited(): Promise<Outcome> {
    return this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.process.kill('SIGKILL');
    await this.#exited;
  }
}
