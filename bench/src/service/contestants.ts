/** The contestants: servers that all answer the same look-up, each in its own protocol. */
import { withVersion } from '../package-version.ts';
import type { Contestant } from '../suite/contestant.ts';
import { GRPC } from './exchanges/grpc.ts';
import { HTTP } from './exchanges/http.ts';
import { WEBSOCKET } from './exchanges/websocket.ts';
import { WIRELINE } from './exchanges/wireline.ts';
import { ZMTP } from './exchanges/zmtp.ts';

/** What we ship. */
export const SHIPPED = 'wireline';

/** Ours: those that the others are compared with. */
export const SUBJECTS: readonly string[] = [SHIPPED, 'wireline-zod'];

/** All of them; ours first. Who names no exchange speaks the protocol of Wireline. */
export const CONTESTANTS: readonly Contestant[] = [
  {
    name: SHIPPED,
    description: '`wireline serve --quiet` as it is shipped, with all limits and time-outs',
    launch: {
      runtime: 'node',
      script: 'packages/cli/bin/wireline.js',
      args: ['serve', '--quiet', '127.0.0.1', '0'],
    },
  },
  {
    name: 'wireline-zod',
    description: `\`@wireline/service\` with a contract: requests and answers are checked by ${withVersion('zod')}`,
    launch: { runtime: 'node', script: 'bench/servers/wireline-zod.mjs' },
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
    name: 'go-net',
    description: 'Go `net` and `encoding/json`, a goroutine per connection',
    launch: { runtime: 'go', source: 'bench/servers/search.go' },
  },
  {
    name: 'fastify',
    description: `${withVersion('fastify')}: HTTP/1.1, a route with schemas`,
    launch: { runtime: 'node', script: 'bench/servers/fastify.mjs' },
    exchange: HTTP,
  },
  {
    name: 'ws',
    description: `${withVersion('ws')}: WebSockets, JSON in text messages`,
    launch: { runtime: 'node', script: 'bench/servers/ws.mjs' },
    exchange: WEBSOCKET,
  },
  {
    name: 'grpc-js',
    description: `${withVersion('@grpc/grpc-js')}: unary calls, JSON as serializer`,
    launch: { runtime: 'node', script: 'bench/servers/grpc.mjs' },
    exchange: GRPC,
  },
  {
    name: 'zeromq',
    description: `${withVersion('zeromq')}: a ROUTER, JSON in the body`,
    launch: { runtime: 'node', script: 'bench/servers/zeromq.mjs' },
    exchange: ZMTP,
  },
  {
    name: 'python-selectors',
    description: 'Python `selectors`, as the guide has it, keeping connections',
    launch: { runtime: 'python', script: 'bench/servers/python_selectors.py' },
  },
  {
    name: 'c-epoll',
    description: 'C, epoll, counts bytes and sends a canned answer: the limit of what can be had',
    launch: {
      runtime: 'c',
      source: 'bench/servers/epoll.c',
      args: [String(WIRELINE.request.length)],
    },
  },
];
