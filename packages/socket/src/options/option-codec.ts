/**
 * Option values to bytes and back, with errors that name the option.
 */
import { inspect } from 'node:util';
import type { OptionEntry } from './option-entry.ts';
import {
  OPTIONS,
  type OptionName,
  type OptionValue,
  type SettableOptionName,
} from './option-table.ts';
import type { ValueKind } from './value-kind.ts';
import { VALUE_KINDS } from './value-kinds.ts';

/**
 * The bytes that `setsockopt` takes for `value`.
 *
 * @throws TypeError when `value` has another type than the option, or when the option can only be read.
 * @throws RangeError when it has the type, and the option still cannot hold it.
 *
 * @example
 * ```ts
 * encodeOption('TCP_KEEPIDLE', 60); // 3c 00 00 00
 * ```
 */
export function encodeOption<Name extends SettableOptionName>(
  name: Name,
  value: OptionValue<Name>,
): Uint8Array {
  const entry: OptionEntry = OPTIONS[name];
  // Types say so already, to those who have them.
  if (entry.access === 'read') throw new TypeError(`set ${name}: it can only be read`);
  const kind: ValueKind<unknown> = VALUE_KINDS[entry.kind];
  const bytes = kind.encode(value);
  if (bytes !== undefined) return bytes;
  const unit = entry.unit === undefined ? '' : ` (${entry.unit})`;
  const message = `set ${name} to ${inspect(value, INSPECTION)}: expected ${kind.expected}${unit}`;
  throw typeof value === kind.type ? new RangeError(message) : new TypeError(message);
}

/**
 * The value in the bytes that `getsockopt` gave: as many as it said, which may be fewer than there was
 * room for.
 *
 * @throws RangeError when there are too few, or when the value has no name here.
 *
 * @example
 * ```ts
 * decodeOption('TCP_NODELAY', Uint8Array.of(1, 0, 0, 0)); // true
 * ```
 */
export function decodeOption<Name extends OptionName>(
  name: Name,
  bytes: Uint8Array,
): OptionValue<Name> {
  const { kind: kindName, level, number }: OptionEntry = OPTIONS[name];
  const kind: ValueKind<unknown> = VALUE_KINDS[kindName];
  if (bytes.length < kind.least) {
    throw new RangeError(
      `read ${name}: the kernel gave ${bytes.length} bytes, where ${kind.c} has at least ${kind.least}`,
    );
  }
  const value = kind.decode(bytes);
  if (value === undefined) {
    throw new RangeError(
      `read ${name}: [${bytes.join(', ')}] has no name here; read it by number, getsockopt(${level}, ${number})`,
    );
  }
  // The kind that the table gives to the name is the one that decoded it.
  return value as OptionValue<Name>;
}

/**
 * The room in bytes to give to `getsockopt`.
 *
 * @throws TypeError when the option can only be set.
 */
export function optionRoom(name: OptionName): number {
  const { access, kind }: OptionEntry = OPTIONS[name];
  if (access === 'write') throw new TypeError(`read ${name}: it can only be set`);
  return VALUE_KINDS[kind].room;
}

/** What is shown of a value that does not fit: on one line, and not much of it. */
const INSPECTION = { breakLength: Infinity, depth: 1, maxArrayLength: 8, maxStringLength: 64 };
