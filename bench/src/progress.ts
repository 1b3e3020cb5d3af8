/** Progress on standard error: one line that changes on a terminal, one line per stage elsewhere. */
import { isatty } from 'node:tty';
import pc from 'picocolors';

const { dim } = pc.createColors(isatty(2) && !process.env['NO_COLOR']);

const CLEAR_LINE = '\r\u001B[K';

/** Says what the benchmark is doing. */
export class Progress {
  #stage = '';

  /** Begins a stage. */
  begin(stage: string): void {
    this.#stage = stage;
    if (process.stderr.isTTY) this.step('');
    else process.stderr.write(`${stage} ...\n`);
  }

  /** Says what of the stage is going on; on a terminal only. */
  step(detail: string): void {
    if (process.stderr.isTTY) process.stderr.write(`${CLEAR_LINE}${this.#stage}  ${dim(detail)}`);
  }

  /** Says something that stays. */
  note(text: string): void {
    this.clear();
    process.stderr.write(`${text}\n`);
  }

  /** Leaves nothing half-written behind. */
  clear(): void {
    if (process.stderr.isTTY) process.stderr.write(CLEAR_LINE);
  }
}
