/** The contestants: servers that send back what they receive, whatever it is. */
import { BUN_VERSION } from '../bun.ts';
import type { Contestant } from '../suite/contestant.ts';

/** All of them; those of ours first. */
export const CONTESTANTS: readonly Contestant[] = [
  {
    name: 'wireline-callbacks',
    description:
      '`@wireline/socket/event-loop`: a handler per connection, the shared receive buffer',
    launch: { runtime: 'node', script: 'bench/servers/echo-callbacks.mjs' },
  },
  {
    name: 'wireline-awaited',
    description: '`@wireline/socket/promises`: `for await` over chunks, `await sendAll`',
    launch: { runtime: 'node', script: 'bench/servers/echo-awaited.mjs' },
  },
  {
    name: 'wireline-awaited-into',
    description: 'the same with `recvInto` and one buffer per connection',
    launch: { runtime: 'node', script: 'bench/servers/echo-awaited-into.mjs' },
  },
  {
    name: 'node-net',
    description: "`node:net`: `on('data')` and `write`, with back-pressure",
    launch: { runtime: 'node', script: 'bench/servers/echo-node.mjs' },
  },
  {
    name: 'bun',
    description: `\`Bun.listen\` of Bun ${BUN_VERSION}, with what a socket did not take kept for \`drain\``,
    launch: { runtime: 'bun', script: 'bench/servers/echo-bun.mjs' },
  },
  {
    name: 'c-epoll',
    description: 'C, epoll, `recv` and `send`: the limit of what can be had',
    launch: { runtime: 'c', source: 'bench/servers/echo-epoll.c' },
  },
];

/** Those of ours. */
export const SUBJECTS: readonly string[] = CONTESTANTS.map(({ name }) => name).filter((name) =>
  name.startsWith('wireline-'),
);
