/**
 * Evaluations: whether the prompt evaluates a line just now, and how far that is.
 *
 * ```
 *   idle --line--> running --returned, to be awaited--> awaiting --settled--> idle
 *                     '---------------- ended --------------------------------^
 * ```
 *
 * Node does not say so: it calls back with a value, but shows an error and the next prompt by itself. So the next
 * prompt is taken for the end, except behind an error that came from elsewhere, from a timer or a promise that nobody
 * awaited: Node shows a prompt after those, too.
 *
 * What Tab has evaluated is no line, and is kept from doing anything; but Node 20 runs a getter that stands before
 * the last dot.
 */
import { Recoverable, type REPLServer } from 'node:repl';

/** What the prompt is doing. */
export type EvaluationState = 'idle' | 'running' | 'awaiting';

type EvaluationDone = (error: Error | null, result?: unknown) => void;
type Evaluate = (code: string, context: unknown, file: string, done: EvaluationDone) => void;

/** Follows the evaluations of a prompt. */
export class Evaluations {
  #state: EvaluationState = 'idle';
  /** Errors from elsewhere whose prompt is still to come. */
  #strays = 0;
  #isIncomplete = false;
  readonly #whenIdle: (() => void)[] = [];

  constructor(server: REPLServer) {
    this.#followCode(server);
    this.#followPrompts(server);
    process.on('uncaughtExceptionMonitor', () => {
      this.#strays += 1;
    });
  }

  /** What the prompt is doing. */
  get state(): EvaluationState {
    return this.#state;
  }

  /** Whether what was typed goes on in the next line. */
  get isIncomplete(): boolean {
    return this.#isIncomplete;
  }

  /** Resolves when no line is being evaluated. */
  async idle(): Promise<void> {
    if (this.#state === 'idle') return;
    await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  #followCode(server: REPLServer): void {
    const evaluate = server.eval as Evaluate; // its types say less than its documentation
    let entered = false;
    server.prependListener('line', (line: string) => {
      entered = true;
      if (/^\s*\.(break|clear)\s*$/.test(line)) this.#isIncomplete = false;
    });
    const followed: Evaluate = (code, context, file, done) => {
      if (!entered) {
        if (mayAct(code)) done(null);
        else evaluate.call(server, code, context, file, done);
        return;
      }
      entered = false;
      this.#state = 'running';
      this.#isIncomplete = false;
      evaluate.call(server, code, context, file, (...outcome) => {
        this.#isIncomplete = outcome[0] instanceof Recoverable;
        this.#end();
        done(...outcome);
      });
      if (this.#state === 'running') this.#state = 'awaiting';
    };
    Object.assign(server, { eval: followed }); // read-only for the types
  }

  #followPrompts(server: REPLServer): void {
    const displayPrompt = server.displayPrompt.bind(server);
    server.displayPrompt = (preserveCursor) => {
      if (this.#strays > 0) this.#strays -= 1;
      else this.#end();
      if (server.terminal) displayPrompt(preserveCursor); // a file is not prompted
    };
  }

  #end(): void {
    this.#state = 'idle';
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}

/**
 * Whether evaluating `code` may do more than look something up. Tab evaluates what stands before the last dot, and
 * must neither call nor change anything.
 */
function mayAct(code: string): boolean {
  return /[(`=]|\+\+|--/.test(code);
}
