/**
 * Coverage: how many inputs ended in what, so that one can see whether all ends are reached.
 *
 * An input is a message or an error that came out of a decoder, or a message given to an encoder: what
 * stands behind a fatal error in its stream was never looked at, and does not count. The same goes for
 * frames of framings, which are counted by themselves.
 */

/** What decoding an input can end in. */
export const DECODED = [
  'json',
  'binary',
  'header-too-large',
  'header-invalid',
  'length-invalid',
  'content-too-large',
  'encoding-unknown',
  'content-invalid',
  'truncated',
] as const; // the items are keys

/** What encoding an input can end in. */
export const ENCODED = [
  'written',
  'header-invalid',
  'header-too-large',
  'content-too-large',
  'encoding-unknown',
  'content-invalid',
  'buffer-full',
] as const; // the items are keys

/** What cutting a frame out of a stream can end in. */
export const UNFRAMED = [
  'frame',
  'frame-too-large',
  'length-invalid',
  'delimiter-missing',
  'type-unknown',
  'content-invalid',
  'truncated',
  'closed',
] as const; // the items are keys

/** What writing a frame can end in. */
export const FRAMED = ['written', 'frame-invalid', 'frame-too-large', 'type-unknown'] as const; // the items are keys

/** Which way an input goes. */
export type Direction = 'decoded' | 'encoded' | 'unframed' | 'framed';

/** Where an input ended: the direction, and what came of it. */
export type End =
  | `decoded ${(typeof DECODED)[number]}`
  | `encoded ${(typeof ENCODED)[number]}`
  | `unframed ${(typeof UNFRAMED)[number]}`
  | `framed ${(typeof FRAMED)[number]}`;

/** What else is counted, so that one can see that it happens. */
export const NOTED = 'recognised headers';

/** Every end, in the order in which they are shown. */
export const ENDS: readonly End[] = [
  ...DECODED.map((end) => `decoded ${end}` as const),
  ...ENCODED.map((end) => `encoded ${end}` as const),
  ...UNFRAMED.map((end) => `unframed ${end}` as const),
  ...FRAMED.map((end) => `framed ${end}` as const),
];

/** The numbers of inputs by end; a plain object, so that it can be sent between threads. */
export type Counts = Readonly<Record<string, number>>;

/** Counts inputs. */
export class Coverage {
  readonly #counts = new Map<string, number>(ENDS.map((end) => [end, 0]));
  #inputs = 0;

  /** How many inputs were counted. */
  get inputs(): number {
    return this.#inputs;
  }

  /** Counts an input. One that ends where none can end is counted under that name. */
  count(direction: Direction, end: string): void {
    const key = `${direction} ${end}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    this.#inputs++;
  }

  /** Counts what is no input. */
  note(name: typeof NOTED, times: number): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + times);
  }

  /** The counts as they are now. */
  toCounts(): Counts {
    return Object.fromEntries(this.#counts);
  }
}

/** The ends that no input reached. */
export function missingEnds(counts: Counts): readonly End[] {
  return ENDS.filter((end) => (counts[end] ?? 0) === 0);
}

/** The counts as a table for people. */
export function showCounts(counts: Counts): string {
  const entries = Object.entries(counts);
  const nameWidth = Math.max(...entries.map(([name]) => name.length));
  const numbers = entries.map(([, count]) => showNumber(count));
  const numberWidth = Math.max(...numbers.map((text) => text.length));
  return entries
    .map(([name], index) => {
      const number = (numbers[index] ?? '').padStart(numberWidth);
      return `  ${name.padEnd(nameWidth)}  ${number}`;
    })
    .join('\n');
}

/** A number with separators, `1,000,000`. */
export function showNumber(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
