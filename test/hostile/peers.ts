/**
 * Peers in numbers: the roles of `peers.py`, each in a process of its own, so that their sockets do not
 * count among ours.
 */
import { expect } from 'vitest';
import { Program } from '../support/program.ts';
import { ANSWER_DEADLINE_MS, ATTACK_DEADLINE_MS, within } from './deadlines.ts';

/** A role of `peers.py`; its docstrings say what each does. */
export type Role = 'crowd' | 'flood' | 'resets' | 'greedy' | 'hoard' | 'queue' | 'sip';

/** Starts to play `role` against the server at `port`. */
export function startPeers(role: Role, port: number, ...args: readonly string[]): Program {
  return Program.start('python3', ['test/hostile/peers.py', role, String(port), ...args], {
    deadlineMs: ATTACK_DEADLINE_MS,
  });
}

/** Waits for the peers to have done all that they meant to. */
export async function expectDone(peers: Program): Promise<void> {
  expect(await peers.exited()).toMatchObject({ code: 0, stderr: '' });
}

/** Tells peers that hold connections to let go of them, and waits for it. */
export async function expectDismissed(peers: Program): Promise<void> {
  peers.tell('go');
  await expectDone(peers);
}

/** What has become of the peers of a queue. */
export interface QueueCount {
  readonly answered: number;
  /** Ended or reset by the server before they were answered. */
  readonly ended: number;
  readonly waiting: number;
}

let counts = 0;

/** Asks a queue what has become of its peers. */
export async function countPeers(queue: Program): Promise<QueueCount> {
  counts += 1;
  queue.tell(`count ${counts}`);
  const [, ...numbers] = await within(
    queue.says(new RegExp(`^${counts}: (\\d+) answered, (\\d+) ended, (\\d+) waiting$`, 'm')),
    { ms: ANSWER_DEADLINE_MS, what: 'the count of a queue' },
  );
  const [answered = 0, ended = 0, waiting = 0] = numbers.map(Number);
  return { answered, ended, waiting };
}
