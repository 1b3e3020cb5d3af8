/**
 * Terminals with a program in each, typed at by a test. `terminals.py` holds them, and ends with the test.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const driver = fileURLToPath(new URL('terminals.py', import.meta.url));

/** 60 s: no file of tests holds its terminals longer. */
const LIFETIME_SECONDS = 60;

/** 10 s: nothing that is awaited takes so long, on a busy machine either. */
const DEADLINE_MS = 10_000;

/** What `terminals.py` tells. */
interface TerminalEvent {
  readonly terminal: number;
  readonly output?: string;
  readonly ended?: number;
}

/** The terminals of a test. */
export class Terminals implements AsyncDisposable {
  readonly #driver: ChildProcess;
  readonly #terminals: Terminal[] = [];

  constructor() {
    this.#driver = spawn('python3', [driver, String(LIFETIME_SECONDS)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    });
    if (this.#driver.stdout === null) throw new Error('terminals.py has no output');
    createInterface({ input: this.#driver.stdout }).on('line', (line) => {
      const event = JSON.parse(line) as TerminalEvent; // as terminals.py says at its head
      this.#terminals[event.terminal]?.take(event);
    });
  }

  /** A terminal with `wireline repl` in it, at its first prompt. */
  async prompt(options: PromptOptions = {}): Promise<Terminal> {
    const { args = [], env = {} } = options;
    const terminal = this.open(
      [process.execPath, 'packages/cli/bin/wireline.js', 'repl', ...args],
      env,
    );
    await terminal.shows(/> $/);
    return terminal;
  }

  /** A terminal with any program in it. */
  open(command: readonly string[], env: Readonly<Record<string, string>> = {}): Terminal {
    const number = this.#terminals.length;
    const terminal = new Terminal((key, more) => this.#tell({ [key]: number, ...more }));
    this.#terminals.push(terminal);
    const environment = { ...process.env, ...ENVIRONMENT, ...env };
    this.#tell({ open: number, command: ['env', '-C', root, ...command], environment });
    return terminal;
  }

  #tell(command: object): void {
    this.#driver.stdin?.write(`${JSON.stringify(command)}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#driver.exitCode !== null) return; // its time was over
    const ended = once(this.#driver, 'exit');
    this.#driver.stdin?.end();
    await ended;
  }
}

/** A real terminal without colours, whose user has no history. */
const ENVIRONMENT = { TERM: 'xterm', NO_COLOR: '1', WIRELINE_REPL_HISTORY: '' };

/** How a prompt is started. */
export interface PromptOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** One terminal: what is typed goes in, what the screen shows is awaited. */
export class Terminal {
  readonly #tell: (key: string, more: object) => void;
  /** What was shown and has not been looked at. */
  #unseen = '';
  /** All that was shown, with its control sequences. */
  #raw = '';
  #exitCode: number | undefined;
  #wake: () => void = () => {};

  constructor(tell: (key: string, more: object) => void) {
    this.#tell = tell;
  }

  /** All that was shown, with its control sequences. */
  get raw(): string {
    return this.#raw;
  }

  /** What `terminals.py` tells of it. */
  take(event: TerminalEvent): void {
    this.#raw += event.output ?? '';
    this.#unseen += event.output ?? '';
    this.#exitCode = event.ended;
    this.#wake();
  }

  /** Presses these keys. */
  type(keys: string): void {
    this.#tell('write', { text: keys });
  }

  /**
   * Presses Ctrl-C as soon as the program sleeps in a blocking call. Where the terminal makes a signal of the key, it
   * throws away what was written and is not shown yet: await first what is to be seen.
   */
  interrupt(): void {
    this.#tell('interrupt', {});
  }

  /** Types a line and Enter. Resolves when the line is shown, and its end. */
  async enter(line: string): Promise<void> {
    this.type(`${line}\r`);
    await this.shows(/^[^\n]*\n/);
  }

  /** Types a line and Enter. Resolves to what is shown between it and the next prompt. */
  async evaluate(line: string): Promise<string> {
    await this.enter(line);
    return this.answer();
  }

  /** Resolves to what is shown before the next prompt. */
  async answer(): Promise<string> {
    const [, shown = ''] = await this.shows(/^([^]*?)> $/);
    return shown.trimEnd();
  }

  /**
   * Resolves to the match when what is new on the screen has it; what is up to its end is not new any more.
   * Rejects when the program ends without.
   */
  shows(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#until(`it shows ${pattern}`, () => {
      const text = stripVTControlCharacters(this.#unseen).replaceAll('\r', '');
      const found = pattern.exec(text);
      if (found !== null) this.#unseen = text.slice(found.index + found[0].length);
      else if (this.#exitCode !== undefined) throw this.#failed(`ended before it shows ${pattern}`);
      return found;
    });
  }

  /** Resolves to the exit code, minus the signal's number for a program that a signal ended. */
  async ended(): Promise<number> {
    return (
      (
        await this.#until('it ends', () => (this.#exitCode === undefined ? null : [this.#exitCode]))
      )[0] ?? -1
    );
  }

  async #until<T>(what: string, look: () => T | null): Promise<T> {
    const deadline = performance.now() + DEADLINE_MS;
    for (;;) {
      const found = look();
      if (found !== null) return found;
      const left = deadline - performance.now();
      if (left <= 0) throw this.#failed(`waited in vain until ${what}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  #failed(what: string): Error {
    return new Error(`the terminal ${what}; unseen: ${JSON.stringify(this.#unseen)}`);
  }
}
