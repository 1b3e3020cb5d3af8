/** The contestants: servers that take or send a long body. */
import type { Contestant } from '../suite/contestant.ts';

/** A server, and what has to be spoken with it; `bench/load/stream.c` says what that is. */
export interface StreamContestant extends Contestant {
  readonly protocol: 'wireline' | 'raw';
}

/** Ours. */
export const SUBJECT = 'wireline';

/** The limit of what can be had. */
export const PEER = 'c-epoll';

/** All of them. */
export const CONTESTANTS: readonly StreamContestant[] = [
  {
    name: SUBJECT,
    description:
      '`@wireline/service` with a contract: `for await` over the parts of a request, a generator for those of an answer',
    launch: { runtime: 'node', script: 'bench/servers/wireline-streams.mjs' },
    protocol: 'wireline',
  },
  {
    name: PEER,
    description:
      'C, epoll, no protocol: receives 64 KiB and throws them away, or sends 64 KiB again and again',
    launch: { runtime: 'c', source: 'bench/servers/stream-epoll.c' },
    protocol: 'raw',
  },
];
