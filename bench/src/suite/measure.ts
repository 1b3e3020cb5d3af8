/** One measurement of one contestant: what a load costs it, or what an idle connection does. */
import { setTimeout as delay } from 'node:timers/promises';
import { leastDisturbed } from '../disturbance.ts';
import { cpuBetween, readCpu, readPrivateBytes } from '../process-cost.ts';
import type { LoadClient } from './load-client.ts';
import type { IdleScenario, LoadScenario } from './scenario.ts';
import type { HeapUse, ServerProcess } from './server-process.ts';

/** Times in microseconds, except where a name says otherwise. */
export interface LoadSample {
  readonly requestsPerSecond: number;
  /** CPU time of the server per request; the next two are its parts. */
  readonly cpu: number;
  readonly user: number;
  readonly system: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** How much of its processor the load client took, 0 to 1. At 1 it is the bottleneck. */
  readonly clientShare: number;
  /**
   * How much of the time the server or the client, whichever more, could have run and had to wait for its
   * processor, 0 to 1. Next to nothing, unless other programs want the same processors.
   */
  readonly disturbance: number;
}

/** What idle connections cost; memory in bytes per connection. */
export interface IdleSample {
  /** Private memory of the process. */
  readonly memory: number;
  /** Of a JavaScript contestant: used heap, and what it holds outside of it. */
  readonly heap: number | undefined;
  /** CPU time that the server used meanwhile, in microseconds a second, if that was watched. */
  readonly cpu: number | undefined;
}

/** How a load is measured. */
export interface LoadOptions {
  readonly client: LoadClient;
  readonly scenario: LoadScenario;
  readonly seconds: number;
  /** How often a measurement is made, at most, when other programs disturb it. */
  readonly tries: number;
}

/** Measures what a load costs a server, again when that was disturbed. */
export function measureLoad(server: ServerProcess, options: LoadOptions): Promise<LoadSample> {
  return leastDisturbed(options.tries, () => measureLoadOnce(server, options));
}

/**
 * Puts a load on a server and reads what that cost it: from before the first connection until the last one is
 * closed, so that nothing has to be read while the load is on.
 */
async function measureLoadOnce(
  server: ServerProcess,
  { client, scenario, seconds }: LoadOptions,
): Promise<LoadSample> {
  const before = readCpu(server.pid);
  const load = await client.run(server, scenario, seconds);
  const after = readCpu(server.pid);
  const { user, system, waited } = cpuBetween(before, after);
  return {
    requestsPerSecond: load.requests / load.seconds,
    cpu: (user + system) / load.requests,
    user: user / load.requests,
    system: system / load.requests,
    p50: load.p50,
    p99: load.p99,
    max: load.max,
    clientShare: (load.user + load.system) / load.seconds,
    disturbance: Math.max(waited / 1e6, load.waited) / load.seconds,
  };
}

/**
 * Opens connections on a server that is warm and has none, reads by how much its memory has grown, and then,
 * if the scenario asks for it, watches what it does for some seconds while nobody asks it for anything.
 */
export async function measureIdle(
  server: ServerProcess,
  options: {
    readonly client: LoadClient;
    readonly scenario: IdleScenario;
    /** How long CPU time is watched. */
    readonly seconds: number;
  },
): Promise<IdleSample> {
  const { client, scenario, seconds } = options;
  const { connections } = scenario;
  const before = await readMemory(server);
  await using _held = await client.hold(server, connections);
  const after = await readMemory(server);
  return {
    memory: (after.bytes - before.bytes) / connections,
    heap:
      after.heap === undefined || before.heap === undefined
        ? undefined
        : (sizeOf(after.heap) - sizeOf(before.heap)) / connections,
    cpu: scenario.watchesCpu ? await watchCpu(server, seconds) : undefined,
  };
}

/** CPU time in microseconds a second, over some seconds. */
async function watchCpu(server: ServerProcess, seconds: number): Promise<number> {
  const began = performance.now();
  const before = readCpu(server.pid);
  await delay(seconds * 1000);
  const { user, system } = cpuBetween(before, readCpu(server.pid));
  return (user + system) / ((performance.now() - began) / 1000);
}

async function readMemory(
  server: ServerProcess,
): Promise<{ bytes: number; heap: HeapUse | undefined }> {
  const heap = await server.collect();
  return { bytes: readPrivateBytes(server.pid), heap };
}

function sizeOf({ heapUsed, external }: HeapUse): number {
  return heapUsed + external;
}
