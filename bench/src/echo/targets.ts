/** What `@wireline/socket` is to reach. */
import type { Target } from '../suite/target.ts';

/** All of it. */
export const TARGETS: readonly Target[] = [
  { kind: 'ratio', scenario: '50', subject: 'wireline-callbacks', peer: 'c-epoll', atLeast: 0.85 },
  { kind: 'ratio', scenario: '50', subject: 'wireline-callbacks', peer: 'bun', atLeast: 1 },
  { kind: 'ratio', scenario: '50', subject: 'wireline-awaited', peer: 'c-epoll', atLeast: 0.7 },
  { kind: 'memory', subject: 'wireline-awaited', atMost: 2048 },
  // None at all: 100 µs a second is less than a timer takes that fires ten times a second.
  { kind: 'rest', subject: 'wireline-awaited', atMost: 100 },
];
