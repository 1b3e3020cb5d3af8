/**
 * Interruptions: what Ctrl-C ends at the prompt, which is the call that waits, and not the prompt.
 *
 * - While a line runs, the terminal makes a signal of Ctrl-C. Node watches for it in another thread, and ends
 *   JavaScript from there: an endless loop, or a call of ours that blocks, which the signal wakes.
 * - While a line is awaited, Node gives up the waiting, but not what is waited for. The event loop does.
 * - At the prompt, Node drops what is typed, and leaves at the second Ctrl-C in a row.
 *
 * An awaited call that a line has begun before Ctrl-C ended it goes on: nobody awaits it.
 *
 * Imperfect: what blocks behind an `await` in the same line is not interrupted, the terminal makes no signals then.
 */
import { currentEventLoop } from '@wireline/socket/event-loop';
import type { REPLServer } from 'node:repl';
import type { Evaluations } from './evaluations.ts';

/** Has Ctrl-C end what `server` waits for. */
export function interruptWaits(server: REPLServer, evaluations: Evaluations): void {
  const listeners = server.listeners('SIGINT');
  server.removeAllListeners('SIGINT');
  server.on('SIGINT', () => {
    if (evaluations.state === 'running') {
      // It has ended the line, or will when the line is awaited.
      setImmediate(() => {
        if (evaluations.state === 'awaiting') server.emit('SIGINT');
      });
      return;
    }
    if (evaluations.state === 'awaiting') currentEventLoop().interrupt();
    for (const listener of listeners) listener.call(server);
  });
}
