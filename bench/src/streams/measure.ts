/** One measurement: a server of its own, a body as a warm-up, and a body that counts. */
import {
  cpuBetween,
  forgetPeak,
  readCpu,
  readResidentMemory,
  type CpuReading,
} from '../process-cost.ts';
import { leastDisturbed } from '../disturbance.ts';
import { pinned, type Processors } from '../processors.ts';
import { Program } from '../program.ts';
import type { Entrant } from '../suite/contestant.ts';
import type { Body, Lengths } from './body.ts';
import type { StreamContestant } from './contestants.ts';

/** What a body cost. */
export interface Sample {
  readonly bytesPerSecond: number;
  /** CPU time of the server per byte, in nanoseconds; the next two are its parts. */
  readonly cpu: number;
  readonly user: number;
  readonly system: number;
  /** Memory of the server in bytes, shared pages included: before the first body, and the most until the last's end. */
  readonly atRest: number;
  readonly peak: number;
  /** How much of its processor the client took, 0 to 1. */
  readonly clientShare: number;
  /** How much of the time the server or the client, whichever more, waited for its processor, 0 to 1. */
  readonly disturbance: number;
}

/** A contestant that can be started here. */
export interface StreamEntrant extends Entrant {
  readonly protocol: StreamContestant['protocol'];
}

/** How it is measured. */
export interface MeasureOptions {
  /** The path of `bench/load/stream.c`, compiled. */
  readonly client: string;
  readonly body: Body;
  readonly lengths: Lengths;
  readonly processors: Processors | undefined;
  /** How often a measurement is made, at most, when other programs disturb it. */
  readonly tries: number;
}

/** What the client reports; times in seconds. */
interface StreamReport {
  readonly bytes: number;
  readonly seconds: number;
  readonly user: number;
  readonly system: number;
  readonly waited: number;
}

/** Measures, again when that was disturbed. */
export function measure(entrant: StreamEntrant, options: MeasureOptions): Promise<Sample> {
  return leastDisturbed(options.tries, () => measureOnce(entrant, options));
}

async function measureOnce(entrant: StreamEntrant, options: MeasureOptions): Promise<Sample> {
  const { lengths, processors } = options;
  const { name } = entrant.contestant;
  const server = await Program.start(name, pinned(entrant.command, processors?.server));
  try {
    const port = Number((await server.says(/listening on \S+:(\d+)/))[1]);
    const send = (bytes: number): Promise<StreamReport> =>
      stream({ ...options, server, port, bytes, protocol: entrant.protocol });
    forgetPeak(server.pid);
    const atRest = readResidentMemory(server.pid).now;
    await send(lengths.warmUp);
    const before = readCpu(server.pid);
    const report = await send(lengths.measured);
    const after = readCpu(server.pid);
    const { peak } = readResidentMemory(server.pid);
    return { ...createSample(report, { before, after }), atRest, peak };
  } finally {
    server.kill();
    await server.ended();
  }
}

/** Lets the client send or receive one body, and check that all of it came. */
async function stream(
  options: MeasureOptions & {
    readonly server: Program;
    readonly port: number;
    readonly bytes: number;
    readonly protocol: StreamContestant['protocol'];
  },
): Promise<StreamReport> {
  const { client, body, processors, server, port, bytes, protocol } = options;
  const command = [client, protocol, body.direction, ...[port, bytes, body.part].map(String)];
  const program = await Program.start(
    `the client of ${server.name}`,
    pinned(command, processors?.client),
  );
  try {
    return JSON.parse(await program.result()) as StreamReport; // printed by our own program
  } catch (error) {
    // Often the server is to blame, and knows more.
    const words = server.lastWords || 'nothing';
    throw new Error(`stream a body: ${String(error)}; ${server.name} said: ${words}`, {
      cause: error,
    });
  }
}

function createSample(
  { bytes, seconds, ...client }: StreamReport,
  { before, after }: { readonly before: CpuReading; readonly after: CpuReading },
): Omit<Sample, 'atRest' | 'peak'> {
  const { user, system, waited } = cpuBetween(before, after);
  const perByte = (us: number): number => (us * 1000) / bytes;
  return {
    bytesPerSecond: bytes / seconds,
    cpu: perByte(user + system),
    user: perByte(user),
    system: perByte(system),
    clientShare: (client.user + client.system) / seconds,
    disturbance: Math.max(waited / 1e6, client.waited) / seconds,
  };
}
