/**
 * Stage: a network to play scenarios on. The same scenario is played on each: on a fake network that is
 * calm, on one that is rough with many seeds, and on real sockets, native ones and those of `node:net`, each of TCP
 * and of Unix.
 */
import {
  nativeNetwork,
  nodeNetwork,
  type ConnectionOptions,
  type Network,
} from '@wireline/service';
import { FakeNetwork, ManualClock, withSeeds } from '@wireline/service/testing';
import type { Endpoint } from '@wireline/socket';
import { systemClock, type Clock } from '@wireline/socket/event-loop';
import { expect } from 'vitest';
import { letTimePass } from '../support/let-time-pass.ts';

/** What a scenario needs of its stage. */
export interface Scene {
  readonly network: Network;
  /** Where to listen: the network finds a place that is free. */
  readonly anywhere: Endpoint;
  /** What servers and clients are given. */
  readonly options: Pick<ConnectionOptions, 'network' | 'clock'>;
  /** The clock in `options`. */
  readonly clock: Clock;
  /** The same with a clock that does not move by itself while anything else does: for time-outs. */
  readonly timed: {
    readonly network: Network;
    readonly anywhere: Endpoint;
    readonly clock: ManualClock;
  };
  /** Lets the time of `timed` pass until `promise` settles. */
  readonly pass: <T>(promise: Promise<T>) => Promise<T>;
  /** Waits until whatever goes on without the test has gone on. `progress` changes while it does. */
  readonly quiet: (progress: () => number) => Promise<void>;
  /** How many bytes a connection holds on its way at most, both ends' buffers in all. */
  readonly holds: number;
  /** A message of so many bytes is big here. */
  readonly big: number;
}

/** A kind of network. */
export interface Stage {
  readonly name: string;
  readonly play: (scenario: (scene: Scene) => Promise<void>) => Promise<void>;
}

/** A rough network plays each scenario this often, with another seed each time. */
const ROUGH_RUNS = 24;

/** Longer than all delays of a rough network, shorter than all time-outs of servers. */
const QUIET_MS = 5_000;

/** Rounds of Node's loop without progress after which a real connection has come to rest. */
const QUIET_ROUNDS = 50;

const LOOPBACK = { host: '127.0.0.1', port: 0 };

/** Linux lets a send buffer grow to 4 MiB (tcp_wmem) and a receive buffer to 6 MiB (tcp_rmem). */
const TCP_HOLDS = 10 * 1024 * 1024;

/** What waits in a Unix socket is on the sender's account alone: 208 KiB (wmem_default). */
const UNIX_HOLDS = 256 * 1024;

/** What waits within Node besides: 64 KiB to be sent, and what was read ahead, each way. */
const NODE_HOLDS = 512 * 1024;

/** Real sockets on loopback. */
const native = realStage('real sockets', nativeNetwork, { anywhere: LOOPBACK, holds: TCP_HOLDS });

/** Real Unix sockets, with names that the kernel chooses. */
const unix = realStage('real Unix sockets', nativeNetwork, {
  anywhere: { path: '' },
  holds: UNIX_HOLDS,
});

/** Node's sockets on loopback. */
const node = realStage('sockets of node:net', nodeNetwork, {
  anywhere: LOOPBACK,
  holds: TCP_HOLDS + NODE_HOLDS,
});

/** Node's Unix sockets. */
const nodeUnix = realStage('Unix sockets of node:net', nodeNetwork, {
  anywhere: { path: '' },
  holds: UNIX_HOLDS + NODE_HOLDS,
});

const calm: Stage = {
  name: 'a calm network',
  play: async (scenario) => {
    const network = new FakeNetwork();
    await network.until(playOn(network, scenario));
  },
};

const rough: Stage = {
  name: 'a rough network',
  play: (scenario) =>
    withSeeds({ luck: 'rough', runs: ROUGH_RUNS }, (network) => playOn(network, scenario)),
};

/** All of them. */
export const STAGES: readonly Stage[] = [calm, rough, native, unix, node, nodeUnix];

/** Sockets of the operating system. Time passes by itself, but for `timed`. */
function realStage(
  name: string,
  network: Network,
  { anywhere, holds }: Pick<Scene, 'anywhere' | 'holds'>,
): Stage {
  return {
    name,
    play: (scenario) => {
      const clock = new ManualClock();
      return scenario({
        network,
        anywhere,
        clock: systemClock,
        options: { network, clock: systemClock },
        timed: { network, anywhere, clock },
        pass: (promise) => letTimePass(clock, promise),
        quiet: quietRounds,
        holds,
        big: 8 * 1024 * 1024,
      });
    },
  };
}

/** Plays on a fake network, and sees that nothing is left of it. */
async function playOn(
  network: FakeNetwork,
  scenario: (scene: Scene) => Promise<void>,
): Promise<void> {
  const { clock } = network;
  await scenario({
    network,
    anywhere: LOOPBACK,
    clock,
    options: { network, clock },
    timed: { network, anywhere: LOOPBACK, clock },
    pass: (promise) => promise,
    quiet: () => network.advance(QUIET_MS),
    holds: 64 * 1024,
    big: 512 * 1024,
  });
  await network.settle();
  expect(network.leftovers()).toEqual([]);
}

async function quietRounds(progress: () => number): Promise<void> {
  let before: number | undefined;
  while (progress() !== before) {
    before = progress();
    for (let round = 0; round < QUIET_ROUNDS; round++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
