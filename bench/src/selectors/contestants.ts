/** The contestants: programs that wait again and again, with a selector each. */
import type { Contestant } from '../suite/contestant.ts';

/** A program of `programs/`. */
export interface SelectorContestant extends Contestant {
  /** Its arguments before those that all of them take. */
  readonly args: readonly string[];
  /** What the kernel is asked with: only those that ask in the same way are compared. */
  readonly way: 'epoll' | 'poll';
}

const WIRELINE = { runtime: 'node', script: 'bench/src/selectors/programs/wireline.mjs' } as const;
const PYTHON = { runtime: 'python', script: 'bench/src/selectors/programs/python.py' } as const;

/** All of them; those of ours first. */
export const CONTESTANTS: readonly SelectorContestant[] = [
  {
    name: 'wireline-epoll',
    description: '`EpollSelector` of `@wireline/socket/selectors`, `select()`',
    launch: WIRELINE,
    args: ['epoll'],
    way: 'epoll',
  },
  {
    name: 'wireline-epoll-awaited',
    description: 'the same, `await selector.ready()`',
    launch: WIRELINE,
    args: ['epoll-awaited'],
    way: 'epoll',
  },
  {
    name: 'wireline-poll',
    description: '`PollSelector`, `select()`',
    launch: WIRELINE,
    args: ['poll'],
    way: 'poll',
  },
  {
    name: 'python-epoll',
    description: "Python's `selectors.EpollSelector`",
    launch: PYTHON,
    args: ['epoll'],
    way: 'epoll',
  },
  {
    name: 'python-poll',
    description: "Python's `selectors.PollSelector`",
    launch: PYTHON,
    args: ['poll'],
    way: 'poll',
  },
  {
    name: 'c-epoll',
    description: 'C and `epoll_wait`: the limit of what can be had',
    launch: { runtime: 'c', source: 'bench/src/selectors/programs/selector-epoll.c' },
    args: [],
    way: 'epoll',
  },
];

/** Whether it is one of ours. */
export function isOurs(name: string): boolean {
  return name.startsWith('wireline-');
}

/** Those of others that ask the kernel as `name` does. */
export function peersOf(name: string): readonly string[] {
  const way = CONTESTANTS.find((each) => each.name === name)?.way;
  return CONTESTANTS.filter((each) => each.way === way && !isOurs(each.name)).map(
    (each) => each.name,
  );
}
