/**
 * StructError: a format that is none, or values and bytes that do not fit it.
 *
 * One class, as Python has one `struct.error`: all of these are mistakes of the program or of the peer about one
 * layout, and the facts tell which. What is no bytes at all where a buffer belongs is a TypeError, as there.
 */

/** What is known of a {@link StructError}; what does not apply is left out. */
export interface StructErrorFacts {
  /** The whole format. */
  readonly format: string;
  /** Where in the format the fault is, from 0. */
  readonly formatIndex?: number;
  /** Which value is at fault, counted from 1. */
  readonly valueNumber?: number;
  /** How many values or bytes there should have been. */
  readonly expected?: number;
  /** How many there were. */
  readonly actual?: number;
}

/**
 * A format cannot be compiled, or values or bytes do not fit it.
 *
 * @example
 * ```ts
 * try {
 *   pack('>HH', 1, 70_000);
 * } catch (error) {
 *   if (!(error instanceof StructError)) throw error;
 *   error.message; // pack '>HH': value 2 is 70000; expected an integer from 0 to 65535
 *   error.valueNumber; // 2
 * }
 * ```
 */
export class StructError extends Error {
  override readonly name = 'StructError';
  readonly code = 'struct-error';
  /** The whole format; the message shows the beginning of a long one. */
  readonly format: string;
  /** Where in the format the fault is, from 0; undefined when the format is sound. */
  readonly formatIndex: number | undefined;
  /** Which value is at fault, counted from 1 as in the message; undefined when it is none of them. */
  readonly valueNumber: number | undefined;
  /** How many values or bytes there should have been, where that is what is wrong. */
  readonly expected: number | undefined;
  /** How many there were. */
  readonly actual: number | undefined;

  /**
   * @param attempt the call, `pack`
   * @param problem what was met and what to change: `2 values; expected 3`
   */
  constructor(attempt: string, problem: string, facts: StructErrorFacts) {
    super(`${attempt} ${shown(facts.format)}: ${problem}`);
    this.format = facts.format;
    this.formatIndex = facts.formatIndex;
    this.valueNumber = facts.valueNumber;
    this.expected = facts.expected;
    this.actual = facts.actual;
  }
}

/** As much as one line has room for: formats and values may be of any length. */
const LONGEST_SHOWN = 60;

/** A value, or a part of a format, as messages show it: `70000`, `5n`, `'text'`, `3 bytes`, `a function`. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${shortened(value)}'`;
  if (typeof value === 'bigint') return `${shortened(String(value))}n`;
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
  if (typeof value !== 'object' || value === null)
    return Object.is(value, -0) ? '-0' : String(value);
  if (value instanceof Uint8Array) return counted(value.length, 'byte');
  return typeof value.constructor === 'function'
    ? `an object of class ${value.constructor.name}`
    : 'an object';
}

/** `1 byte`, `2 bytes`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function shortened(text: string): string {
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}...`;
}
