/** The contestants: servers that all answer the same request. */
import type { Contestant } from '../suite/contestant.ts';
import { REQUEST } from './exchange.ts';

/** The one that the others are compared with. */
export const SUBJECT = 'wireline';

/** All of them. */
export const CONTESTANTS: readonly Contestant[] = [
  {
    name: SUBJECT,
    description: '`wireline serve --quiet` as it is shipped, with all limits and time-outs',
    launch: {
      runtime: 'node',
      script: 'packages/cli/bin/wireline.js',
      args: ['serve', '--quiet', '127.0.0.1', '0'],
    },
  },
  {
    name: 'node-plain',
    description: '`node:net`, header and content through `JSON`, a write per answer',
    launch: { runtime: 'node', script: 'bench/servers/node-plain.mjs' },
  },
  {
    name: 'node-tuned',
    description: '`node:net`, known headers, a write per chunk',
    launch: { runtime: 'node', script: 'bench/servers/node-tuned.mjs' },
  },
  {
    name: 'python-selectors',
    description: 'Python `selectors`, as the guide has it, keeping connections',
    launch: { runtime: 'python', script: 'bench/servers/python_selectors.py' },
  },
  {
    name: 'c-epoll',
    description: 'C, epoll, counts bytes and sends a canned answer: the limit of what can be had',
    launch: { runtime: 'c', source: 'bench/servers/epoll.c', args: [String(REQUEST.length)] },
  },
];
