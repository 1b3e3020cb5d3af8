/**
 * typeByte: the first byte says what kind of frame it is, and with that where it ends.
 *
 * ```
 *   | 01 | 8 bytes          |          { 1: 8,
 *   | 02 | length | so many |            2: lengthPrefixed('u16'),
 *   | 03 | text ... | 00    |            3: delimited('\0') }
 * ```
 */
import { CutFraming } from '../cutting/cut-framing.ts';
import { FrameFault } from '../cutting/frame-fault.ts';
import type { Content } from '../contents/content.ts';
import type { ComposableFraming } from '../framing.ts';
import type { FramingOptions } from '../limits.ts';
import { fixedLength } from './fixed-length.ts';
import { HeadedPlan, type BodyOf } from './headed.ts';
import type { BodyFraming } from './headed-cutter.ts';

/** For each type, how many bytes follow, or how they are framed. */
export type TypeTable = Readonly<Record<number, number | ComposableFraming<unknown>>>;

/** A frame of one of the types in a table; its type says what its content is. */
export type TypedFrame<Table extends TypeTable> = {
  readonly [Type in keyof Table & number]: {
    readonly type: Type;
    readonly content: BodyOf<Table[Type]>;
  };
}[keyof Table & number];

/** The type alone: a byte as a number. */
const TYPE: Content<number> = {
  keepsBytes: false,
  read: (bytes, start) => bytes[start] ?? 0,
  lengthOf: () => 1,
  write: (type, target, at) => {
    target[at] = type;
  },
};

/**
 * Frames that begin with a byte for their type. A type that is not in the table loses the framing (`type-unknown`).
 *
 * The limit is what the longest entry of the table needs, unless `maxLength` says less. The limits of the framings in
 * the table count as well, what they say of frames above them (`overlong`) does not.
 *
 * @throws RangeError when a type is no byte, or there is none; TypeError when an entry is neither a number nor a framing.
 * @example
 * ```ts
 * const framing = typeByte({ 1: 8, 2: lengthPrefixed('u16', { content: text() }) });
 * for await (const frame of readFrames(socket, framing)) {
 *   if (frame.type === 2) console.log(frame.content); // a string
 * }
 * ```
 */
export function typeByte<const Table extends TypeTable>(
  table: Table,
  options: FramingOptions = {},
): ComposableFraming<TypedFrame<Table>> {
  for (const [type, entry] of Object.entries(table)) {
    checkEntry(type, entry);
    checkFraming(type, entry);
  }
  const entries = new Map(Object.entries(table).map(([type, entry]) => [Number(type), entry]));
  if (entries.size === 0)
    throw new RangeError('tell frames apart by their type: the table is empty');
  const plan = new HeadedPlan<
    number,
    unknown,
    { readonly type: number; readonly content: unknown }
  >(
    {
      head: fixedLength(1, { content: TYPE }),
      bodyOf: (type) => entries.get(type) ?? refuse(type),
      join: (type, content) => ({ type, content }),
      headOf: (frame) => frame.type,
      contentOf: (frame) => frame.content,
    },
    { ...options, maxLength: limitOf(table, options) },
  );
  // What a table's entries are is known to the compiler, and not to the code that looks them up.
  return new CutFraming(plan) as unknown as ComposableFraming<TypedFrame<Table>>;
}

/** The limit that is asked for, or what the longest entry needs. */
function limitOf(table: TypeTable, { maxLength }: FramingOptions): number {
  const lengths = Object.values(table).map((entry) => {
    return typeof entry === 'number' ? entry : entry.maxLength;
  });
  return maxLength ?? Math.min(Math.max(...lengths) + 1, Number.MAX_SAFE_INTEGER);
}

function checkEntry(type: string, entry: BodyFraming<unknown>): void {
  if (!/^[0-9]{1,3}$/.test(type) || Number(type) > 255) {
    throw new RangeError(`tell frames apart by type '${type}': a type is a byte, 0 to 255`);
  }
  if (typeof entry === 'number' && (!Number.isSafeInteger(entry) || entry < 0)) {
    throw new RangeError(
      `let ${entry} bytes follow type ${type}: give a whole number, not below 0`,
    );
  }
}

/** @throws TypeError */
function checkFraming(type: string, entry: unknown): void {
  if (typeof entry === 'number' || (entry as Partial<ComposableFraming<unknown>> | null)?.plan)
    return;
  throw new TypeError(
    `let a frame follow type ${type}: give a number of bytes, or a framing that is not switching, such as lines()`,
  );
}

function refuse(type: number): never {
  throw new FrameFault('type-unknown', `read a frame of type ${type}: it is not in the table`, {
    field: 'type',
  });
}
