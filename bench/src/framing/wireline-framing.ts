/** Wireline's framings for the conditions. */
import {
  delimited,
  lengthPrefixed,
  lines,
  type ComposableFraming,
  type Content,
} from '@wireline/framing';
import { LENGTH_DIGITS } from './contents.ts';
import type { Delimitation } from './condition.ts';
import type { Task } from './consumer.ts';

/** The longest prefix or line end there is here; a limit counts the whole frame. */
const AROUND = 8;

/** What a framing lets through unless told, which is enough for small frames. */
const ORDINARY_LIMIT = 1024 * 1024;

/** The limit that lets the frames of a task through. */
export function limitOf({ longest }: Pick<Task, 'longest'>): number {
  return Math.max(ORDINARY_LIMIT, longest + AROUND);
}

/** The framing that gives texts of lines and bytes of everything else. */
export function framingOf(
  task: Pick<Task, 'delimitation' | 'longest'>,
): ComposableFraming<string | Uint8Array> {
  const maxLength = limitOf(task);
  switch (task.delimitation) {
    case 'lines':
      return lines({ maxLength });
    case 'newline':
      return delimited('\n', { maxLength });
    case 'varint':
    case 'u32':
      return lengthPrefixed(task.delimitation, { maxLength });
  }
}

/** The framing that gives the numbers which small frames begin with, read where they lie. */
export function numbersFramingOf(delimitation: Delimitation): ComposableFraming<number> {
  switch (delimitation) {
    case 'lines':
      return delimited(['\n', '\r\n'], { content: FIRST_NUMBER });
    case 'newline':
      return delimited('\n', { content: FIRST_NUMBER });
    case 'varint':
    case 'u32':
      return lengthPrefixed(delimitation, { content: FIRST_NUMBER });
  }
}

const ZERO = 0x30;

/** A content of which only the number in front is wanted. */
const FIRST_NUMBER: Content<number> = {
  keepsBytes: false,
  read(bytes, start) {
    let number = 0;
    for (let at = start; at < start + LENGTH_DIGITS; at++) {
      number = number * 10 + (bytes[at] ?? 0) - ZERO;
    }
    return number;
  },
  lengthOf: () => LENGTH_DIGITS,
  write(number, target, at) {
    target.set(Buffer.from(String(number).padStart(LENGTH_DIGITS, '0')), at);
  },
};
