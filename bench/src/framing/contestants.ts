/** The contestants: who takes part in which conditions, and what each one runs. */
import type { Condition, Delimitation, Group } from './condition.ts';
import type { Consumer } from './consumer.ts';

/** A way to take frames out of a stream. */
export interface FramingContestant {
  readonly name: string;
  /** For the reader of the results. */
  readonly description: string;
  readonly delimitations: readonly Delimitation[];
  readonly groups: readonly Group[];
  /** Whether frames may come as a list of pieces: who does not put them together is ahead without being compared. */
  readonly givesPieces: boolean;
  /** Loads what it runs, and nothing of the others: each is alone in its process. */
  load(): Promise<Consumer>;
}

/** All of them; those of ours first. */
export const CONTESTANTS: readonly FramingContestant[] = [
  contestant('wireline', {
    description: '`@wireline/framing`: `decoder.decode(buffer)` in a loop, `buffer.adopt(chunk)`',
    delimitations: ['lines', 'newline', 'varint', 'u32'],
    groups: ['small', 'large', 'growth'],
    load: async () => (await import('./consumers/wireline.ts')).consume,
  }),
  contestant('wireline-in-place', {
    description: 'the same with a `content` of the user that reads a number where the bytes lie',
    delimitations: ['lines', 'varint', 'u32'],
    groups: ['small'],
    load: async () => (await import('./consumers/wireline.ts')).consumeInPlace,
  }),
  contestant('wireline-frames', {
    description: '`for await (const frame of readFrames(chunks, framing))`',
    delimitations: ['lines', 'varint', 'u32'],
    load: async () => (await import('./consumers/wireline-frames.ts')).consume,
  }),
  contestant('wireline-transform', {
    description: '`createDecodeStream` of `@wireline/framing/node`, `pipe`, `data` events',
    delimitations: ['lines', 'varint', 'u32'],
    load: async () => (await import('./consumers/wireline-transform.ts')).consume,
  }),
  contestant('split2', {
    description: '`split2`, `pipe`, `data` events',
    delimitations: ['lines'],
    load: async () => (await import('./consumers/split2.ts')).consume,
  }),
  contestant('readline', {
    description: '`node:readline`, `line` events',
    delimitations: ['lines'],
    load: async () => (await import('./consumers/readline.ts')).consume,
  }),
  contestant('readline-awaited', {
    description: '`node:readline`, `for await`',
    delimitations: ['lines'],
    groups: ['small'],
    load: async () => (await import('./consumers/readline.ts')).consumeAwaited,
  }),
  contestant('length-prefixed-stream', {
    description: '`length-prefixed-stream`, `pipe`, `data` events',
    delimitations: ['varint'],
    load: async () => (await import('./consumers/length-prefixed-stream.ts')).consume,
  }),
  contestant('it-length-prefixed', {
    description: '`it-length-prefixed`, `for`, each frame in one piece: `.subarray()`',
    delimitations: ['varint', 'u32'],
    load: async () => (await import('./consumers/it-length-prefixed.ts')).consume,
  }),
  contestant('it-length-prefixed-awaited', {
    description: 'the same, `for await`',
    delimitations: ['varint', 'u32'],
    groups: ['small'],
    load: async () => (await import('./consumers/it-length-prefixed.ts')).consumeAwaited,
  }),
  contestant('it-length-prefixed-pieces', {
    description: '`it-length-prefixed`, `for`, each frame as the list of views that it is',
    delimitations: ['varint', 'u32'],
    givesPieces: true,
    load: async () => (await import('./consumers/it-length-prefixed.ts')).consumePieces,
  }),
];

function contestant(
  name: string,
  options: Pick<FramingContestant, 'description' | 'delimitations' | 'load'> &
    Partial<FramingContestant>,
): FramingContestant {
  return { name, groups: ['small', 'large'], givesPieces: false, ...options };
}

/** Whether it takes part in a condition. */
export function takesPart(
  { delimitations, groups }: FramingContestant,
  { delimitation, group }: Condition,
): boolean {
  return delimitations.includes(delimitation) && groups.includes(group);
}

/** Whether it is one of ours. */
export function isOurs(name: string): boolean {
  return name.startsWith('wireline');
}
