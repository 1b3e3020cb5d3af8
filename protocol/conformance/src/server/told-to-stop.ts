/** How many `stop` of a server were told to stop. */
import { performance } from 'node:perf_hooks';
import type { ServerTrial } from '../trial/check.ts';
import { UnmetError } from '../trial/unmet.ts';
import * as ask from '../wire/requests.ts';

/** Asks the server. */
export async function countStopped(trial: ServerTrial): Promise<number> {
  const channel = await trial.open();
  channel.send(ask.stopped());
  const { value } = await channel.next('{"stopped": N}');
  const stopped = value?.['stopped'];
  if (typeof stopped !== 'number') {
    throw new UnmetError('{"stopped": N}', `came ${JSON.stringify(value)}`);
  }
  await channel.finish();
  return stopped;
}

/** Asks until it is so many, or time is over. What is told to stop may take a moment to hear it. */
export async function expectStopped(trial: ServerTrial, expected: number): Promise<void> {
  const until = performance.now() + trial.timeoutMs;
  let stopped = await countStopped(trial);
  while (stopped < expected && performance.now() < until) stopped = await countStopped(trial);
  if (stopped === expected) return;
  throw new UnmetError(`{"stopped": ${expected}}`, `came {"stopped": ${stopped}}`);
}
