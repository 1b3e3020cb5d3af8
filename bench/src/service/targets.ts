/** What `wireline serve` is to reach. */
import type { Target } from '../suite/target.ts';
import { SUBJECT } from './contestants.ts';

/** All of it. */
export const TARGETS: readonly Target[] = [
  { kind: 'ratio', scenario: '50', subject: SUBJECT, peer: 'node-plain', atLeast: 1.6 },
  { kind: 'ratio', scenario: '50', subject: SUBJECT, peer: 'c-epoll', atLeast: 0.75 },
  { kind: 'ratio', scenario: '50x16', subject: SUBJECT, peer: 'node-plain', atLeast: 5 },
  { kind: 'ratio', scenario: 'connect', subject: SUBJECT, peer: 'node-plain', atLeast: 1.4 },
  { kind: 'memory', subject: SUBJECT, atMost: 1024 },
];
