/**
 * Takes frames out of a stream for some seconds, with one contestant, and prints as JSON what that cost.
 *
 *     node decode-program.js CONTESTANT CONDITION SECONDS WARM_UP_SECONDS
 *
 * The contestant has the process for itself. What it counts, frames and the sum of their lengths, must be what the
 * stream was made of; otherwise the program fails.
 */
import { createByteStream, type ByteStream } from './byte-stream.ts';
import { ChunkSource } from './chunk-source.ts';
import { CONDITIONS, type Condition } from './condition.ts';
import type { Consumer } from './consumer.ts';
import { CONTESTANTS } from './contestants.ts';
import { cpuBetween, readCpu } from '../process-cost.ts';
import type { Cost } from './measure.ts';

/**
 * When one pass of the warm-up took longer than this, it is the measurement: whoever is so slow is not slow for want
 * of compiled code.
 */
const LONG_PASS_SECONDS = 2;

const [contestantName, conditionName, ...times] = process.argv.slice(2);
const [seconds = 0, warmUpSeconds = 0] = times.map(Number);
const condition = named(CONDITIONS, conditionName);
const consumer = await named(CONTESTANTS, contestantName).load();
const stream = createByteStream(condition);

const warmUp = await run(warmUpSeconds, { consumer, condition, stream });
const isLong = warmUp.passes === 1 && warmUp.seconds > LONG_PASS_SECONDS;
const cost = isLong ? warmUp : await run(seconds, { consumer, condition, stream });
process.stdout.write(`${JSON.stringify(cost)}\n`);

async function run(
  forSeconds: number,
  parts: {
    readonly consumer: Consumer;
    readonly condition: Condition;
    readonly stream: ByteStream;
  },
): Promise<Cost> {
  const { delimitation, length: longest } = parts.condition;
  let frames = 0;
  let lengthSum = 0;
  const start = performance.now();
  const end = start + forSeconds * 1000;
  const source = new ChunkSource(parts.stream, () => performance.now() >= end);
  const before = readCpu(process.pid);
  await parts.consumer(source, {
    delimitation,
    longest,
    onFrame(frame) {
      frames += 1;
      lengthSum += typeof frame === 'number' ? frame : frame.length;
    },
  });
  const { user, system } = cpuBetween(before, readCpu(process.pid));
  const took = (performance.now() - start) / 1000;
  const { passes } = source;
  checkSum('frames', { counted: frames, expected: passes * parts.stream.frameCount });
  checkSum('lengths', { counted: lengthSum, expected: passes * parts.stream.lengthSum });
  return {
    passes,
    frames,
    bytes: passes * parts.stream.byteCount,
    cpu: user + system,
    seconds: took,
  };
}

function checkSum(
  what: string,
  { counted, expected }: { readonly counted: number; readonly expected: number },
): void {
  if (counted === expected) return;
  throw new Error(`count ${what} of ${conditionName}: ${counted} instead of ${expected}`);
}

function named<Entry extends { readonly name: string }>(
  entries: readonly Entry[],
  name: string | undefined,
): Entry {
  const found = entries.find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`find ${name}: there is no such name`);
  return found;
}
