/**
 * Program: a child process whose lines can be awaited, and which never outlives the benchmark.
 *
 * Waiting for a line, or for the end, rejects when the program ends otherwise than was hoped for; the error
 * has its last words. `killPrograms` ends all of them and lets none start afterwards: every wait then rejects,
 * and the benchmark unwinds.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { ROOT } from './workspace.ts';

/** What of a program's last words is told. */
const LAST_WORDS_LENGTH = 2000;

const running = new Set<Program>();
let isStopping = false;

/** Ends all programs, and lets none start any more. */
export function killPrograms(): void {
  isStopping = true;
  for (const program of running) program.kill();
}

/** Whether {@link killPrograms} was called: what fails now fails because of that. */
export function isBeingStopped(): boolean {
  return isStopping;
}

/** Which output of a program. */
export type Output = 'stdout' | 'stderr';

/** A running program. */
export class Program {
  /** What it is called in errors. */
  readonly name: string;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #texts: Record<Output, string> = { stdout: '', stderr: '' };
  readonly #ended: Promise<void>;
  #wake: () => void = () => {};
  /** How it ended, in words; undefined while it runs. */
  #outcome: string | undefined;

  private constructor(name: string, child: ChildProcess, pid: number) {
    this.name = name;
    this.pid = pid;
    this.#child = child;
    for (const output of ['stdout', 'stderr'] as const) {
      child[output]?.setEncoding('utf8').on('data', (text: string) => {
        this.#texts[output] += text;
        this.#wake();
      });
    }
    child.stdin?.on('error', () => {}); // it ended; its exit tells more
    running.add(this);
    this.#ended = once(child, 'close').then(([code, signal]) => {
      running.delete(this);
      this.#outcome = signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
      this.#wake();
    });
  }

  /**
   * Starts a program in the root of the repository.
   *
   * @throws if there is no such program
   */
  static async start(name: string, command: readonly string[]): Promise<Program> {
    if (isStopping) throw new Error(`start ${name}: the benchmark is being stopped`);
    const [file = '', ...args] = command;
    const child = spawn(file, args, { cwd: ROOT, stdio: 'pipe' });
    const { pid } = child;
    if (pid !== undefined) return new Program(name, child, pid);
    // Without a process there is an error, and the event says which.
    const [error] = (await once(child, 'error')) as [Error];
    throw new Error(`start ${name}: ${error.message}`);
  }

  /** Resolves to the first match in what the program has printed, or will. */
  async says(pattern: RegExp, output: Output = 'stdout'): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#texts[output]);
      if (found !== null) return found;
      if (this.#outcome !== undefined) throw this.#unexpected(`say ${pattern}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Forgets what was printed so far: {@link says} then waits for what comes. */
  forget(): void {
    this.#texts.stdout = '';
    this.#texts.stderr = '';
  }

  /** Lets its standard input end. */
  endInput(): void {
    this.#child.stdin?.end();
  }

  /** Sends it a signal. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it. Harmless when it has ended. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** The end of what it has printed, for whoever has to tell that something went wrong with it. */
  get lastWords(): string {
    return `${this.#texts.stdout}${this.#texts.stderr}`.trim().slice(-LAST_WORDS_LENGTH);
  }

  /** Waits for its end, however that comes. */
  async ended(): Promise<void> {
    await this.#ended;
  }

  /** Waits for its end and resolves to what it printed. Rejects if it failed. */
  async result(): Promise<string> {
    await this.#ended;
    if (this.#outcome !== 'ended with code 0') throw this.#unexpected('run');
    return this.#texts.stdout;
  }

  /**
   * Waits for one whole line, ends the program, and resolves to the line. For programs of ours that have nothing left
   * to do then: Node may wait at its end for a thread that compiles and waits for Node (nodejs/node#54918).
   */
  async line(): Promise<string> {
    const [line] = await this.says(/^.*(?=\n)/);
    this.kill();
    await this.#ended;
    return line;
  }

  #unexpected(attempt: string): Error {
    return new Error(
      `${attempt}: ${this.name} ${this.#outcome}; its last words: ${this.lastWords || 'none'}`,
    );
  }
}
