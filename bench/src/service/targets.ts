/** What a server of Wireline is to reach, whatever checks its requests and answers. */
import type { Target } from '../suite/target.ts';
import { SHIPPED, SUBJECTS } from './contestants.ts';

/** So many times as cheap as these, by scenario. */
const RATIOS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  '50': { 'c-epoll': 0.75, 'go-net': 1.5, 'node-plain': 1.6, fastify: 2, 'grpc-js': 6 },
  '50x16': { 'go-net': 1.5, 'node-plain': 5, ws: 5, 'grpc-js': 15 },
  connect: { 'go-net': 1, 'node-plain': 1.4 },
};

/** All of it. */
export const TARGETS: readonly Target[] = [
  ...SUBJECTS.flatMap((subject) =>
    Object.entries(RATIOS).flatMap(([scenario, peers]) =>
      Object.entries(peers).map(([peer, atLeast]): Target => ({
        kind: 'ratio',
        scenario,
        subject,
        peer,
        atLeast,
      })),
    ),
  ),
  { kind: 'memory', subject: SHIPPED, atMost: 1024 },
];
